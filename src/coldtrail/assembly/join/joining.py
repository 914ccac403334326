"""The flow of each invocation with what all its witnesses tell, and flows of those that no trace tells of.

Flows and witnesses meet, in this order, by the invocation's request id; by its trace, where a witness names
the trace together with the span or the function (`by_id.py`); and calls of the audit log by the function
whose credentials made them and their time (`calls.py`). What is left makes flows of its own, or is counted
with the reason (`rest.py`). Where nothing but traces comes, the stage does nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby
from math import inf
from operator import attrgetter

import numpy as np

from coldtrail.assembly.applications import Applications
from coldtrail.assembly.copies import LONGEST_RUN_S
from coldtrail.assembly.join.by_id import ById
from coldtrail.assembly.join.calls import AGAIN, Calls, of_nobody, waiting_of
from coldtrail.assembly.join.counting import Counting
from coldtrail.assembly.join.disputes import Disputes, disputed
from coldtrail.assembly.join.facts import sorted_out, with_facts
from coldtrail.assembly.join.functions import Named, named_by
from coldtrail.assembly.join.given import Given
from coldtrail.assembly.join.held_flows import HeldFlows, held_witness, released_witness
from coldtrail.assembly.join.ids import CLOCKS_S, LATEST_S, Asked, asked_of, is_invoke, those_of
from coldtrail.assembly.join.rest import Rest
from coldtrail.assembly.join.rows import Rows
from coldtrail.assembly.join.shelf import Shelf
from coldtrail.assembly.join.since import SINCE_STATE, Makers, Since
from coldtrail.assembly.join.steps import UNSEEN
from coldtrail.assembly.join.stretches import stretches
from coldtrail.assembly.join.untraced import Untraced
from coldtrail.assembly.masking import Masking
from coldtrail.config import Settings
from coldtrail.features.lean import whole
from coldtrail.records.columns import AnyFlow, LeanFlow
from coldtrail.records.flow import Flow
from coldtrail.records.stage import State, Store, array, joined, packed, part, unpacked
from coldtrail.records.tally import Tally
from coldtrail.records.witnesses import ApiCall, Report, Witness

MOST_FLOWS, MOST_WITNESSES = 20_000, 40_000
"""Of those that wait, in memory where there is a store."""
_AT_ONCE = 4_096
BY_START = attrgetter("start_time", "function_flow_id", "application_flow_id")
_TRACE = attrgetter("application_flow_id")


class Joining:
    """Flows and witnesses to flows with facts."""

    def __init__(
        self, settings: Settings, tally: Tally, store: Store | None = None, *, expecting: bool = False
    ) -> None:
        """`expecting` says that other witnesses than traces will come, so that flows wait for them from the
        first one on; else they do once one has come."""
        self.active = expecting
        masking, applications = Masking(settings.limits.max_name_chars), Applications(settings.applications)
        held, beside = HeldFlows(), None if store is None else store.beside()
        self._flows: Shelf[AnyFlow] = Shelf(store, held.held, held.released, MOST_FLOWS)
        self._witnesses: Shelf[Witness] = Shelf(beside, held_witness, released_witness, MOST_WITNESSES)
        self._waiting = Rows(start="d", end="d", request="Q", trace="Q", first="q", name="q", number="q")
        self._names: dict[str, int] = {}
        """Of functions, with the numbers that stand for them."""
        self._by_id = ById()
        self._calls = Calls(self._witnesses, masking, tally)
        self.requests = self._calls.requests
        """Which steps made which requests."""
        self._since, self._makers = Since(), Makers()
        self._counting = Counting(tally)
        making = Untraced(applications, masking, settings.limits.max_events_per_flow)
        self._disputes, counting = Disputes(), self._counting
        self._rest = Rest(self._witnesses, self._calls, self._since, counting, self._disputes, making)
        self._given = Given()
        self._horizon = -inf

    def push(self, batch: Iterable[AnyFlow | Witness]) -> list[AnyFlow]:
        """Takes flows, those of one trace one after another, and witnesses; gives nothing yet."""
        flows: list[AnyFlow] = []
        for one in batch:
            if isinstance(one, Flow | LeanFlow):
                flows.append(one)
            else:
                self.take(one)
        self.hold(flows)
        return []

    def take(self, witness: Witness) -> None:
        """Takes a witness."""
        self.active = True
        self._counting.read(witness)
        number = self._witnesses.add(witness)
        if isinstance(witness, ApiCall):
            self._take_call(witness, number)
        elif not self._by_id.add(witness, number):
            self._rest.instances.see(witness)
            what = "of instances" if isinstance(witness, Report) else "of no run"
            self._counting.left(witness, what)
            self._witnesses.drop(number)

    def _take_call(self, call: ApiCall, number: int) -> None:
        begins = is_invoke(call)
        if begins:
            self._by_id.add(call, number)
            named = named_by(call.target or "")
            account = named.account or call.target_account or call.account
            self._since.see_invoke(Named(account, "", named.name), call.time)
            number = self._witnesses.add(call)
        if not self._calls.add(call, number):
            if not begins:
                self._counting.left(call, of_nobody(call))
            self._witnesses.drop(number)

    def hold(self, flows: Iterable[AnyFlow]) -> None:
        """Lets flows wait, of each trace all that are there together."""
        for asked in asked_of(flows):
            self._since.see(asked.flow, self._makers)
            self._wait(asked)

    def _wait(self, asked: Asked) -> None:
        flow = asked.flow
        name = self._names.setdefault(flow.key.function, len(self._names))
        times = flow.start_time, flow.end_time
        self._waiting.add(*times, asked.request, asked.trace, asked.first, name, self._flows.add(flow))

    def note(self, flows: Iterable[AnyFlow]) -> None:
        """Remembers flows that were given while the stage did nothing: what comes of them later is late."""
        for flow in flows:
            self._since.see(flow, self._makers)
            self._given.add_early(flow)

    def advance(self, horizon: float) -> list[AnyFlow]:
        """The flows that are certain now that all flows that start before the horizon, and all witnesses
        dated before it, have come."""
        if not self.active:
            return []
        self._horizon = max(self._horizon, horizon)
        given = list(self._up_to(horizon))
        self._by_id.settle()
        self._calls.forget(horizon)
        return sorted(given, key=BY_START)

    def drain(self, flows: Iterable[AnyFlow]) -> Iterator[AnyFlow]:
        """The last flows, those of one trace one after another, and all that waited, with what is known of
        them: no witness comes any more."""
        if not self.active:
            yield from flows
            return
        names = self._calls.names()
        at_once: list[Asked] = []
        for asked in chain.from_iterable(asked_of(some) for _, some in groupby(flows, key=_TRACE)):
            self._since.see(asked.flow, self._makers)
            if asked.flow.key.function in names:
                self._wait(asked)
                continue
            at_once.append(asked)
            if len(at_once) == _AT_ONCE:
                yield from self._told(at_once)
                at_once = []
        yield from self._told(at_once)
        yield from self._up_to(inf)

    @property
    def low_watermark(self) -> float:
        """No flow that is still to come starts before this."""
        times = [self._waiting["start"], self._by_id.rows["time"], self._calls.unmatched["time"]]
        known = [float(one[np.isfinite(one)].min()) for one in times if np.isfinite(one).any()]
        first = min([self._horizon - LATEST_S - LONGEST_RUN_S, *known]) - LONGEST_RUN_S
        return min(first, self._rest.first_start) - CLOCKS_S

    def _up_to(self, horizon: float) -> Iterator[AnyFlow]:
        """The flows that are certain by a horizon, a stretch of time after the other, so that of all that
        waits only what belongs to one is in memory at once."""
        due = self._waiting["end"] + LATEST_S, self._calls.times + CLOCKS_S, self._by_id.due
        for until in stretches(due, horizon):
            yield from self._certain(until)
            yield from self._left(until)
            self._by_id.make_room()

    def _certain(self, horizon: float) -> Iterator[AnyFlow]:
        """The flows that wait, as far as all that tells of them has come."""
        rows = self._waiting
        self._sweep(horizon - CLOCKS_S)
        starts, ends, numbers = rows["start"], rows["end"], rows["number"]
        ready = np.flatnonzero(ends + LATEST_S <= horizon)
        ready = ready[np.lexsort((numbers[ready], starts[ready]))]
        columns = [rows[name][ready].tolist() for name in ("request", "trace", "first", "number")]
        rows.drop(ready)
        asked: list[tuple[int, Asked]] = []
        for request, trace, first, number in zip(*columns, strict=True):
            asked.append((number, Asked(self._flows[number], request, trace, bool(first))))
            if len(asked) == _AT_ONCE:
                yield from self._released(asked)
                asked = []
        yield from self._released(asked)

    def _released(self, asked: Sequence[tuple[int, Asked]]) -> Iterator[AnyFlow]:
        yield from self._told([one for _, one in asked], [number for number, _ in asked])
        for number, _ in asked:
            self._flows.drop(number)

    def _sweep(self, until: float) -> None:
        """Assigns the calls up to a time to the flows that wait."""
        waiting = waiting_of(self._waiting, list(self._names), until + CLOCKS_S)
        self._calls.sweep(until, waiting, self._flows, self._since.called)

    def _told(self, asked: Sequence[Asked], numbers: Sequence[int] | None = None) -> Iterator[AnyFlow]:
        """The flows with what their witnesses tell."""
        if not asked:
            return
        for place, (one, near) in enumerate(zip(asked, self._by_id.near(asked), strict=True)):
            witnesses = self._of(one.flow, near) if near else ()
            assigned = () if numbers is None else self._calls.assigned.pop(numbers[place], ())
            if not witnesses and not assigned:
                self._given.add(one.flow.request_id)
                yield one.flow
                continue
            calls: tuple[list[ApiCall], list[ApiCall]] = [], []
            for number, step in assigned:
                call = self._calls.call(number)
                calls[step == UNSEEN].append(call)
                self._counting.call_joined(call)
                self._witnesses.drop(number)
            flow = with_facts(one.flow, sorted_out(witnesses, *calls))
            self._given.add(flow.request_id)
            yield flow

    def _of(self, flow: AnyFlow, near: Sequence[tuple[int, int]]) -> list[Witness]:
        """Of witnesses that may tell of a flow, those that do."""
        out: list[Witness] = []
        some = [(place, number, self._witnesses[number]) for place, number in near]
        told = [witness for _, _, witness in some]
        fits = those_of(told, flow)
        doubts = disputed(told, fits, flow)
        for at, (place, number, witness) in enumerate(some):
            if at in doubts:
                self._disputes.add(number, doubts[at])
            if at in doubts or not fits[at]:
                continue
            self._by_id.take(place)
            self._disputes.settle(number)
            self._witnesses.drop(number)
            if witness in out:
                self._counting.left(witness, AGAIN)
            else:
                self._counting.joined(witness)
                out.append(witness)
        return out

    def _left(self, horizon: float) -> Iterator[Flow]:
        """What no trace tells of; nothing more can be told of an invocation later than this."""
        until = horizon - LONGEST_RUN_S - LATEST_S
        return self._rest.flows(self._by_id, self._waiting["request"], self._given, until)

    @property
    def number_waiting(self) -> int:
        """How many flows wait for witnesses."""
        return len(self._waiting["number"])

    def snapshot(self) -> State:
        """All that is held."""
        told = [*self._by_id.rows["number"].tolist(), *self._calls.numbers(), *self._rest.numbers()]
        flows = self._waiting["number"].tolist()
        parts = {
            "waiting": self._waiting.state(),
            "ids": self._by_id.state(),
            "calls": self._calls.state(),
            "rest": self._rest.state(),
        }
        return joined(parts) | {
            "flows": packed([(number, whole(self._flows[number])) for number in flows]),
            "witnesses": packed([(number, held_witness(self._witnesses[number])) for number in told]),
            "names": packed(list(self._names)),
            "since": packed(self._since.state()),
            **self._given.state(),
            **self._disputes.state(),
            "horizon": np.array([self._horizon]),
            "active": np.array([self.active]),
        }

    def restore(self, state: State) -> None:
        """Go on from what `snapshot` gave; raises `BundleError` where that is damaged."""
        self._flows.restore(dict(unpacked(state, "flows", list[tuple[int, Flow]])))
        told = unpacked(state, "witnesses", list[tuple[int, bytes]])
        self._witnesses.restore({number: released_witness(data) for number, data in told})
        self._waiting.restore(part(state, "waiting"))
        self._by_id.restore(part(state, "ids"))
        self._calls.restore(part(state, "calls"))
        self._rest.restore(part(state, "rest"))
        self._names = {name: place for place, name in enumerate(unpacked(state, "names", list[str]))}
        self._since.restore(unpacked(state, "since", SINCE_STATE))
        self._given.restore(state)
        self._disputes.restore(state)
        self._horizon = float(array(state, "horizon", np.float64, 1)[0])
        self.active = bool(array(state, "active", np.bool_, 1)[0]) or self.active
