"""Calls of the audit log on their way to the flows of the functions that made them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf
from typing import Any, NamedTuple

import numpy as np

from coldtrail.assembly.copies import LONGEST_RUN_S
from coldtrail.assembly.join.counting import Counting
from coldtrail.assembly.join.functions import Functions, Named
from coldtrail.assembly.join.ids import LATEST_S, is_invoke, is_refused
from coldtrail.assembly.join.requests import Requests
from coldtrail.assembly.join.rows import Rows, key_of
from coldtrail.assembly.join.shelf import Shelf
from coldtrail.assembly.join.steps import TOLERANCE_S, WHOLE_S, Candidate, Choosing, Shapes
from coldtrail.assembly.masking import Masking
from coldtrail.features.batch import Floats
from coldtrail.records.columns import AnyFlow
from coldtrail.records.stage import State, joined, packed, part, unpacked
from coldtrail.records.tally import Tally
from coldtrail.records.witnesses import ApiCall, Witness

OTHERS, REFUSED, AGAIN = "of people and services", "that were refused an invocation", "told again"
Assigned = list[tuple[int, int]]
"""Numbers of calls, each with the place of its step, `EXTRA` or `UNSEEN`."""
_STATE: Any = tuple[dict[int, Assigned], dict[str, tuple[float, Named]]]


class Waiting(NamedTuple):
    """Flows that wait, in the order of their start."""

    numbers: Sequence[int]
    starts: Sequence[float]
    ends: Sequence[float]


def waiting_of(rows: Rows, names: Sequence[str], before: float) -> dict[str, Waiting]:
    """By function, the flows that start before then; the rows name functions by their places among the
    names."""
    begun = np.flatnonzero(rows["start"] < before)
    starts, ends, numbers, named = (rows[name][begun] for name in ("start", "end", "number", "name"))
    order = np.lexsort((numbers, starts, named))
    parts = np.split(order, np.flatnonzero(np.diff(named[order])) + 1) if len(order) else []
    return {
        names[int(named[some[0]])]: Waiting(
            numbers[some].tolist(), starts[some].tolist(), ends[some].tolist()
        )
        for some in parts
    }


class Calls:
    """Calls until their flow is given, or it is certain that there is none."""

    def __init__(self, witnesses: Shelf[Witness], masking: Masking, tally: Tally) -> None:
        self._witnesses, self._tally, self._counting = witnesses, tally, Counting(tally)
        self._choosing = Choosing(masking)
        self.functions, self.shapes, self.requests = Functions(), Shapes(), Requests()
        self._new = Rows(time="d", id="Q", number="q", known="q")
        self._names: set[str] = set()
        self.unmatched = Rows(time="d", number="q")
        """Those that no traced flow ran at the time of."""
        self.assigned: dict[int, Assigned] = {}
        """By the number of the flow."""

    def __len__(self) -> int:
        return len(self._new) + len(self.unmatched)

    def add(self, call: ApiCall, number: int) -> bool:
        """Whether a function may have made the call, which is then kept."""
        self.functions.learn(call)
        named = self.functions.of(call)
        if named is not None:
            self._names.add(named.name)
        elif not Functions.may_be_told(call):
            return False
        told_as = call.shared_id or f"{call.account} {call.event_id}"
        self._new.add(call.time, key_of(told_as), number, named is not None)
        return True

    @property
    def times(self) -> Floats:
        """Of the calls that were not assigned yet."""
        return self._new["time"]

    def call(self, number: int) -> ApiCall:
        """The call of a number."""
        call = self._witnesses[number]
        assert isinstance(call, ApiCall)
        return call

    def names(self) -> set[str]:
        """The functions that made calls, as far as what has come tells."""
        new = self._new
        unknown = new["number"][new["known"] == 0].tolist()
        named = (self.functions.of(self.call(number)) for number in unknown)
        return self._names | {one.name for one in named if one is not None}

    def sweep(
        self, until: float, waiting: Mapping[str, Waiting], flows: Shelf[AnyFlow], called: Mapping[str, float]
    ) -> None:
        """Assigns the calls up to a time, in its order, to the flows that wait, by function; `called` tells
        since when calls of a function are traced."""
        sweeping: dict[str, _Sweeping] = {}
        taken = list(self._taken(until))
        keys = np.array([key_of(call.request_id) for _, call, _ in taken], np.uint64)
        for (number, call, named), step in zip(taken, self.requests.steps(keys), strict=True):
            some = waiting.get(named.name)
            if some is None:
                self.unmatched.add(call.time, number)
                continue
            of = sweeping.get(named.name)
            if of is None:
                of = sweeping[named.name] = _Sweeping(some, flows, self)
            ran = [one for one in of.at(call.time) if named.is_of(one.flow.key)]
            is_traced = called.get(named.name, inf) <= call.time + TOLERANCE_S
            choice = self._choosing.choice(call, ran, step, is_traced=is_traced)
            if choice is None:
                self.unmatched.add(call.time, number)
                continue
            choice.candidate.take(call, choice.step)
            self.assigned.setdefault(choice.candidate.number, []).append((number, choice.step))

    def _taken(self, until: float) -> Iterator[tuple[int, ApiCall, Named]]:
        """The new calls of functions up to a time, by time, each once."""
        for numbers in self._copies(until):
            for number, call in self._each_once(numbers):
                named = self.functions.of(call)
                if named is None:
                    self._leave(number, call, of_nobody(call))
                else:
                    yield number, call, named

    def _copies(self, until: float) -> list[list[int]]:
        """The numbers of new calls up to a time, by time, those of one id together."""
        times, ids, numbers = self._new["time"], self._new["id"], self._new["number"]
        places = np.flatnonzero(times <= until)
        places = places[np.lexsort((ids[places], times[places]))]
        self._new.drop(places)
        out: list[list[int]] = []
        before: tuple[float, int] | None = None
        for time, id_, number in zip(*(one[places].tolist() for one in (times, ids, numbers)), strict=True):
            if before == (time, id_):
                out[-1].append(number)
            else:
                out.append([number])
                before = time, id_
        return out

    def _each_once(self, numbers: Sequence[int]) -> list[tuple[int, ApiCall]]:
        """Calls of one id and time without copies; where records differ, all stand, and that is told."""
        some = [(number, self.call(number)) for number in numbers]
        if len(some) == 1:
            return some
        some.sort(key=lambda one: _own_first(one[1]))
        kept = some[:1]
        for number, call in some[1:]:
            if call.shared_id is not None or any(call.digest == one.digest for _, one in kept):
                self._leave(number, call, AGAIN)
                continue
            kept.append((number, call))
            reason = "records with this event id differ; all of them are kept."
            self._tally.lose("contradictory call", origin=f"CloudTrail, event {call.event_id}", reason=reason)
        return kept

    def _leave(self, number: int, call: ApiCall, why: str) -> None:
        if not is_invoke(call):
            self._counting.left(call, why)
        self._witnesses.drop(number)

    def forget(self, horizon: float) -> None:
        """Forgets what no call that may still come asks for."""
        self.functions.forget(horizon)
        self.requests.forget(horizon - 2 * (LONGEST_RUN_S + LATEST_S))

    def state(self) -> State:
        """All of it, but the calls themselves."""
        parts = {"new": self._new.state(), "unmatched": self.unmatched.state()}
        parts["requests"] = self.requests.state()
        return joined(parts) | {"calls": packed((self.assigned, self.functions.state()))}

    def restore(self, state: State) -> None:
        """Go on from what `state` gave; raises `BundleError` where that is damaged."""
        self._new.restore(part(state, "new"))
        self.unmatched.restore(part(state, "unmatched"))
        requests = part(state, "requests")
        if requests:
            self.requests.restore(requests)
        self.assigned, issued = unpacked(state, "calls", _STATE)
        self.functions.restore(issued)
        known = self._new["number"][self._new["known"] != 0].tolist()
        found = (self.functions.of(self.call(number)) for number in known)
        self._names = {named.name for named in found if named is not None}

    def numbers(self) -> Iterator[int]:
        """Of all calls that are kept."""
        yield from self._new["number"].tolist()
        yield from self.unmatched["number"].tolist()
        for some in self.assigned.values():
            yield from (number for number, _ in some)


def of_nobody(call: ApiCall) -> str:
    """As what a call counts that no function made."""
    return REFUSED if is_refused(call) else OTHERS


def _own_first(call: ApiCall) -> tuple[bool, str, str, str]:
    """Orders what several accounts were told of one call: first what the caller's own was."""
    return call.account != call.principal_account, call.account, call.event_id, call.digest


class _Sweeping:
    """The flows of one function that run at a time which goes on."""

    def __init__(self, waiting: Waiting, flows: Shelf[AnyFlow], calls: Calls) -> None:
        self._waiting, self._flows, self._calls = waiting, flows, calls
        self._next = 0
        self._running: list[Candidate] = []

    def at(self, time: float) -> list[Candidate]:
        """The flows that may have run at a time of the audit log."""
        numbers, starts, ends = self._waiting
        first, last = time - TOLERANCE_S, time + WHOLE_S + TOLERANCE_S
        self._running = [one for one in self._running if one.flow.end_time >= first]
        while self._next < len(numbers) and starts[self._next] < last:
            if ends[self._next] >= first:
                self._running.append(self._candidate(numbers[self._next]))
            self._next += 1
        return self._running

    def _candidate(self, number: int) -> Candidate:
        made = Candidate(number, self._flows[number], self._calls.shapes)
        for call, step in self._calls.assigned.get(number, ()):
            made.take(self._calls.call(call), step)
        return made
