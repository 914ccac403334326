"""The verb `score`: telemetry and a bundle to verdicts, alerts, findings and a report."""

from __future__ import annotations

import time
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from math import inf
from mmap import ACCESS_READ, mmap
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import msgspec
import numpy as np

from coldtrail.alerts.grouping import Drift, Grouping
from coldtrail.alerts.shifts import shifts_from
from coldtrail.bundle.folder import load
from coldtrail.bundle.manifest import Manifest, check_outside
from coldtrail.bundle.model import Model
from coldtrail.config import Settings
from coldtrail.detectors.drift.baselines import ShiftBaselines
from coldtrail.detectors.drift.following import Following
from coldtrail.errors import ColdtrailError, ConfigError
from coldtrail.pipeline import verdicts_from
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
from coldtrail.verbs.reading import PathLike, Progress, nothing_usable, read_flows, silent, with_limits

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
    flows, tally = read_flows(input, with_limits(model.settings, settings), format, progress)
    passed = _Passed()
    try:
        with rare_collections(), TemporaryFile() as scratch, TemporaryFile() as aside:
            lines = _Lines(scratch)
            following = Following(model.shifts or ShiftBaselines(), model.vocabulary, Scratch(aside))
            judged = verdicts_from(flows, model, tally, lambda one: following.push([one]))
            told, shifts = _told(_lined(passed.count(judged), lines, only_anomalous), following, model)
            if not passed.verdicts:
                raise nothing_usable(tally)
            _tell_of_gaps(passed, model, tally)
            if output is not None:
                progress("writing", 0, 0)
                write_whole(Path(output), lines.in_order())
    except OSError as error:
        raise ColdtrailError(f"The verdicts cannot be written: {error.strerror}.") from None
    summary = ScoreSummary(
        Path(bundle),
        manifest,
        model,
        told,
        tally,
        time.perf_counter() - started,
        dict(passed.verdicts),
        passed.span,
        len(passed.functions),
        shifts,
    )
    _write_reports(summary, alerts, ocsf, report)
    return summary


def _told(
    judged: Iterable[tuple[Verdict, Flow]], following: Following, model: Model
) -> tuple[list[Alert], list[Shift]]:
    """The alerts, and the shifts among them."""
    grouping = Grouping(model.versions)
    for pair in judged:
        grouping.push([pair])
    following.advance(inf)
    found = following.found
    shifts = shifts_from(found, model.shifts or ShiftBaselines(), model.vocabulary)
    grouping.push([Drift(shift, one.flow) for shift, one in zip(shifts, found, strict=True)])
    return grouping.advance(inf), shifts


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
    """Counts verdicts and functions, and the span of the flows, as they pass."""

    def __init__(self) -> None:
        self.verdicts: Counter[str] = Counter()
        self.functions: set[FunctionKey] = set()
        self.lost = 0
        """Flows whose caller the telemetry has lost."""
        self.span: tuple[float, float] | None = None

    def count(self, judged: Iterable[tuple[Verdict, Flow]]) -> Iterator[tuple[Verdict, Flow]]:
        first, last = float("inf"), float("-inf")
        for verdict, flow in judged:
            self.verdicts[verdict.verdict] += 1
            self.functions.add(flow.key)
            self.lost += flow.upstream_lost
            start = flow.start_time
            if start < first:
                first = start
            if start > last:
                last = start
            yield verdict, flow
        self.span = (first, last) if self.verdicts else None


def _lined(
    judged: Iterable[tuple[Verdict, Flow]], lines: _Lines, only_anomalous: bool
) -> Iterator[tuple[Verdict, Flow]]:
    """All of them; those that are asked for leave a line."""
    for verdict, flow in judged:
        if verdict.verdict == "anomalous" or not only_anomalous:
            lines.add(verdict)
        yield verdict, flow


class _Lines:
    """Verdict lines set aside on disk until all are known and can be put in order."""

    def __init__(self, scratch: IO[bytes]) -> None:
        self._scratch = scratch
        self._encode = msgspec.json.Encoder().encode
        self._starts = array("d")
        self._ends = array("q", [0])
        self._place = 0

    def add(self, verdict: Verdict) -> None:
        line = self._encode(verdict)
        self._scratch.write(line + b"\n")
        self._place += len(line) + 1
        self._starts.append(verdict.start_time)
        self._ends.append(self._place)

    def in_order(self) -> Iterator[bytes]:
        """The lines by start of the flow; those that start together, by the id that they begin with."""
        starts, ends = np.array(self._starts), np.array(self._ends)
        order = np.argsort(starts, kind="stable")
        tied = np.append(np.diff(starts[order]) == 0, False)
        self._scratch.flush()
        if not len(order):
            return
        with mmap(self._scratch.fileno(), 0, access=ACCESS_READ) as text:
            waiting: list[bytes] = []
            for i, more in zip(order.tolist(), tied.tolist(), strict=True):
                waiting.append(text[ends[i] : ends[i + 1]])
                if not more:
                    yield from sorted(waiting) if len(waiting) > 1 else waiting
                    waiting.clear()
