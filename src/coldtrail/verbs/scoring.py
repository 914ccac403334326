"""The verb `score`: telemetry and a bundle to verdicts, alerts, findings and a report."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from tempfile import TemporaryFile

from coldtrail.bundle.folder import load
from coldtrail.bundle.manifest import Manifest, check_outside
from coldtrail.bundle.model import Model
from coldtrail.config import Settings
from coldtrail.errors import ColdtrailError, ConfigError
from coldtrail.pipeline import BATCH_DOCUMENTS, Judged, Pipeline, Told, batches
from coldtrail.records.alert import Alert
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.shift import Shift
from coldtrail.records.tally import Tally
from coldtrail.records.verdict import Verdict
from coldtrail.reports.alert_lines import write_alerts
from coldtrail.reports.summary import ReportSummary
from coldtrail.sources.folders import is_telemetry
from coldtrail.store.scratch import Scratch
from coldtrail.store.whole_file import write_whole
from coldtrail.verbs.collecting import rare_collections
from coldtrail.verbs.reading import PathLike, Progress, nothing_usable, read_documents, silent, with_limits
from coldtrail.verbs.verdict_lines import VerdictLines

MANY_LOST = 0.05
"""The share of flows without their callers' records from which a sentence says so, once."""


@dataclass
class ScoreSummary:
    """What was found, and what was lost on the way."""

    bundle: Path
    manifest: Manifest
    model: Model
    alerts: list[Alert]
    tally: Tally
    seconds: float
    verdicts: dict[str, int] = field(default_factory=dict)
    """How many flows of each verdict."""
    span: tuple[float, float] | None = None
    """Start of the first and of the last flow."""
    functions: int = 0
    shifts: list[Shift] = field(default_factory=list)
    """Changes over many runs; the alerts tell those together that have one cause."""

    @property
    def flows(self) -> int:
        """How many flows were scored."""
        return sum(self.verdicts.values())

    def for_report(self) -> ReportSummary:
        """The figures for the head of the report."""
        detection = self.model.settings.detection
        return ReportSummary(
            self.span,
            str(self.bundle),
            self.flows,
            tuple(self.verdicts.items()),
            self.functions,
            self.manifest.threshold,
            detection.budget,
            tuple(self.tally.sentences()),
        )


def score(
    bundle: PathLike,
    input: Sequence[PathLike] | PathLike,
    output: PathLike | None = None,
    *,
    format: str = "auto",
    only_anomalous: bool = False,
    alerts: PathLike | None = None,
    ocsf: PathLike | None = None,
    report: PathLike | None = None,
    settings: Settings | None = None,
    progress: Progress = silent,
) -> ScoreSummary:
    """The summary of judging all flows of files and folders; the arguments are the options of the verb.

    Of `settings` only the limits count, the rest is the bundle's. Verdict lines go to `output` in the order
    of the flows' start. Raises `ConfigError` where no flow is usable, or where an output would take the place
    of an input or of another output.
    """
    started = time.perf_counter()
    _check_outputs(input, output, alerts, ocsf, report)
    _check_report(report)
    model, manifest = load(Path(bundle))
    settings = with_limits(model.settings, settings)
    documents, parser, tally = read_documents(input, settings, format, progress)
    try:
        with rare_collections(), TemporaryFile() as scratch, TemporaryFile() as aside:
            passed = _Passed(VerdictLines(scratch), only_anomalous)
            pipeline = Pipeline(model, parser, settings, tally, Scratch(aside))
            for some in batches(documents, BATCH_DOCUMENTS):
                passed.take(pipeline.push(some))
            passed.take(pipeline.finish())
            if not passed.verdicts:
                raise nothing_usable(tally)
            _tell_of_gaps(passed, model, tally)
            if output is not None:
                progress("writing", 0, 0)
                write_whole(Path(output), passed.lines.in_order())
    except OSError as error:
        raise ColdtrailError(f"The verdicts cannot be written: {error.strerror}.") from None
    summary = ScoreSummary(
        Path(bundle),
        manifest,
        model,
        pipeline.judging.alerts,
        tally,
        time.perf_counter() - started,
        dict(passed.verdicts),
        passed.span,
        len(passed.functions),
        pipeline.judging.shifts,
    )
    _write_reports(summary, alerts, ocsf, report)
    return summary


