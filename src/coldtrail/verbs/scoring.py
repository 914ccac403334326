"""The verb `score`: telemetry and a bundle to verdicts, alerts, findings and a report."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple

from coldtrail.assembly.from_documents import BATCH_DOCUMENTS, batches
from coldtrail.bundle.folder import load
from coldtrail.bundle.manifest import Manifest, identity
from coldtrail.bundle.model import Model
from coldtrail.config import Settings
from coldtrail.detectors.signalling import ENCOUNTERS
from coldtrail.errors import ColdtrailError
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.learning.excusing import excused_many, excusing_much
from coldtrail.pipeline import EXCUSED, Judging, Pipeline
from coldtrail.records.alert import Alert
from coldtrail.records.case import Case
from coldtrail.records.identity import FunctionKey
from coldtrail.records.shift import Shift
from coldtrail.records.tally import Tally
from coldtrail.reports.summary import ReportSummary
from coldtrail.store.scratch import Scratch, scratch
from coldtrail.store.whole_file import write_whole
from coldtrail.verbs.collecting import rare_collections
from coldtrail.verbs.outputs import Cases, Outputs
from coldtrail.verbs.passed import Passed, tell_of_gaps
from coldtrail.verbs.pseudonym_key import kept_for_next, pseudonyms_of
from coldtrail.verbs.reading import (
    PathLike,
    Progress,
    nothing_usable,
    paths_of,
    read_documents,
    silent,
    what_to_read,
    with_limits,
)
from coldtrail.verbs.resuming import Memory, memory_in
from coldtrail.verbs.shared_judging import take_all
from coldtrail.verbs.shares import MisledError
from coldtrail.verbs.tasks import ToRead, digest, tasks_for
from coldtrail.verbs.verdict_lines import VerdictLines
from coldtrail.verbs.workers import Plan, plan, working


@dataclass
class ScoreSummary:
    """What was found, and what was lost on the way."""

    bundle: Path
    manifest: Manifest
    model: Model
    alerts: list[Alert]
    cases: list[Case]
    tally: Tally
    seconds: float
    verdicts: dict[str, int] = field(default_factory=dict)
    """How many flows of each verdict."""
    span: tuple[float, float] | None = None
    """Start of the first and of the last flow."""
    functions: int = 0
    still_open: dict[FunctionKey, int] = field(default_factory=dict)
    """Flows whose record was never closed, by function, the most first: their end is not judged."""
    shifts: list[Shift] = field(default_factory=list)
    """Changes over many runs; the alerts tell those together that have one cause."""
    waiting: list[Alert] = field(default_factory=list)
    """What is strange and no alert yet, since it waits for a second signal."""
    withdrawn: list[str] = field(default_factory=list)
    """Ids of alerts that earlier calls told and that stand no more."""
    withdrawn_shifts: list[str] = field(default_factory=list)
    withdrawn_cases: list[str] = field(default_factory=list)
    """Of cases that turned out to be parts of others."""
    warnings: list[str] = field(default_factory=list)
    """Where exceptions excuse so much that little is left to alarm, a sentence each."""
    notes: list[str] = field(default_factory=list)
    """What was put right beside the outputs before, a sentence each."""

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
            (*self.tally.sentences(), *self.warnings),
        )


def score(
    bundle: PathLike,
    input: Sequence[PathLike] | PathLike,
    output: PathLike | None = None,
    *,
    format: str = "auto",
    only_anomalous: bool = False,
    alerts: PathLike | None = None,
    cases: PathLike | None = None,
    ocsf: PathLike | None = None,
    report: PathLike | None = None,
    state: PathLike | None = None,
    settings: Settings | None = None,
    workers: int | None = None,
    progress: Progress = silent,
) -> ScoreSummary:
    """The summary of judging all flows of files and folders; the arguments are the options of the verb.

    Of `settings` only the limits count, the rest is the bundle's. Verdict lines go to `output` in the order
    of the flows' start. With the folder of a `state`, it goes on where the last call ended: what that call
    told is told again only where it has changed. So many `workers` (one a core if none are named) share the
    work where there is much of it and no state; they change nothing of what is told. Raises `ConfigError`
    where no flow is usable, or where an output would take the place of an input or of another output.
    """
    started = time.perf_counter()
    outputs = Outputs(output, alerts, ocsf, report, cases, state)
    outputs.check(input)
    notes = outputs.clear_drafts()
    with rare_collections():
        model, manifest = load(Path(bundle), with_profiles=report is not None)
    settings = with_limits(model.settings, settings)
    planned = plan(workers if state is None else 1, paths_of(input), settings, format)
    pseudonyms = pseudonyms_of(Path(bundle), manifest)
    reading = what_to_read(input, format, settings, pseudonyms)
    call = _Call(Path(bundle), model, manifest, reading, pseudonyms, outputs)
    call = call._replace(only_anomalous=only_anomalous, progress=progress, started=started)
    with memory_in(state, identity(manifest)) as memory:
        try:
            summary = _scored(call, planned, memory)
        except MisledError:
            summary = _scored(call, Plan(1), memory)
        if memory.lasts:
            notes += kept_for_next(pseudonyms, Path(bundle), manifest)
    summary.notes = notes + memory.notes
    return summary


class _Call(NamedTuple):
    """What is to be done."""

    bundle: Path
    model: Model
    manifest: Manifest
    reading: ToRead
    pseudonyms: Pseudonyms
    outputs: Outputs
    only_anomalous: bool = False
    progress: Progress = silent
    started: float = 0.0


def _check_usable(tally: Tally, memory: Memory) -> None:
    """Raises `ConfigError` where nothing came of the input, unless it answers that there was nothing.

    A part that a later call goes on from may hold no flow, or nothing at all, if nothing in it was refused.
    """
    parsed, refused = tally.counts["documents parsed"], tally.counts["documents refused"]
    if memory.lasts:
        if refused and not parsed:
            raise nothing_usable(tally)
    elif not tally.is_quiet and not (
        parsed and (tally.counts["flows assembled"] or tally.counts[ENCOUNTERS])
    ):
        raise nothing_usable(tally)


def _scored(call: _Call, planned: Plan, memory: Memory) -> ScoreSummary:
    """The summary, once all is written."""
    model, outputs, earlier = call.model, call.outputs, memory.earlier
    with _set_aside() as (lines, store):
        passed = Passed(VerdictLines(lines), earlier, only_anomalous=call.only_anomalous)
        many = planned.workers > 1
        tally, judging = (_shared if many else _alone)(call, planned, passed, store, memory)
        _check_usable(tally, memory)
        passed.withdraw()
        if passed.told_before:
            tally.counts["flows told before"] += passed.told_before
        if passed.withdrawn:
            tally.counts["flows withdrawn"] += passed.withdrawn
        tell_of_gaps(passed, model, tally)
        if outputs.verdicts is not None:
            call.progress("writing", 0, 0)
            write_whole(Path(outputs.verdicts), passed.lines.in_order())
    summary = ScoreSummary(
        call.bundle,
        call.manifest,
        model,
        earlier.alerts(judging.alerts),
        earlier.cases(judging.cases),
        tally,
        time.perf_counter() - call.started,
        dict(sorted(passed.verdicts.items())),
        passed.span,
        len(passed.functions),
        dict(sorted(passed.open.items(), key=lambda one: (-one[1], one[0]))),
        earlier.shifts(judging.shifts),
        judging.waiting,
        earlier.withdrawn,
        earlier.withdrawn_shifts,
        earlier.withdrawn_cases,
        [*excusing_much(model.feedback, model.learned), *excused_many(tally.counts[EXCUSED], passed.flows)],
    )
    outputs.write_reports(
        summary.alerts,
        summary.withdrawn,
        Cases(summary.cases, earlier.withdrawn_cases),
        model.profiles,
        summary.for_report(),
    )
    memory.end()
    return summary


def _shared(
    call: _Call, planned: Plan, passed: Passed, store: Scratch, memory: Memory
) -> tuple[Tally, Judging]:
    """Lets all documents pass, of which workers judge a part each."""
    tally = Tally()
    judging = Judging(call.model, tally, store)
    tasks = tasks_for(
        planned.workers,
        "judged",
        call.reading,
        bundle=os.fsencode(call.bundle),
        manifest=digest(call.manifest),
        only_anomalous=call.only_anomalous,
    )
    with working(tasks, call.progress, planned.bytes) as workers:
        take_all(workers, judging, passed, tally)
    return tally, judging


def _alone(
    call: _Call, planned: Plan, passed: Passed, store: Scratch, memory: Memory
) -> tuple[Tally, Judging]:
    """Lets all documents pass; what is not final is judged as if nothing more came."""
    reading = call.reading
    telemetry = read_documents(
        reading.files, reading.settings, reading.format, call.progress, pseudonyms=call.pseudonyms
    )
    line = Pipeline(
        call.model,
        telemetry.parser,
        reading.settings,
        telemetry.tally,
        store,
        expecting=telemetry.expecting,
    )
    memory.begin(line)
    for some in batches(telemetry.documents, BATCH_DOCUMENTS):
        passed.take(line.passing(some))
    passed.take(memory.hold(line))
    passed.take(line.finish(), is_final=not memory.lasts)
    return telemetry.tally, line.judging


@contextmanager
def _set_aside() -> Iterator[tuple[IO[bytes], Scratch]]:
    """A file for lines, and a place for flows, that go with the command."""
    try:
        with rare_collections(), TemporaryFile() as lines, scratch() as store:
            yield lines, store
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ColdtrailError(f"The verdicts cannot be written: {error.strerror}.") from None
