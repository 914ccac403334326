"""The verb `train`: telemetry to a bundle."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import msgspec

from coldtrail.bundle import Manifest, check_target, save
from coldtrail.config import Settings
from coldtrail.learning.train import Training, check_available, learn
from coldtrail.ledger import Ledger
from coldtrail.verbs.reading import PathLike, Progress, nothing_usable, read_flows, silent
from coldtrail.version import __version__


@dataclass(frozen=True)
class TrainSummary:
    """What was learned, and what was lost on the way."""

    bundle: Path
    manifest: Manifest
    training: Training
    ledger: Ledger
    seconds: float


def train(
    input: Sequence[PathLike] | PathLike,
    bundle: PathLike,
    *,
    format: str = "auto",
    detector: Sequence[str] | None = None,
    seed: int = 0,
    settings: Settings | None = None,
    progress: Progress = silent,
) -> TrainSummary:
    """The summary of learning from files and folders into a bundle; the arguments are the verb's options.

    The default detectors draw no random numbers: the seed is for those that do, and is kept in the bundle.
    Raises `ConfigError` where the input holds nothing to learn from.
    """
    started = time.perf_counter()
    settings = settings or Settings()
    if detector:
        detection = msgspec.structs.replace(settings.detection, detectors=tuple(detector))
        settings = msgspec.structs.replace(settings, detection=detection)
    folder = Path(bundle)
    check_available(settings.detection)
    check_target(folder)
    flows, ledger = read_flows(input, settings, format, progress)
    some = iter(flows)
    first = next(some, None)
    if first is None:
        raise nothing_usable(ledger)
    training = learn(chain([first], some), settings, lambda stage: progress(stage, 0, 0), seed)
    history = training.model.history
    span = (0.0, 0.0) if history is None else (history.first, history.reference)
    metrics = {} if training.later_alarms is None else {"later_alarms": training.later_alarms}
    manifest = save(training.model, folder, version=__version__, seed=seed, span=span, metrics=metrics)
    return TrainSummary(folder, manifest, training, ledger, time.perf_counter() - started)