def _check_outputs(input: Sequence[PathLike] | PathLike, *outputs: PathLike | None) -> None:
    inputs = [input] if isinstance(input, str | Path) else input
    taken = {Path(path).resolve(): "is read as telemetry" for path in inputs}
    for output in outputs:
        if output is None or (Path(output).exists() and not Path(output).is_file()):
            continue
        check_outside(Path(output))
        path = Path(output).resolve()
        if path.exists() and is_telemetry(path.name) and not taken.keys().isdisjoint(path.parents):
            taken[path] = "is read as telemetry"
        if path in taken:
            raise ConfigError(f"{output}: this file {taken[path]} by the same command; name another output.")
        taken[path] = "is written"


def _check_report(report: PathLike | None) -> None:
    if report is not None:
        from coldtrail.reports.html import check_available

        check_available()


def _write_reports(
    summary: ScoreSummary, alerts: PathLike | None, ocsf: PathLike | None, report: PathLike | None
) -> None:
    if alerts is not None:
        write_alerts(summary.alerts, Path(alerts))
    if ocsf is not None:
        from coldtrail.reports.ocsf import write_findings

        write_findings(summary.alerts, Path(ocsf))
    if report is not None:
        from coldtrail.reports.html import write_report

        profiles = {one.key: one for one in summary.model.profiles}
        write_report(Path(report), alerts=summary.alerts, profiles=profiles, summary=summary.for_report())


def _tell_of_gaps(passed: _Passed, model: Model, tally: Tally) -> None:
    flows = passed.verdicts.total()
    if passed.lost >= MANY_LOST * flows:
        reason = f"{passed.lost:,} of {flows:,} flows do not hold who called them: none is strange there."
        tally.lose("caller", origin="the telemetry", reason=reason, number=1)
    if passed.functions.isdisjoint(model.learned):
        reason = _unknown(passed.functions, model.learned.keys())
        tally.lose("unknown application", origin="the telemetry", reason=reason, number=1)


def _unknown(functions: Set[FunctionKey], known: Set[FunctionKey]) -> str:
    """That none of the functions is known, and whether their names are."""
    of = ", ".join(sorted({key.application for key in functions})[:3])
    told = f"the bundle knows none of its {len(functions):,} functions (application {of})"
    if {key[2:] for key in functions}.isdisjoint(key[2:] for key in known):
        return f"{told}."
    return f"{told}: those of these names that it knows are of {_other_place(functions, known)}."


def _other_place(functions: Set[FunctionKey], known: Set[FunctionKey]) -> str:
    """Where the known functions of the same names are."""
    names = {key[2:] for key in functions}
    alike = [key for key in known if key[2:] in names]
    if all(not key.account for key in alike):
        return "no account"
    accounts = {key.account for key in functions}.isdisjoint(key.account for key in alike)
    return "another account" if accounts else "another region"


class _Passed:
    """Counts verdicts and functions, and keeps the lines and the span of the flows, as they pass."""

    def __init__(self, lines: VerdictLines, only_anomalous: bool) -> None:
        self.lines = lines
        self._only_anomalous = only_anomalous
        self.verdicts: Counter[str] = Counter()
        self.functions: set[FunctionKey] = set()
        self.lost = 0
        """Flows whose caller the telemetry has lost."""
        self._first, self._last = inf, -inf

    @property
    def span(self) -> tuple[float, float] | None:
        """Start of the first and of the last flow."""
        return (self._first, self._last) if self.verdicts else None

    def take(self, told: Iterable[Told]) -> None:
        """Lets these pass; those verdicts that are asked for leave a line."""
        for one in told:
            if isinstance(one, Judged):
                self._take(*one)

    def _take(self, verdict: Verdict, flow: Flow) -> None:
        self.verdicts[verdict.verdict] += 1
        self.functions.add(flow.key)
        self.lost += flow.upstream_lost
        self._first = min(self._first, flow.start_time)
        self._last = max(self._last, flow.start_time)
        if verdict.verdict == "anomalous" or not self._only_anomalous:
            self.lines.add(verdict)
