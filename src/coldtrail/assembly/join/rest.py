"""What is left once all flows of traces had their witnesses: invocations and calls that no trace tells of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from coldtrail.assembly.copies import LONGEST_RUN_S
from coldtrail.assembly.join.by_id import ById
from coldtrail.assembly.join.calls import AGAIN, Calls
from coldtrail.assembly.join.counting import Counting
from coldtrail.assembly.join.disputes import Disputes, Told, doubted
from coldtrail.assembly.join.facts import by_time, sorted_out
from coldtrail.assembly.join.functions import Named
from coldtrail.assembly.join.given import Given
from coldtrail.assembly.join.ids import CLOCKS_S, LATEST_S, function_told, is_invoke, request_told
from coldtrail.assembly.join.instances import INSTANCES_STATE, Instances
from coldtrail.assembly.join.shelf import Shelf
from coldtrail.assembly.join.since import Since
from coldtrail.assembly.join.steps import TOLERANCE_S, is_of_platform
from coldtrail.assembly.join.untraced import LONGEST_SESSION_S, TIMEOUT_S, Draft, Session, Untraced, draft_of
from coldtrail.features.hashing import Hashes
from coldtrail.records.flow import Flow
from coldtrail.records.stage import State, packed, unpacked
from coldtrail.records.witnesses import Access, ApiCall, Report, Witness


class _Open(Struct):
    """What may still grow."""

    drafts: list[Draft] = []
    """By their start."""
    sessions: dict[str, Session] = {}


class Rest:
    """Makes flows of what no trace tells of, and says what is left over, and why."""

    def __init__(
        self,
        witnesses: Shelf[Witness],
        calls: Calls,
        since: Since,
        counting: Counting,
        disputes: Disputes,
        making: Untraced,
    ) -> None:
        self._witnesses, self._calls, self._since = witnesses, calls, since
        self._counting, self._disputes, self._making = counting, disputes, making
        self.instances = Instances()
        self._open = _Open()

    @property
    def first_start(self) -> float:
        """Of all that may still become a flow, the first start; infinite where there is nothing."""
        drafts, sessions = self._open.drafts, self._open.sessions.values()
        starts = [one.start_time for one in drafts] + [one.first for one in sessions]
        return min(starts, default=inf)

    def flows(self, by_id: ById, awaited: Hashes, given: Given, until: float) -> Iterator[Flow]:
        """The flows that are certain now that all that tells of them until then has come, but for what tells
        of flows that still wait, by their requests."""
        self._begin(by_id, awaited, given, until)
        # A run that was named only at its end may have begun so much earlier, and made a call.
        until -= LONGEST_RUN_S + CLOCKS_S
        sweeping = _Drafts(self._open.drafts)
        for number, call in self._unmatched(until):
            function = self._calls.functions.of(call)
            assert function is not None
            draft = sweeping.of(call, function)
            if draft is not None:
                draft.take(number, call)
            elif is_of_platform(call):
                self._leave(number, call, "of the platform itself")
            elif self._since.is_traced(function, call.time + LATEST_S) or self._since.is_invoked(
                function, call.time + LATEST_S
            ):
                self._leave(number, call, "of runs that nothing else tells of")
            else:
                yield from self._go_on(number, call, function)
        yield from self._ended(until)

    def _begin(self, by_id: ById, awaited: Hashes, given: Given, until: float) -> None:
        """Drafts the invocations of which all is known by then that names them."""
        for numbers in by_id.unclaimed(awaited, until):
            for once in _by_time(self._each_once(numbers)):
                self._draft(self._believed(once, self._disputes.taken(once)), given)
        self._open.drafts.sort(key=lambda one: (one.start_time, one.function, self._first_id(one)))

    def _draft(self, told: Told, given: Given) -> None:
        """Drafts the invocation that witnesses name, if they tell enough of it and it had no flow."""
        if all(isinstance(one, Access) for _, one in told):
            self._leave_all(told, "of no run")
        elif given.names(one for _, one in told):
            self._leave_all(told, "that came too late")
        else:
            believed = self._believed(told, doubted(told))
            draft = draft_of(self._named(believed))
            if draft is None:
                self._leave_unmade(believed)
            else:
                self._open.drafts.append(draft)
                given.add(request_told(believed[0][1]))

    def _believed(self, told: Told, doubts: Mapping[int, str]) -> Told:
        """The witnesses without those that contradict others, which are told."""
        for number, witness in told:
            if number in doubts:
                self._counting.disputed(witness, doubts[number])
                self._witnesses.drop(number)
        return [one for one in told if one[0] not in doubts]

    def _named(self, told: Sequence[tuple[int, Witness]]) -> list[tuple[int, Witness]]:
        return [(number, self.instances.named(witness)) for number, witness in told]

    def _leave_unmade(self, told: Sequence[tuple[int, Witness]]) -> None:
        is_named = any(function_told(witness) for _, witness in self._named(told))
        reports = sum(isinstance(witness, Report) for _, witness in told)
        self._counting.unmade(reports, "time" if is_named else "function")
        self._leave_all(told, "without a function or a time")

    def _each_once(self, numbers: Sequence[int]) -> list[tuple[int, Witness]]:
        told: dict[Witness, int] = {}
        for number in numbers:
            witness = self._witnesses[number]
            if witness in told:
                self._leave_all([(number, witness)], AGAIN)
            else:
                told[witness] = number
        return [(number, witness) for witness, number in told.items()]

    def _first_id(self, draft: Draft) -> str:
        return min([request_told(self._witnesses[number]) or "" for number in draft.told])

    def _unmatched(self, until: float) -> list[tuple[int, ApiCall]]:
        """Calls that no traced flow ran at the time of, in order."""
        rows = self._calls.unmatched
        places = np.flatnonzero(rows["time"] <= until)
        numbers = rows["number"][places].tolist()
        rows.drop(places)
        return sorted(
            [(number, self._calls.call(number)) for number in numbers], key=lambda one: by_time(one[1])
        )

    def _go_on(self, number: int, call: ApiCall, function: Named) -> Iterator[Flow]:
        """Takes a call of a session, which begins anew after a pause."""
        name = call.session_function or call.session or function.name
        key = "\0".join((*function[:3], call.access_key or name))
        session = self._open.sessions.get(key)
        if session is not None and (
            call.time - session.last > TIMEOUT_S or call.time - session.first > LONGEST_SESSION_S
        ):
            yield self._session(session)
            session = None
        if session is None:
            self._open.sessions[key] = Session(function, name, call.time, call.time, [number])
        else:
            session.calls.append(number)
            session.last = call.time

    def _ended(self, until: float) -> Iterator[Flow]:
        drafts = self._open.drafts
        self._open.drafts = [one for one in drafts if one.latest + 2 * TOLERANCE_S > until]
        for draft in drafts:
            if draft.latest + 2 * TOLERANCE_S <= until:
                yield self._invocation(draft)
        for key, session in list(self._open.sessions.items()):
            if session.last + TIMEOUT_S < until:
                del self._open.sessions[key]
                yield self._session(session)

    def _invocation(self, draft: Draft) -> Flow:
        told = [self._witnesses[number] for number in draft.told]
        calls = [self._calls.call(number) for number in draft.calls]
        self._counting.made(told, calls)
        self._drop([*draft.told, *draft.calls])
        is_traced = self._since.is_traced(draft.function, draft.latest + LATEST_S)
        return self._making.invocation(draft, sorted_out(told, calls, ()), is_traced=is_traced)

    def _session(self, session: Session) -> Flow:
        calls = [self._calls.call(number) for number in session.calls]
        self._counting.made((), calls)
        self._drop(session.calls)
        return self._making.session(session, calls)

    def _leave_all(self, told: Iterable[tuple[int, Witness]], why: str) -> None:
        for number, witness in told:
            self._counting.left(witness, why)
            self._witnesses.drop(number)

    def _leave(self, number: int, call: ApiCall, why: str) -> None:
        if not is_invoke(call):
            self._counting.left(call, why)
        self._witnesses.drop(number)

    def _drop(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self._witnesses.drop(number)

    def numbers(self) -> Iterator[int]:
        """Of all witnesses that are kept."""
        for draft in self._open.drafts:
            yield from (*draft.told, *draft.calls)
        for session in self._open.sessions.values():
            yield from session.calls

    def state(self) -> State:
        """What may still grow."""
        return {"rest": packed(self._open), "instances": packed(self.instances.state())}

    def restore(self, state: State) -> None:
        """Go on from what `state` gave; raises `BundleError` where that is damaged."""
        self._open = unpacked(state, "rest", _Open)
        if "instances" in state:
            self.instances.restore(unpacked(state, "instances", INSTANCES_STATE))


def _by_time(told: Told) -> Iterator[Told]:
    """Witnesses of one request, parted by when all of those have come that a run may be told of by."""
    undated = [one for one in told if one[1].time is None]
    dated = [(one[1].time, one) for one in told if one[1].time is not None]
    dated.sort(key=lambda one: one[0])
    some, last = undated, inf
    for time, one in dated:
        if time >= last:
            yield some
            some, last = [], inf
        last = min(last, time + LONGEST_RUN_S + LATEST_S)
        some.append(one)
    yield some


class _Running(NamedTuple):
    """The invocations of one function that run, and those that will."""

    running: list[Draft]
    later: list[Draft]
    """The next one last."""


class _Drafts:
    """Invocations by function, at a time which goes on."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self._of: dict[str, _Running] = {}
        for draft in reversed(drafts):
            self._of.setdefault(draft.function.name, _Running([], [])).later.append(draft)

    def of(self, call: ApiCall, function: Named) -> Draft | None:
        """The likeliest of the function's invocations that may have made the call."""
        some = self._of.get(function.name)
        if some is None:
            return None
        running, later = some
        while later and later[-1].start_time <= call.time + 2 * TOLERANCE_S:
            running.append(later.pop())
        running[:] = [one for one in running if one.latest >= call.time - TOLERANCE_S]
        fit = [one for one in running if one.covers(call) and one.function.may_be(function)]
        return min(fit, key=lambda one: one.rank(call), default=None)
