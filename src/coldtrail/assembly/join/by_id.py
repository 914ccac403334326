"""Witnesses that name the invocation that they tell of: by its request id, or by its trace."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from math import inf

import numpy as np

from coldtrail.assembly.copies import LONGEST_RUN_S
from coldtrail.assembly.join.ids import LATEST_S, Asked, function_told, request_told
from coldtrail.assembly.join.rows import NO_KEY, Rows, key_of
from coldtrail.assembly.join.steps import TOLERANCE_S
from coldtrail.features.batch import Floats, Ints
from coldtrail.features.hashing import Hashes
from coldtrail.records.identity import trace_key
from coldtrail.records.stage import State
from coldtrail.records.witnesses import ApiCall, Report, Witness


class ById:
    """Such witnesses, until they are taken."""

    def __init__(self) -> None:
        self.rows = Rows(request="Q", trace="Q", function="Q", span="Q", time="d", number="q")
        self._gone, self._taken = bytearray(), 0
        """By place, whether the row was taken; and how many were. Rows that are new have no mark yet."""
        self._sought: _Sought | None = None

    def __len__(self) -> int:
        return len(self.rows) - self._taken

    @property
    def due(self) -> Floats:
        """Until when what is told of the invocations of witnesses may come."""
        return self.rows["time"] + (LONGEST_RUN_S + LATEST_S)

    def add(self, witness: Witness, number: int) -> bool:
        """Whether the witness names an invocation, and is kept."""
        trace = None if isinstance(witness, ApiCall) else witness.trace_id
        request, key = key_of(request_told(witness)), key_of(trace_key(trace) if trace else None)
        if request == NO_KEY and (key == NO_KEY or isinstance(witness, Report)):
            return False
        self._sought = None
        function = span = NO_KEY
        if key != NO_KEY:
            function = key_of(function_told(witness))
            span = key_of(witness.span_id) if isinstance(witness, Report) else NO_KEY
        self.rows.add(request, key, function, span, -inf if witness.time is None else witness.time, number)
        return True

    def near(self, asked: Sequence[Asked]) -> Iterator[list[tuple[int, int]]]:
        """For each flow the witnesses that may tell of it: their places and their numbers."""
        sought = self._sought = self._sought or _Sought(self.rows)
        self._mark()
        requests = np.array([one.request or sought.tied(one) for one in asked], np.uint64)
        by_request = sought.by_request.ranges(requests)
        traces = np.array([one.trace if one.first else NO_KEY for one in asked], np.uint64)
        by_trace = sought.by_trace.ranges(traces)
        gone = self._gone
        for places in zip(by_request, by_trace, strict=True):
            found = [*places[0], *places[1]]
            yield [(place, sought.numbers[place]) for place in found if not gone[place]] if found else []

    def take(self, place: int) -> None:
        """Lets a witness go, which has found its flow."""
        self._gone[place] = True
        self._taken += 1

    def _mark(self) -> None:
        """Has a mark for each row."""
        self._gone.extend(bytes(len(self.rows) - len(self._gone)))

    def unclaimed(self, awaited: Hashes, until: float) -> list[list[int]]:
        """The numbers of witnesses that no flow waits for, of which the first word came until then, those of
        one request together; they are let go. `awaited` are the requests of flows that wait."""
        self._mark()
        rows, gone = self.rows, np.frombuffer(self._gone, np.bool_)
        request, time = rows["request"], rows["time"]
        early = ~gone & (time <= until)
        begun = early & (request != NO_KEY) & ((time > -inf) | (until == inf))
        whose = np.unique(request[begun])
        named = np.flatnonzero(~gone & np.isin(request, whose[~np.isin(whose, awaited)]))
        named = named[np.lexsort((time[named], request[named]))]
        groups = np.split(named, np.flatnonzero(np.diff(request[named])) + 1) if len(named) else []
        alone = np.flatnonzero(early & (request == NO_KEY))
        numbers = rows["number"]
        ready = [numbers[one].tolist() for one in groups] + [[one] for one in numbers[alone].tolist()]
        for place in (*named.tolist(), *alone.tolist()):
            self.take(place)
        return ready

    def make_room(self) -> None:
        """Settles where many were taken, so that the others are put in order seldom."""
        if self._taken > len(self.rows) // 4:
            self.settle()

    def settle(self) -> None:
        """Lets go of the rows of witnesses that were taken; places are others after that."""
        if self._taken:
            self._mark()
            self.rows.drop(np.frombuffer(bytes(self._gone), np.bool_))
            self._gone, self._taken, self._sought = bytearray(), 0, None

    def state(self) -> State:
        """All of them, once settled."""
        return self.rows.state()

    def restore(self, state: State) -> None:
        """Go on from what `state` gave; raises `BundleError` where that is damaged."""
        self.rows.restore(state)
        self._gone, self._taken, self._sought = bytearray(), 0, None


class _Sorted:
    """Places by key."""

    def __init__(self, keys: Hashes, places: Ints) -> None:
        order = np.argsort(keys[places], kind="stable")
        self._places: Ints = places[order]
        self._keys = keys[self._places]

    def ranges(self, keys: Hashes) -> Iterator[list[int]]:
        """For each key the places that have it; none for `NO_KEY`, which no place has."""
        first = np.searchsorted(self._keys, keys, side="left").tolist()
        last = np.searchsorted(self._keys, keys, side="right").tolist()
        for low, high in zip(first, last, strict=True):
            yield self._places[low:high].tolist() if high > low else []


class _Sought:
    """The rows in the orders in which they are sought."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        request, trace = rows["request"], rows["trace"]
        self.numbers = array("q", rows["number"].tobytes())
        self.by_request = _Sorted(request, np.flatnonzero(request != NO_KEY))
        self.by_trace = _Sorted(trace, np.flatnonzero((request == NO_KEY) & (trace != NO_KEY)))
        self._ties: _Ties | None = None

    def tied(self, asked: Asked) -> int:
        """The request that a witness names together with the flow's trace and its id or its function."""
        self._ties = self._ties or _Ties(self._rows)
        flow, told = asked.flow, self._ties.of(asked.trace)
        some = told.get(key_of(flow.function_flow_id)) or told.get(key_of(flow.key.function)) or {}
        if len(some) > 1:
            first, last = flow.start_time - TOLERANCE_S, flow.end_time + TOLERANCE_S
            some = {one: times for one, times in some.items() if any(first <= time <= last for time in times)}
        return next(iter(some)) if len(some) == 1 else NO_KEY


class _Ties:
    """Witnesses that name both a trace and a request."""

    def __init__(self, rows: Rows) -> None:
        trace = rows["trace"]
        both = np.flatnonzero((rows["request"] != NO_KEY) & (trace != NO_KEY))
        self._by_trace = _Sorted(trace[both], np.arange(len(both)))
        self._columns = [rows[name][both] for name in ("function", "span", "request", "time")]

    def of(self, trace: int) -> dict[int, dict[int, list[float]]]:
        """Of a trace, by function and by span, the requests that are told of and when."""
        told: dict[int, dict[int, list[float]]] = {}
        (places,) = self._by_trace.ranges(np.array([trace], np.uint64))
        for function, span, request, time in zip(
            *(one[places].tolist() for one in self._columns), strict=True
        ):
            for part in (function, span):
                if part != NO_KEY:
                    told.setdefault(part, {}).setdefault(request, []).append(time)
        return told
