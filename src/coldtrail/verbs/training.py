"""The verb `train`: telemetry to a bundle."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import msgspec

from coldtrail.bundle.folder import save
from coldtrail.bundle.manifest import Manifest, check_target
from coldtrail.bundle.plausible import check_limits
from coldtrail.config import Settings
from coldtrail.detectors.detector import Tell
from coldtrail.detectors.signalling import Signalling
from coldtrail.errors import ConfigError
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.learning.following import followed, with_baselines
from coldtrail.learning.remarks import Remarks
from coldtrail.learning.review import ReviewEntry, review
from coldtrail.learning.train import Training, check_available, learn, needs_words
from coldtrail.learning.without_flows import learned_without_flows
from coldtrail.records.columns import AnyFlow
from coldtrail.records.tally import Tally
from coldtrail.store.drafts import clear_drafts
from coldtrail.store.whole_folder import clear_left
from coldtrail.verbs.pseudonym_key import kept, key_file, pseudonyms_of_new
from coldtrail.verbs.reading import PathLike, Progress, Watch, nothing_usable, read_any_flows, silent
from coldtrail.verdicts.feedback import read_feedback
from coldtrail.version import __version__

Reader = Callable[[Settings, Pseudonyms, Watch, Tally], Iterator[AnyFlow]]
"""Gives the flows of telemetry; told the settings, who makes pseudonyms, who is told what documents tell
beside traces, and where to count."""


@dataclass(frozen=True)
class TrainSummary:
    """What was learned, and what was lost on the way."""

    bundle: Path
    manifest: Manifest
    training: Training
    tally: Tally
    seconds: float
    remarks: Remarks
    review: list[ReviewEntry]
    """What is rare in what was learned: a person should look at it."""
    notes: list[str]
    """What was put right beside the bundle before, a sentence each."""


def train(
    input: Sequence[PathLike] | PathLike,
    bundle: PathLike,
    *,
    format: str = "auto",
    detector: Sequence[str] | None = None,
    seed: int = 0,
    settings: Settings | None = None,
    feedback: PathLike | None = None,
    workers: int | None = None,
    progress: Progress = silent,
) -> TrainSummary:
    """The summary of learning from files and folders into a bundle; the arguments are the verb's options.

    The default detectors draw no random numbers: the seed is for those that do, and is kept in the bundle.
    So many `workers` (one a core if none are named) read where there is much to read; they change nothing of
    what is learned. Raises `ConfigError` where the input holds nothing to learn from.
    """

    def read(settings: Settings, pseudonyms: Pseudonyms, watch: Watch, tally: Tally) -> Iterator[AnyFlow]:
        return read_any_flows(input, settings, format, progress, workers, pseudonyms, watch, tally).flows

    return train_on(
        read,
        Path(bundle),
        detector=detector,
        seed=seed,
        settings=settings or Settings(),
        feedback=feedback,
        progress=progress,
    )


def train_on(
    read: Reader,
    folder: Path,
    *,
    settings: Settings,
    detector: Sequence[str] | None = None,
    seed: int = 0,
    feedback: PathLike | None = None,
    progress: Progress = silent,
) -> TrainSummary:
    """The summary of learning from what a reader gives; it is called once, when all else is in order."""
    started = time.perf_counter()
    if detector:
        detection = msgspec.structs.replace(settings.detection, detectors=tuple(detector))
        settings = msgspec.structs.replace(settings, detection=detection)
    check_available(settings.detection)
    check_target(folder)
    check_limits(settings.limits)
    pseudonyms = pseudonyms_of_new(folder)
    notes = clear_left(folder) + clear_drafts(key_file(folder))
    remarks = Remarks([] if feedback is None else read_feedback(Path(feedback)))
    if remarks.given and needs_words(settings.detection):
        raise ConfigError(
            "An autoencoder takes no feedback; leave --feedback out, or choose other detectors."
        )
    tally = Tally()
    signalling = Signalling(settings, tally)
    flows = read(settings, pseudonyms, signalling.observe, tally)
    training = _learned(flows, signalling, settings, lambda stage: progress(stage, 0, 0), seed, remarks)
    if training is None:
        raise nothing_usable(tally)
    if remarks.given and not remarks.applied:
        raise ConfigError(remarks.sentences()[0])
    history = training.model.history
    with kept(pseudonyms, folder) as key:
        manifest = _saved(training, folder, seed, key)
    rare = [] if history is None else review(history, training.holding)
    return TrainSummary(
        folder, manifest, training, tally, time.perf_counter() - started, remarks, rare, notes
    )


def _learned(
    flows: Iterable[AnyFlow],
    signalling: Signalling,
    settings: Settings,
    tell: Tell,
    seed: int,
    remarks: Remarks,
) -> Training | None:
    """What was learned; None where there is nothing to learn from."""
    some = followed(flows, signalling)
    first = next(some, None)
    if first is None:
        return learned_without_flows(settings, signalling)
    training = learn(chain([first], some), settings, tell, seed, remarks)
    return replace(training, model=with_baselines(training.model, signalling))


def _saved(training: Training, folder: Path, seed: int, key: str | None) -> Manifest:
    history = training.model.history
    told = {"later_alarms": training.later_alarms, "alerts_a_day": training.alerts_a_day}
    figures = {name: figure for name, figure in told.items() if figure is not None}
    return save(
        training.model,
        folder,
        version=__version__,
        seed=seed,
        span=(0.0, 0.0) if history is None else (history.first, history.reference),
        metrics={**figures, **training.group_figures},
        pseudonym_key=key,
    )
