"""The traces that are still open, the one that came first first; of many, most lie outside of memory."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping

import msgspec

from coldtrail.assembly.held import Held, held, released
from coldtrail.assembly.held_whole import HeldWholes
from coldtrail.assembly.lean import LeanTrace
from coldtrail.assembly.trace import Trace
from coldtrail.records.stage import Store

MOST_EVENTS = 200_000
"""Events of records in memory, beyond which the traces that have waited longest are put in the store."""
MOST_IN_COLUMNS = 300_000
"""The same of traces that one document held whole, which take half the room."""
MOST_STEPS = 500_000
"""Of the shapes of those in the store; beyond it no more are put there until all of them are closed."""
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Held).decode


class OpenTraces(MutableMapping[str, Trace | LeanTrace]):
    """Open traces by id. What is asked for is the trace itself only until the next call of `settle`."""

    def __init__(
        self,
        store: Store | None = None,
        most_events: int = MOST_EVENTS,
        most_in_columns: int = MOST_IN_COLUMNS,
    ) -> None:
        """Without a store all are in memory."""
        self._store, self._most_events, self._most_in_columns = store, most_events, most_in_columns
        self._calls, self._each = 0, max(most_events // 200, 1)
        self._traces: dict[str, Trace | LeanTrace | int] = {}
        """A number tells where in the store a trace lies, from -1 downwards that of one in columns."""
        self._stored = 0
        self._near: dict[str, Trace] = {}
        """Records in memory."""
        self._in_columns: dict[str, LeanTrace] = {}
        """Columns in memory."""
        self._events_in_columns = 0
        self._wholes, self._away = HeldWholes(), 0
        """Those of which columns are in the store, and how many."""

    def __len__(self) -> int:
        return len(self._traces)

    def __iter__(self) -> Iterator[str]:
        return iter(self._traces)

    def __contains__(self, trace_id: object) -> bool:
        return trace_id in self._traces

    def __getitem__(self, trace_id: str) -> Trace | LeanTrace:
        trace = self._traces[trace_id]
        if not isinstance(trace, int):
            return trace
        return self._read(trace) if trace >= 0 else self._read_columns(~trace)

    def __setitem__(self, trace_id: str, trace: Trace | LeanTrace) -> None:
        if self._store is None:
            self._traces[trace_id] = trace
            return
        if trace_id in self._traces:
            self._leave_columns(trace_id)
        self._traces[trace_id] = trace
        if isinstance(trace, Trace):
            self._near[trace_id] = trace
        else:
            self._in_columns[trace_id] = trace
            self._events_in_columns += trace.events

    def __delitem__(self, trace_id: str) -> None:
        self._leave_columns(trace_id)
        del self._traces[trace_id]
        self._near.pop(trace_id, None)

    def taken(self, trace_id: str) -> Trace | LeanTrace:
        """A trace, which is then open no more."""
        trace = self[trace_id]
        self._leave_columns(trace_id)
        del self._traces[trace_id]
        self._near.pop(trace_id, None)
        return trace

    def _leave_columns(self, trace_id: str) -> None:
        """What is known of a trace so far counts no more as columns, here or in the store."""
        trace = self._in_columns.pop(trace_id, None)
        if trace is not None:
            self._events_in_columns -= trace.events
            return
        place = self._traces.get(trace_id)
        if isinstance(place, int) and place < 0:
            self._away -= 1
            if not self._away:
                self._wholes = HeldWholes()

    def settle(self) -> None:
        """Puts traces in the store where more than enough are in memory; they are counted now and then."""
        self._calls += 1
        if self._store is None:
            return
        if self._events_in_columns > self._most_in_columns and self._wholes.steps <= MOST_STEPS:
            self._put_columns_away(self._store)
        if self._calls % self._each:
            return
        if sum([trace.events for trace in self._near.values()]) <= self._most_events:
            return
        left = self._most_events // 2
        some = list(self._near.items())
        while some and left > 0:
            left -= some.pop()[1].events
        self._store.add([_encode(held(*one)) for one in some])
        for trace_id, _ in some:
            del self._near[trace_id]
            self._traces[trace_id] = self._stored
            self._stored += 1

    def _put_columns_away(self, store: Store) -> None:
        some = []
        for trace_id, trace in self._in_columns.items():
            if self._events_in_columns <= self._most_in_columns // 2:
                break
            self._events_in_columns -= trace.events
            some.append(trace_id)
        store.add([self._wholes.held(self._in_columns.pop(trace_id).whole) for trace_id in some])
        for trace_id in some:
            self._traces[trace_id] = ~self._stored
            self._stored += 1
        self._away += len(some)

    def _read_columns(self, number: int) -> LeanTrace:
        assert self._store is not None
        return LeanTrace(self._wholes.released(self._store.get(number)))

    def _read(self, number: int) -> Trace:
        assert self._store is not None
        return released(_decode(self._store.get(number)))
