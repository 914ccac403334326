"""The traces that are still open, the one that came first first; of many, records lie outside of memory."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping

import msgspec

from coldtrail.assembly.held import Held, held, released
from coldtrail.assembly.lean import LeanTrace
from coldtrail.assembly.trace import Trace
from coldtrail.records.stage import Store

MOST_EVENTS = 200_000
"""Events of records in memory, beyond which the traces that have waited longest are put in the store."""
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Held).decode


class OpenTraces(MutableMapping[str, Trace | LeanTrace]):
    """Open traces by id. What is asked for is the trace itself only until the next call of `settle`.

    A trace that one document held whole takes little room, and stays in memory.
    """

    def __init__(self, store: Store | None = None, most_events: int = MOST_EVENTS) -> None:
        """Without a store all are in memory."""
        self._store, self._most_events = store, most_events
        self._calls, self._each = 0, max(most_events // 200, 1)
        self._traces: dict[str, Trace | LeanTrace | int] = {}
        """A number tells where in the store a trace lies."""
        self._stored = 0
        self._near: dict[str, Trace] = {}
        """Records in memory."""

    def __len__(self) -> int:
        return len(self._traces)

    def __iter__(self) -> Iterator[str]:
        return iter(self._traces)

    def __contains__(self, trace_id: object) -> bool:
        return trace_id in self._traces

    def __getitem__(self, trace_id: str) -> Trace | LeanTrace:
        trace = self._traces[trace_id]
        return self._read(trace) if isinstance(trace, int) else trace

    def __setitem__(self, trace_id: str, trace: Trace | LeanTrace) -> None:
        self._traces[trace_id] = trace
        if self._store is not None and isinstance(trace, Trace):
            self._near[trace_id] = trace

    def __delitem__(self, trace_id: str) -> None:
        del self._traces[trace_id]
        self._near.pop(trace_id, None)

    def settle(self) -> None:
        """Puts traces in the store where more than enough are in memory; they are counted now and then."""
        self._calls += 1
        if self._store is None or self._calls % self._each:
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

    def _read(self, number: int) -> Trace:
        assert self._store is not None
        return released(_decode(self._store.get(number)))
