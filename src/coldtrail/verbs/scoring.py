"""The verb `score`: telemetry and a bundle to verdicts, alerts, findings and a report."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from coldtrail.bundle.folder import load
from coldtrail.bundle.manifest import Manifest, identity
from coldtrail.bundle.model import Model
from coldtrail.config import Settings
from coldtrail.errors import ColdtrailError
from coldtrail.pipeline import BATCH_DOCUMENTS, Pipeline, batches
from coldtrail.records.alert import Alert
from coldtrail.records.shift import Shift
from coldtrail.records.tally import Tally
from coldtrail.reports.summary import ReportSummary
from coldtrail.store.scratch import Scratch
from coldtrail.store.whole_file import write_whole
from coldtrail.verbs.collecting import rare_collections
from coldtrail.verbs.outputs import Outputs
from coldtrail.verbs.passed import Passed, tell_of_gaps
from coldtrail.verbs.reading import (
    PathLike,
    Progress,
    Telemetry,
    nothing_usable,
    read_documents,
    silent,
    with_limits,
)
from coldtrail.verbs.resuming import Memory, memory_in
from coldtrail.verbs.verdict_lines import VerdictLines


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
    withdrawn: list[str] = field(default_factory=list)
    """Ids of alerts that earlier calls told and that stand no more."""
    withdrawn_shifts: list[str] = field(default_factory=list)

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
    state: PathLike | None = None,
    settings: Settings | None = None,
    progress: Progress = silent,
) -> ScoreSummary:
    """The summary of judging all flows of files and folders; the arguments are the options of the verb.

    Of `settings` only the limits count, the rest is the bundle's. Verdict lines go to `output` in the order
    of the flows' start. With the folder of a `state`, it goes on where the last call ended: what that call
    told is told again only where it has changed. Raises `ConfigError` where no flow is usable, or where an
    output would take the place of an input or of another output.
    """
    started = time.perf_counter()
    outputs = Outputs(output, alerts, ocsf, report, state)
    outputs.check(input)
    model, manifest = load(Path(bundle))
    settings = with_limits(model.settings, settings)
    with memory_in(state, identity(manifest)) as memory:
        telemetry = read_documents(input, settings, format, progress)
        with _set_aside() as (lines, flows):
            passed = Passed(VerdictLines(lines), memory.earlier, only_anomalous=only_anomalous)
            line = Pipeline(model, telemetry.parser, settings, telemetry.tally, Scratch(flows))
            _judge(telemetry, line, passed, memory)
            tell_of_gaps(passed, model, telemetry.tally)
            if output is not None:
                progress("writing", 0, 0)
                write_whole(Path(output), passed.lines.in_order())
        summary = ScoreSummary(
            Path(bundle),
            manifest,
            model,
            memory.earlier.alerts(line.judging.alerts),
            telemetry.tally,
            time.perf_counter() - started,
            dict(passed.verdicts),
            passed.span,
            len(passed.functions),
            memory.earlier.shifts(line.judging.shifts),
            memory.earlier.withdrawn,
            memory.earlier.withdrawn_shifts,
        )
        outputs.write_reports(summary.alerts, summary.withdrawn, model.profiles, summary.for_report())
        memory.end()
    return summary


def _judge(telemetry: Telemetry, line: Pipeline, passed: Passed, memory: Memory) -> None:
    """Lets all documents pass; what is not final is judged as if nothing more came."""
    memory.begin(line)
    for some in batches(telemetry.documents, BATCH_DOCUMENTS):
        passed.take(line.push(some))
    passed.take(memory.hold(line))
    passed.take(line.finish(), is_final=not memory.lasts)
    counts = telemetry.tally.counts
    if not counts["documents parsed"] or not counts["flows assembled"]:
        raise nothing_usable(telemetry.tally)
    if passed.told_before:
        counts["flows told before"] += passed.told_before


@contextmanager
def _set_aside() -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Two files that go with the command."""
    try:
        with rare_collections(), TemporaryFile() as lines, TemporaryFile() as flows:
            yield lines, flows
    except OSError as error:
        raise ColdtrailError(f"The verdicts cannot be written: {error.strerror}.") from None
