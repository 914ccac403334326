"""The verb `update`: a bundle and new telemetry to a bundle that knows both."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from coldtrail.bundle.folder import load, save
from coldtrail.bundle.manifest import Manifest, check_target
from coldtrail.bundle.model import Model
from coldtrail.config import Settings
from coldtrail.detectors.detector import Tell
from coldtrail.detectors.signalling import ENCOUNTERS, KNOWN_BEFORE, Signalling
from coldtrail.errors import ConfigError
from coldtrail.learning.following import followed, with_baselines
from coldtrail.learning.review import ReviewEntry, review
from coldtrail.learning.train import Training
from coldtrail.learning.update import Update, check_history, learn_more
from coldtrail.learning.without_flows import judges_no_run, learned_more_without_flows
from coldtrail.pipeline import signalling_of
from coldtrail.records.columns import AnyFlow
from coldtrail.records.tally import Tally
from coldtrail.store.drafts import clear_drafts
from coldtrail.store.whole_folder import clear_left
from coldtrail.verbs.pseudonym_key import kept, key_file, pseudonyms_of
from coldtrail.verbs.reading import PathLike, Progress, nothing_usable, read_any_flows, silent, with_limits
from coldtrail.verbs.showing import false_alarms_a_day
from coldtrail.verdicts.feedback import AnyRemark, read_feedback
from coldtrail.version import __version__


@dataclass(frozen=True)
class UpdateSummary:
    """What was learned more, what that changed, and what was lost on the way."""

    bundle: Path
    """Where the new bundle lies."""
    manifest_before: Manifest
    manifest: Manifest
    update: Update
    tally: Tally
    seconds: float
    review: list[ReviewEntry]
    """What is rare in what was learned: a person should look at it."""
    false_alarms_a_day_before: float | None
    """Expected; None where the history is too short to tell."""
    false_alarms_a_day: float | None
    notes: list[str]
    """What was put right beside the new bundle before, a sentence each."""


def update(
    bundle: PathLike,
    input: Sequence[PathLike] | PathLike | None,
    output: PathLike,
    *,
    feedback: PathLike | None = None,
    learn_flagged: bool = False,
    learn_releases: bool = True,
    other_application: bool = False,
    format: str = "auto",
    settings: Settings | None = None,
    workers: int | None = None,
    progress: Progress = silent,
) -> UpdateSummary:
    """The summary of adding telemetry to a bundle; the arguments are the verb's options.

    The new bundle goes to `output`, which may be the old one. Of `settings` only the limits count. With a
    `feedback` file, the input may be missing. So many `workers` (one a core if none are named) read where
    there is much to read; they change nothing of what is learned. Raises `ConfigError` where the bundle
    cannot be updated, the input holds nothing to learn from, or nothing of the feedback could be followed.
    """
    started = time.perf_counter()
    folder = Path(output)
    check_target(folder)
    notes = clear_left(folder) + clear_drafts(key_file(folder))
    remarks = _remarks(input, feedback)
    model, before = load(Path(bundle), with_history=True)
    if not judges_no_run(model):
        check_history(model)
    pseudonyms = pseudonyms_of(Path(bundle), before)
    expected = false_alarms_a_day(before)
    tally = Tally()
    signalling = signalling_of(model, tally)
    signalling.pass_over_known()
    flows: Iterator[AnyFlow] = iter(())
    if input is not None:
        reading = with_limits(model.settings, settings)
        watch = signalling.observe
        flows = read_any_flows(input, reading, format, progress, workers, pseudonyms, watch, tally).flows
    done = _learned_more(
        model,
        flows,
        signalling,
        remarks=remarks,
        learn_flagged=learn_flagged,
        learn_releases=learn_releases,
        other_application=other_application,
        tell=lambda stage: progress(stage, 0, 0),
        seed=before.seed,
    )
    if done is None or (input is not None and not _holds_anything(done, tally)):
        raise nothing_usable(tally)
    if remarks and not done.remarks.applied:
        raise ConfigError(done.remarks.sentences()[0])
    with kept(pseudonyms, folder, before) as key:
        replaces = folder.resolve() == Path(bundle).resolve()
        manifest = _saved(done.training, folder, before, key, replaces=replaces)
    rare = [] if done.model.history is None else review(done.model.history, done.training.holding)
    after, took = false_alarms_a_day(manifest), time.perf_counter() - started
    return UpdateSummary(folder, before, manifest, done, tally, took, rare, expected, after, notes)


def _learned_more(
    model: Model,
    flows: Iterable[AnyFlow],
    signalling: Signalling,
    *,
    remarks: Sequence[AnyRemark],
    learn_flagged: bool,
    learn_releases: bool,
    other_application: bool,
    tell: Tell,
    seed: int,
) -> Update | None:
    """A model that learned more; None where it judges no run and nothing tells of a function."""
    if judges_no_run(model):
        return learned_more_without_flows(model, followed(flows, signalling), signalling, remarks)
    done = learn_more(
        model,
        followed(flows, signalling),
        remarks=remarks,
        learn_flagged=learn_flagged,
        learn_releases=learn_releases,
        other_application=other_application,
        tell=tell,
        seed=seed,
    )
    baselines = with_baselines(done.model, signalling)
    return replace(done, training=replace(done.training, model=baselines))


def _holds_anything(done: Update, tally: Tally) -> bool:
    """Whether the input told of any run, or of anything beside that detectors of signals follow."""
    return bool(done.counts.read or tally.counts[ENCOUNTERS] or tally.counts[KNOWN_BEFORE])


def _remarks(input: Sequence[PathLike] | PathLike | None, feedback: PathLike | None) -> list[AnyRemark]:
    """What people said; raises `ConfigError` where neither that nor any input is there to learn."""
    if input is None and feedback is None:
        raise ConfigError("There is nothing to learn: give --input, --feedback, or both.")
    remarks = [] if feedback is None else read_feedback(Path(feedback))
    if input is None and not remarks:
        raise ConfigError(f"{feedback}: no remark is in it, and there is no --input: nothing to learn.")
    return remarks


def _saved(
    training: Training, folder: Path, before: Manifest, key: str | None, *, replaces: bool
) -> Manifest:
    model, history = training.model, training.model.history
    rate = training.alerts_a_day
    span = (before.first_start, before.last_start) if history is None else (history.first, history.reference)
    return save(
        model,
        folder,
        version=__version__,
        seed=before.seed,
        span=span,
        metrics={**({} if rate is None else {"alerts_a_day": rate}), **training.group_figures},
        replacing=before if replaces else None,
        pseudonym_key=key,
    )
