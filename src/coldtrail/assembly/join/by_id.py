"""Witnesses that name the invocation that they tell of: by its request id, or by its trace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf

import numpy as np

from coldtrail.assembly.join.ids import Asked, function_told, request_told
from coldtrail.assembly.join.rows import NO_KEY, Rows, key_of
from coldtrail.assembly.join.steps import TOLERANCE_S
from coldtrail.features.batch import Ints
from coldtrail.features.hashing import Hashes
from coldtrail.records.identity import trace_key
from coldtrail.records.stage import State
from coldtrail.records.witnesses import ApiCall, Report, Witness


class ById:
    """Such witnesses, until they are taken."""

    def __init__(self) -> None:
        self.rows = Rows(request="Q", trace="Q", function="Q", span="Q", time="d", number="q")
        self._gone: set[int] = set()
        """Places of rows that were taken."""
        self._sought: _Sought | None = None

    def __len__(self) -> int:
        return len(self.rows) - len(self._gone)

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
        requests = np.array([one.request or sought.tied(one) for one in asked], np.uint64)
        by_request = sought.by_request.ranges(requests)
        traces = np.array([one.trace if one.first else NO_KEY for one in asked], np.uint64)
        by_trace = sought.by_trace.ranges(traces)
        gone = self._gone
        for places in zip(by_request, by_trace, strict=True):
            found = [*places[0], *places[1]]
            yield [(place, sought.numbers[place]) for place in found if place not in gone] if found else []

    def take(self, place: int) -> None:
        """Lets a witness go, which has found its flow."""
        self._gone.add(place)

    def unclaimed(self, awaited: Hashes, until: float) -> list[list[int]]:
        """The numbers of witnesses that no flow waits for, of which the first word came until then, those of
        one request together; they are let go. `awaited` are the requests of flows that wait."""
        self.settle()
        rows = self.rows
        request, time, number = rows["request"], rows["time"], rows["number"]
        named = np.flatnonzero((request != NO_KEY) & ~np.isin(request, awaited))
        named = named[np.lexsort((time[named], request[named]))]
        groups = np.split(named, np.flatnonzero(np.diff(request[named])) + 1) if len(named) else []
        first = [min(np.where(np.isfinite(time[one]), time[one], inf)) for one in groups]
        ready = [one for one, when in zip(groups, first, strict=True) if when <= until]
        alone = np.flatnonzero((request == NO_KEY) & (time <= until))
        ready += [alone[place : place + 1] for place in range(len(alone))]
        self._gone.update(place for one in ready for place in one.tolist())
        self.settle()
        return [number[one].tolist() for one in ready]

    def settle(self) -> None:
        """Makes room where witnesses were taken; places are others after that."""
        if self._gone:
            self.rows.drop(sorted(self._gone))
            self._gone, self._sought = set(), None

    def state(self) -> State:
        """All of them, once settled."""
        return self.rows.state()

    def restore(self, state: State) -> None:
        """Go on from what `state` gave; raises `BundleError` where that is damaged."""
        self.rows.restore(state)
        self._gone, self._sought = set(), None


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
        request, self._trace = rows["request"], rows["trace"]
        self._request = request
        self.numbers: list[int] = rows["number"].tolist()
        places = np.arange(len(request))
        self.by_request = _Sorted(request, places[request != NO_KEY])
        self.by_trace = _Sorted(self._trace, places[(request == NO_KEY) & (self._trace != NO_KEY)])
        self._time, self._function, self._span = rows["time"], rows["function"], rows["span"]
        self._ties: dict[tuple[int, int], dict[int, list[float]]] | None = None

    def tied(self, asked: Asked) -> int:
        """The request that a witness names together with the flow's trace and its id or its function."""
        if self._ties is None:
            self._ties = self._tied()
        flow, trace = asked.flow, asked.trace
        by_span = self._ties.get((trace, key_of(flow.function_flow_id)), {})
        told = by_span or self._ties.get((trace, key_of(flow.key.function)), {})
        if len(told) > 1:
            first, last = flow.start_time - TOLERANCE_S, flow.end_time + TOLERANCE_S
            told = {one: times for one, times in told.items() if any(first <= time <= last for time in times)}
        return next(iter(told)) if len(told) == 1 else NO_KEY

    def _tied(self) -> dict[tuple[int, int], dict[int, list[float]]]:
        """By trace and span, and by trace and function, the requests that are told of and when."""
        ties: dict[tuple[int, int], dict[int, list[float]]] = {}
        both = np.flatnonzero((self._request != NO_KEY) & (self._trace != NO_KEY))
        columns = (self._trace, self._function, self._span, self._request, self._time)
        for trace, function, span, request, time in zip(
            *(one[both].tolist() for one in columns), strict=True
        ):
            for part in (function, span):
                if part != NO_KEY:
                    ties.setdefault((trace, part), {}).setdefault(request, []).append(time)
        return ties
