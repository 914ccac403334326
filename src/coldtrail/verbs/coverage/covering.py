"""What is here of each function and what is not, gathered as telemetry passes."""

from __future__ import annotations

from collections.abc import Collection
from math import inf

from msgspec import Struct

from coldtrail.alerts.showing.shell import in_shell, notes
from coldtrail.assembly.applications import Applications
from coldtrail.assembly.join.functions import Named, named_by
from coldtrail.assembly.windows import Windows
from coldtrail.config import Settings
from coldtrail.formats.aws_spans.parser import AwsSpansParser
from coldtrail.records.columns import WholeTrace
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey, OfFunction
from coldtrail.records.telemetry import Document, Observations
from coldtrail.verbs.coverage.beside import Beside, Gathering
from coldtrail.verbs.coverage.cost import Cost, Volume, cost_of
from coldtrail.verbs.coverage.lag import Lag, Lags
from coldtrail.verbs.coverage.remedies import Lack, lacks_of
from coldtrail.verbs.coverage.scores import Parts, parts_of, score_of
from coldtrail.verbs.coverage.seen import Seen
from coldtrail.verbs.coverage.told import Told, told_by_log, told_of

_MOST_CALLERS = 20


class Remedy(Struct, frozen=True):
    """What to do about a lack."""

    part: str
    """Of the score."""
    told: str
    of_several: str
    """The same to do for several functions, which stand where `{whom}` does."""
    command: str | None = None
    notes: tuple[str, ...] = ()
    """Why placeholders stand in the command."""


class Covered(OfFunction, frozen=True, kw_only=True):
    """How well a function is covered."""

    score: int
    """From 0 to 100."""
    parts: Parts
    flows: int
    traced: int
    """Flows that traces tell of."""
    invocations: float | None
    """As those count who count all; None where nobody here does."""
    counted_by: str | None
    sampling_rate: float | None
    """The share of the invocations that is traced, in the minutes in which they are counted."""
    witnesses: dict[str, int]
    """Formats that tell of it, each with the flows that it tells of."""
    callers: dict[str, int]
    """Flows by who called; those most often met."""
    unseen: dict[str, int]
    """Calls that CloudTrail alone shows."""
    remedies: tuple[Remedy, ...]


class Covering:
    """Gathers it."""

    def __init__(self, settings: Settings) -> None:
        self._gathering, self._lags = Gathering(), Lags()
        self._windows = Windows(settings)
        self._applications = Applications(settings.applications)
        self._seen: dict[FunctionKey, Seen] = {}
        self._recorded: set[str] = set()
        self.volume = Volume()
        self.first, self.last = inf, -inf

    def watch(self, told: Observations) -> None:
        """Takes what a document tells beside whole traces."""
        self._windows.push([*told.reports, *told.metrics])
        for call in told.calls:
            self.volume.data_events += call.data_event
            self._meet(call.time, call.time)
        for report in told.reports:
            if report.time is not None:
                self._meet(report.time, report.time)
        for access in told.accesses:
            self._meet(access.time, access.time)
        for metric in told.metrics:
            self._meet(metric.start_time, metric.start_time + metric.period_s)

    def take(self, document: Document, told: Observations | WholeTrace) -> None:
        """Takes all that a document tells, to count it."""
        self._gathering.take(told)
        if not isinstance(told, Observations):
            return
        self._lags.take(document, told)
        if told.reports and not told.spans:
            self.volume.log_bytes += len(document.payload)
        if (told.spans or told.links) and AwsSpansParser.matches(document.payload):
            self.volume.span_bytes += len(document.payload)

    def add(self, flow: Flow) -> None:
        """Takes a flow."""
        self._windows.push([flow])
        self._seen.setdefault(flow.key, Seen()).add(flow)
        self._meet(flow.start_time, flow.end_time)
        if "xray" in flow.witnesses:
            self._recorded.add(flow.application_flow_id)

    def _meet(self, first: float, last: float) -> None:
        self.first, self.last = min(self.first, first), max(self.last, last)

    def span(self, traced: Collection[str]) -> tuple[float, float] | tuple[None, None]:
        """The first and the last time that anything tells of; `traced` are the traces that hold runs."""
        self._meet(*self._gathering.span(traced))
        return (self.first, self.last) if self.first <= self.last else (None, None)

    @property
    def places(self) -> tuple[set[str], set[str]]:
        """The accounts and regions that are named beside those of runs."""
        return self._gathering.places

    @property
    def misplaced(self) -> int:
        """Steps that lie outside their run."""
        return sum([one.misplaced for one in self._seen.values()])

    @property
    def contradicted(self) -> int:
        """Flows whose documents contradict each other."""
        return sum([one.contradicted for one in self._seen.values()])

    def table(self, untraced: Collection[str]) -> list[Covered]:
        """Each function; `untraced` names those that were invoked and have no run, the account not told. So
        do calls and changes of functions name some.

        To be asked for once, at the end.
        """
        told = _placed(told_of(self._windows.advance(inf)), self._seen)
        keys = {*self._seen, *told}
        keys |= {self._key(one) for one in self._gathering.functions() if not any(map(one.is_of, keys))}
        new = {named_by(name).name for name in untraced} - {key.function for key in keys}
        keys |= {self._key(Named("", "", name)) for name in new if name}
        return [_covered(key, self._seen.get(key) or Seen(), told.get(key)) for key in sorted(keys)]

    def _key(self, named: Named) -> FunctionKey:
        return FunctionKey(named.account, named.region, self._applications[named.name], named.name)

    def beside(self, traced: Collection[str]) -> Beside:
        """What is told beside runs; `traced` are the traces that hold some."""
        return self._gathering.found(traced)

    def lag(self) -> list[Lag]:
        """How late telemetry came, as far as that is known."""
        return self._lags.found()

    def cost(self) -> Cost | None:
        """What as much telemetry costs a month."""
        self.volume.traces = len(self._recorded)
        return cost_of(self.volume, self.last - self.first)


def _covered(key: FunctionKey, seen: Seen, told: Told | None) -> Covered:
    told = told or told_by_log(seen)
    parts = parts_of(seen, told, key.account)
    return Covered(
        *key,
        score=score_of(parts),
        parts=parts,
        flows=seen.flows,
        traced=seen.traced,
        invocations=told and told.invocations,
        counted_by=told and told.by,
        sampling_rate=told and told.rate,
        witnesses=dict(sorted(seen.formats.items())),
        callers=dict(seen.callers.most_common(_MOST_CALLERS)),
        unseen=dict(seen.unseen.most_common()),
        remedies=tuple(map(_remedy, lacks_of(key, seen, told, parts))),
    )


def _remedy(lack: Lack) -> Remedy:
    told, command = lack.step.told, lack.step.command
    if command is None:
        return Remedy(lack.part, told, lack.of_several)
    return Remedy(lack.part, told, lack.of_several, in_shell(command), tuple(notes(command)))


def _placed(told: dict[FunctionKey, Told], seen: Collection[FunctionKey]) -> dict[FunctionKey, Told]:
    """What is told of functions without a flow goes to the one that it may be of, where there is one."""
    placed: dict[FunctionKey, Told] = {}
    for key, one in told.items():
        fit = [other for other in seen if Named(key.account, key.region, key.function).is_of(other)]
        owner = fit[0] if key not in seen and len(fit) == 1 else key
        placed[owner] = one if owner not in placed else one.and_also(placed[owner])
    return placed
