"""Judged flows and shifts → alerts, as time goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from math import inf
from typing import NamedTuple

from msgspec import Struct

from coldtrail.alerts.building import built
from coldtrail.alerts.drafts import draft_of
from coldtrail.alerts.drifts import alerts_from_shifts
from coldtrail.alerts.failover import with_failovers
from coldtrail.alerts.flow_table import FlowTable, Held, Versions
from coldtrail.alerts.severity import ranked
from coldtrail.alerts.slowness import gathered
from coldtrail.alerts.waiting import Paces, certain_at
from coldtrail.records.alert import Alert
from coldtrail.records.columns import AnyFlow
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.shift import Shift
from coldtrail.records.stage import State, packed, unpacked
from coldtrail.records.verdict import Verdict
from coldtrail.verdicts.contradicting import contradicts


class Drift(Struct, frozen=True):
    """A shift that was found, and the flow to look at first, where it was kept."""

    shift: Shift
    flow: Flow | None = None
    rank: tuple[bool, float, int, int] = (False, 0.0, 0, 0)
    """Puts them in order, in whatever order they came."""


Judged = tuple[Verdict, Flow]


class Sorted(NamedTuple):
    """Judged flows, as far as alerts need them."""

    runs: Mapping[tuple[FunctionKey, str | None], int]
    """How many, by function and version."""
    strange: Sequence[Judged]
    """The anomalous ones."""
    contradictory: Sequence[Judged] = ()
    """Those whose documents contradict each other, judged or not."""


def sorted_out(judged: Sequence[tuple[Verdict, AnyFlow]], made: Callable[[int], Flow]) -> Sorted:
    """The flows counted, and the anomalous ones picked; `made` gives the flow at a place with its steps as
    records."""
    runs = Counter([(flow.key, flow.version) for _, flow in judged])
    strange = [(one, made(at)) for at, (one, _) in enumerate(judged) if one.verdict == "anomalous"]
    contradictory = [
        (one, made(at)) for at, (one, _) in enumerate(judged) if one.reasons and contradicts(one)
    ]
    return Sorted(runs, strange, contradictory)


@dataclass
class _Stored:
    """All that a grouping holds, as it is stored."""

    flows: Held = field(default_factory=Held)
    drifts: dict[str, Drift] = field(default_factory=dict)
    """By the id of the shift, the last word."""
    told: dict[str, bytes] = field(default_factory=dict)
    """By id, the digest of each alert as it was told last."""
    is_new: bool = False
    """Whether anything came since alerts were told last."""


class _Made(NamedTuple):
    """The alerts of all that came so far."""

    told: list[Alert]
    waiting: list[Alert]


class Grouping:
    """Takes judged flows and shifts in any order, and tells the alerts of all that came so far.

    An alert that more flows join is told again, whole. What looked like several troubles may turn out to be
    one (a gap, a slow service, a failover, a release): its alert takes the place of theirs. What waits for a
    second signal (`waiting`) is no alert before that comes.
    """

    def __init__(self, versions: Versions | None = None, runs_an_hour: Paces | None = None) -> None:
        """With the `versions` learned, what most runs of another version show is one alert, the change. How
        often functions usually run tells whether slow calls of busy ones last."""
        self._versions = versions or {}
        self._runs_an_hour = runs_an_hour or {}
        self._take(_Stored())

    def _take(self, stored: _Stored) -> None:
        self._flows = FlowTable(self._versions, stored.flows)
        self._drifts, self._told, self._is_new = stored.drifts, stored.told, stored.is_new
        self._made: _Made | None = None

    def push(self, batch: Sequence[Judged | Drift]) -> list[Alert]:
        """Takes flows and shifts; tells no alert yet, since what is one trouble shows only in time."""
        for one in batch:
            if isinstance(one, Drift):
                self._drifts[one.shift.id] = one
            else:
                self._flows.add(*one)
        if batch:
            self._is_new, self._made = True, None
        return []

    def take(self, flows: Sorted) -> None:
        """Takes flows of which the normal ones were counted already."""
        for (whose, version), runs in flows.runs.items():
            self._flows.count(whose, version, runs)
        for verdict, flow in flows.strange:
            self._flows.add_counted(verdict, flow)
        for verdict, flow in flows.contradictory:
            self._flows.add_contradictory(verdict, flow)
        self._is_new, self._made = True, None

    def advance(self, watermark: float) -> list[Alert]:
        """The alerts that are new, or have changed since they were told last, severest first."""
        if not self._is_new:
            return []
        self._is_new = False
        told, self._told = self._told, {}
        changed = []
        for alert in self.alerts():
            self._told[alert.id] = digest = _digest(alert)
            if told.get(alert.id) != digest:
                changed.append(alert)
        return changed

    def alerts(self) -> list[Alert]:
        """All alerts, severest first, then strangest."""
        return self._all().told

    def waiting(self) -> list[Alert]:
        """What is strange and waits for a second signal, severest first: nobody is told of it."""
        return self._all().waiting

    def _all(self) -> _Made:
        if self._made is None:
            groups = gathered(with_failovers(self._flows.groups()))
            certain = [(group, certain_at(group, self._runs_an_hour)) for group in groups]
            told = [built(draft_of(group, at)) for group, at in certain if at < inf]
            waiting = [built(draft_of(group, group.each_once[0].end)) for group, at in certain if at == inf]
            drifts = sorted(self._drifts.values(), key=lambda one: one.rank)
            shown = {one.flow.function_flow_id: one.flow for one in drifts if one.flow is not None}
            told += alerts_from_shifts([one.shift for one in drifts], shown)
            self._made = _Made(ranked(told), ranked(waiting))
        return self._made

    def snapshot(self) -> State:
        """All that is held, for `restore`."""
        stored = _Stored(self._flows.held, self._drifts, self._told, self._is_new)
        return {"grouping": packed(stored)}

    def restore(self, state: State) -> None:
        """Goes on from a snapshot; raises `BundleError` where it is damaged."""
        self._take(unpacked(state, "grouping", _Stored))


def _digest(alert: Alert) -> bytes:
    return blake2b(repr(alert).encode("utf-8", "surrogatepass"), digest_size=16).digest()
