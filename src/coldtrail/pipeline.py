"""The line, composed once: documents to flows, verdicts, shifts and alerts, with counts in and out of every
stage.

Each part is a stage: it can be stopped and resumed at any moment, and neither where its input is cut nor the
order in which things come, within `limits.lateness_s`, changes what it gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from math import inf
from typing import NamedTuple

from coldtrail.alerts.cases.building import cases_of
from coldtrail.alerts.grouping import Drift, Grouping, Sorted, sorted_out
from coldtrail.alerts.severity import ranked
from coldtrail.alerts.shifts import shifts_from
from coldtrail.alerts.signalled import Signalled
from coldtrail.alerts.told_already import untold
from coldtrail.assembly.assembling import Assembling, Expecting, nothing_more, straight
from coldtrail.assembly.from_documents import batches
from coldtrail.bundle.kinds import told_alike
from coldtrail.bundle.model import Model
from coldtrail.config import Settings
from coldtrail.detectors.drift import runs
from coldtrail.detectors.drift.baselines import ShiftBaselines
from coldtrail.detectors.drift.following import Following, Found
from coldtrail.detectors.drift.looking import Looked, Looking
from coldtrail.detectors.signalling import Signalling
from coldtrail.features.encode_columns import Encoder
from coldtrail.features.homes import Homes
from coldtrail.features.wording import made_at
from coldtrail.records.alert import Alert
from coldtrail.records.case import Case
from coldtrail.records.columns import AnyFlow
from coldtrail.records.encounter import Run
from coldtrail.records.flow import Flow
from coldtrail.records.shift import Shift
from coldtrail.records.stage import State, Store, joined, part
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document, Parser
from coldtrail.records.verdict import Verdict

BATCH_FLOWS = 4096
EXCUSED = "flows excused by exceptions"
"""How those are counted that only feedback keeps from being anomalous."""


class Judged(NamedTuple):
    """A flow with its verdict."""

    verdict: Verdict
    flow: AnyFlow


Told = Judged | Shift | Alert
"""What comes out at the end of the line; the last word on a shift or an alert, by its id, counts."""


class Prepared(NamedTuple):
    """Judged flows, as far as what follows needs them."""

    looked: Looked
    """For drift and absence."""
    sorted_out: Sorted | None
    """For alerts; None where none are made."""


class JudgingAlone:
    """Function flows to verdicts, each flow by itself: the part that any number of processes can share."""

    def __init__(self, model: Model, tally: Tally, *, alerting: bool = True) -> None:
        self._model, self._tally, self._alerting = model, tally, alerting
        self._encoder = Encoder(model.vocabulary)
        self._homes = Homes(model.learned)
        self._looking = Looking(model.shifts or ShiftBaselines())

    def judge(self, flows: Sequence[AnyFlow]) -> tuple[list[Judged], Prepared]:
        """Each of at least one flow with its verdict, and what `Judging.take` needs of them."""
        flows = self._homes.placed(flows)
        encoded = self._encoder.encode(flows)
        excused: list[int] = []
        verdicts = self._model.judge_encoded(flows, encoded, excused)
        judged = list(map(Judged._make, zip(verdicts, flows, strict=True)))
        self._tally.counts.update([verdict.verdict for verdict in verdicts])
        self._tally.count("flows scored", len(flows))
        if excused:
            self._tally.count(EXCUSED, len(excused))
        looked = self._looking.at(
            told_alike(runs.Judged(encoded, flows, verdicts), self._model.told_otherwise, self._tally)
        )
        made = partial(made_at, flows, encoded.batch)
        return judged, Prepared(looked, sorted_out(judged, made) if self._alerting else None)


class Judging:
    """Function flows to verdicts, shifts and alerts."""

    def __init__(
        self, model: Model, tally: Tally, store: Store | None = None, *, alerting: bool = True
    ) -> None:
        """`store` holds flows that a shift may show, in memory if none is given; without `alerting`, no
        alert is made."""
        self._model, self._tally, self._late = model, tally, 0
        self._alone = JudgingAlone(model, tally, alerting=alerting)
        self._baselines = model.shifts or ShiftBaselines()
        self._following = Following(self._baselines, model.vocabulary, store)
        self._grouping = Grouping(model.versions, model.runs_an_hour) if alerting else None
        self._signalled = Signalled()
        self.signals_told = 0
        """How many signals there were so far: each may make an alert, or another one of it."""
        self.signalling = signalling_of(model, tally) if alerting else None

    def push(self, batch: Iterable[AnyFlow]) -> list[Told]:
        """Each flow with its verdict, in the order in which they come."""
        return [told for some in batches(batch, BATCH_FLOWS) for told in self.judge(some)]

    def judge(self, flows: Sequence[AnyFlow]) -> list[Judged]:
        """The same of at least one flow, all at once."""
        judged, prepared = self._alone.judge(flows)
        self.take(prepared)
        if self.signalling is not None:
            self.signalling.count(flows)
            self.signalling.meet(_told_of_by_others(judged))
        return judged

    def take(self, flows: Prepared) -> None:
        """Follows and groups flows that were judged already, here or in another process."""
        self._following.take(flows.looked)
        if self._grouping is not None and flows.sorted_out is not None:
            self._grouping.take(flows.sorted_out)
        if self.signalling is not None and flows.sorted_out is not None:
            self.signalling.meet([Run(flow, verdict) for verdict, flow in flows.sorted_out.strange])

    def advance(self, watermark: float) -> list[Told]:
        """The shifts and alerts that are certain now that all flows before the watermark have come."""
        found = self._following.advance(watermark)
        self._tell_of_late()
        told: list[Told] = list(self._shifts_of(found))
        if self._grouping is not None:
            pairs = zip(self._shifts_of(found), found, strict=True)
            self._grouping.push([Drift(shift, one.flow, one.rank) for shift, one in pairs])
            told += self._grouping.advance(watermark)
        if self.signalling is not None:
            signals = self.signalling.finish() if watermark == inf else self.signalling.advance(watermark)
            self._signalled.push(signals)
            self.signals_told += len(signals)
            self._signalled.advance(watermark)
            self._tell_of_forgotten()
        return told

    def _tell_of_late(self) -> None:
        late = self._following.late - self._late
        self._late += late
        if late:
            reason = "a flow began before others that were followed; it is judged, but no shift counts it."
            self._tally.lose("late flow", origin="the telemetry", reason=reason, number=late)

    def _tell_of_forgotten(self) -> None:
        forgotten, self._signalled.forgotten = self._signalled.forgotten, 0
        if forgotten:
            reason = "more weak signs than are kept came; the oldest join no case any more."
            self._tally.lose("weak sign", origin="the telemetry", reason=reason, number=forgotten)

    def _shifts_of(self, found: Sequence[Found]) -> list[Shift]:
        return shifts_from(found, self._baselines, self._model.vocabulary)

    @property
    def found(self) -> list[Found]:
        """All shifts so far, in numbers."""
        return self._following.found

    def lasting(self) -> list[runs.Lasting]:
        """The shifts that were told and go on."""
        return self._following.lasting()

    def stopped(self) -> list[Found]:
        """What was done now and then, and is done no more at the end of the flows."""
        return self._following.stopped()

    @property
    def shifts(self) -> list[Shift]:
        """All shifts so far, in the order in which they became certain."""
        return self._shifts_of(self._following.found)

    @property
    def alerts(self) -> list[Alert]:
        """All alerts so far, severest first."""
        if self._grouping is None:
            return []
        of_runs = self._grouping.alerts()
        return ranked([*of_runs, *untold(of_runs, self._signalled.alerts())])

    @property
    def cases(self) -> list[Case]:
        """All cases so far, severest first: alerts, and signals and runs that are none, of one cause."""
        signals, functions = self._signalled.signals(), len(self._model.learned)
        return cases_of(self.alerts, signals, functions, waiting=self.waiting)

    @property
    def waiting(self) -> list[Alert]:
        """What is strange so far and waits for a second signal, severest first."""
        return self._grouping.waiting() if self._grouping is not None else []

    def snapshot(self) -> State:
        """All that is held, for `restore`."""
        parts = {"following": self._following.snapshot()}
        if self._grouping is not None:
            parts["grouping"] = self._grouping.snapshot()
        if self.signalling is not None:
            parts["signalling"] = self.signalling.snapshot()
            parts["signalled"] = self._signalled.snapshot()
        return joined(parts)

    def restore(self, state: State) -> None:
        """Go on from what `snapshot` gave; raises `BundleError` where that is damaged."""
        self._following.restore(part(state, "following"))
        self._late = self._following.late
        if self._grouping is not None:
            self._grouping.restore(part(state, "grouping"))
        if self.signalling is not None and part(state, "signalling"):
            self.signalling.restore(part(state, "signalling"))
            self._signalled.restore(part(state, "signalled"))


def signalling_of(model: Model, tally: Tally) -> Signalling:
    """What follows rates, resources, callers, places and credentials, from where learning stopped."""
    signalling = Signalling(model.settings, tally, model.learned)
    if model.baselines is not None:
        signalling.relearn(model.baselines)
    return signalling


def _told_of_by_others(judged: Sequence[Judged]) -> list[Run]:
    """Runs of which others than traces tell more, but for strange ones: these are met anyway."""
    return [
        Run(flow, verdict)
        for verdict, flow in judged
        if isinstance(flow, Flow) and flow.facts is not None and verdict.verdict != "anomalous"
    ]


class Pipeline:
    """Documents to verdicts, shifts and alerts: the whole line."""

    def __init__(
        self,
        model: Model,
        parser: Parser,
        settings: Settings,
        tally: Tally,
        store: Store | None = None,
        *,
        expecting: Expecting = nothing_more,
    ) -> None:
        beside = None if store is None else store.beside()
        self.judging = Judging(model, tally, store)
        watch = None if self.judging.signalling is None else self.judging.signalling.observe
        self.assembling = Assembling(
            straight(parser), settings, tally, beside, expecting=expecting, watch=watch
        )

    def push(self, batch: Iterable[Document]) -> list[Told]:
        """What is said of flows that had to be closed early, since too much was open."""
        return list(self.passing(batch))

    def passing(self, batch: Iterable[Document]) -> Iterator[Told]:
        """The same one after another, as they are judged some at a time; all of it has to be asked for."""
        for flows in batches(self.assembling.passing(batch), BATCH_FLOWS):
            yield from self.judging.judge(flows)

    @property
    def now(self) -> float:
        """The event time up to which documents have come."""
        return self.assembling.now

    def advance(self, watermark: float) -> list[Told]:
        """What is to be told now that all before the watermark has come."""
        told = self.judging.push(self.assembling.advance(watermark))
        return told + self.judging.advance(self.assembling.low_watermark)

    def finish(self) -> Iterator[Told]:
        """All that is still to be told when all input has come."""
        for flows in batches(self.assembling.drain(), BATCH_FLOWS):
            yield from self.judging.push(flows)
        yield from self.judging.advance(inf)

    def snapshot(self) -> State:
        """All that is held, for `restore`."""
        return joined({"assembling": self.assembling.snapshot(), "judging": self.judging.snapshot()})

    def restore(self, state: State) -> None:
        """Go on from what `snapshot` gave; raises `BundleError` where that is damaged."""
        self.assembling.restore(part(state, "assembling"))
        self.judging.restore(part(state, "judging"))
