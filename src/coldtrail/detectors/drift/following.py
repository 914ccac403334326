"""Judged flows of any order to what drifts and what has stopped: a little of each is held until it is due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from coldtrail.detectors.drift.absence import Absence
from coldtrail.detectors.drift.absence_limits import applications_of
from coldtrail.detectors.drift.baselines import ShiftBaselines
from coldtrail.detectors.drift.change_points import ChangePoints
from coldtrail.detectors.drift.effects import Effect
from coldtrail.detectors.drift.looking import Looked, Looking
from coldtrail.detectors.drift.ordering import InOrder
from coldtrail.detectors.drift.readings import STOPPED, TOLD
from coldtrail.detectors.drift.runs import Detection, Judged, Lasting
from coldtrail.detectors.drift.shelf import Reference, Shelf
from coldtrail.detectors.drift.step_changes import StepChanges
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.records.stage import State, Store, joined, packed, part, unpacked


class Found(Struct, frozen=True):
    """A shift in numbers, with the flows that show it."""

    function: int
    measure: int
    since: float
    """Start of the first run since which the statistic has been above zero; for what has stopped, of the last
    run that showed it."""
    found: float
    """Start of the run that made it certain."""
    runs: int
    """Runs since then, the last one included."""
    effect: Effect
    references: tuple[Reference, ...]
    look: Reference
    flow: Flow | None = None
    """The one to look at, where it was kept whole."""

    @property
    def has_stopped(self) -> bool:
        """Whether it is something that is done no more."""
        return self.measure in STOPPED

    @property
    def rank(self) -> tuple[bool, float, int, int]:
        """Puts shifts in order: what has changed, by when that became certain, and then what has stopped."""
        return self.has_stopped, self.found, self.function * len(TOLD) + self.measure, self.effect.kind


class Following:
    """Takes judged flows of any order, and follows each function over time in the order of their start.

    Of many flows that are not due none are in memory: what is read off them, ids, and some flows whole lie in
    the store.
    """

    def __init__(self, baselines: ShiftBaselines, words: Vocabulary, store: Store | None = None) -> None:
        self._absence = Absence(baselines.absence_limits, words)
        self._change_points = ChangePoints(baselines, applications_of(words))
        self._step_changes = StepChanges(baselines)
        self._order = InOrder(None if store is None else store.beside())
        self._shelf = Shelf(store)
        self._looking = Looking(baselines)
        self._drifts: list[Found] = []
        self._stopped: dict[tuple[int, int], Found] = {}
        """By function and what it does no more, the last word."""

    @property
    def late(self) -> int:
        """Flows that came too late to be followed: what began after them had been followed before."""
        return self._order.late

    @property
    def found(self) -> list[Found]:
        """All shifts so far, in the order in which they became certain, and then what has stopped."""
        return sorted([*self._drifts, *self._stopped.values()], key=lambda one: one.rank)

    def push(self, batch: Sequence[Judged]) -> list[Found]:
        """No shift yet; the flows are held until those before them have come."""
        for judged in batch:
            self.take(self._looking.at(judged))
        return []

    def take(self, looked: Looked) -> None:
        """Holds flows that were looked at already."""
        self._order.push([looked.runs.lying(self._shelf.lay(looked.items))])

    def advance(self, watermark: float) -> list[Found]:
        """What shows in the flows that start before the watermark; the last word on what has stopped
        counts."""
        told: list[Found] = []
        for runs in self._order.released(watermark):
            told += self._drifted(self._change_points.push([runs]))
            told += self._drifted(self._step_changes.push([runs]))
            told += self._has_stopped(self._absence.push([runs]))
        told += self._drifted(self._change_points.advance(watermark))
        return told + self._has_stopped(self._absence.advance(watermark))

    def lasting(self) -> list[Lasting]:
        """The shifts that were told and go on."""
        return self._change_points.lasting() + self._step_changes.lasting()

    def stopped(self) -> list[Found]:
        """What was done now and then, and is done no more at the end of the flows."""
        return [self._named(one) for one in self._absence.stopped()]

    def _drifted(self, detections: Iterable[Detection]) -> list[Found]:
        found = [self._named(one) for one in detections]
        self._drifts += found
        return found

    def _has_stopped(self, detections: Iterable[Detection]) -> list[Found]:
        found = [self._named(one) for one in detections]
        self._stopped |= {(one.function, one.effect.kind): one for one in found}
        return found

    def _named(self, one: Detection) -> Found:
        look, flow = self._shelf.look((one.look, *one.places))
        references = tuple(self._shelf.reference(place) for place in one.places)
        return Found(*one[:6], references, look, flow)

    def snapshot(self) -> State:
        """All that is held, for `restore`."""
        parts = {
            "order": self._order.snapshot(),
            "watch": self._change_points.snapshot(),
            "steps": self._step_changes.snapshot(),
            "absence": self._absence.snapshot(),
            "shelf": self._shelf.snapshot(self._wanted()),
        }
        return joined(parts) | {"found": packed(self.found)}

    def _wanted(self) -> list[Sequence[int]]:
        """The places of all flows that a shift may still show."""
        stages = (self._order, self._change_points, self._step_changes, self._absence)
        return [places for stage in stages for places in stage.places()]

    def restore(self, state: State) -> None:
        """Go on from what `snapshot` gave; raises `BundleError` where that is damaged."""
        self._order.restore(part(state, "order"))
        self._change_points.restore(part(state, "watch"))
        self._step_changes.restore(part(state, "steps"))
        self._absence.restore(part(state, "absence"))
        self._shelf.restore(part(state, "shelf"))
        self._shelf.check(self._wanted())
        found = unpacked(state, "found", list[Found])
        self._drifts = [one for one in found if not one.has_stopped]
        self._stopped = {(one.function, one.effect.kind): one for one in found if one.has_stopped}
