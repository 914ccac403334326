"""Trains detectors on all flows, and a calibration on scores by detectors that have not seen each flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from coldtrail.bundle.model import (
    channel_scores,
    channels_of,
    new_detectors,
)
from coldtrail.config import DetectionSettings
from coldtrail.detectors.detector import Detector, Tell, silent
from coldtrail.errors import ConfigError
from coldtrail.features.batch import Bools, Encoded, Floats, Ints
from coldtrail.features.hashing import mix
from coldtrail.learning.dataset import time_split
from coldtrail.verdicts.calibration import Calibration

CHECK_FOLDS = 4
"""Folds for the figure that is only told, not used: fewer are quicker, and a little stricter."""
LONG, LONG_FOLDS = 100_000, 5
"""A history of so many flows is dealt to fewer folds: what each leaves out, all functions have enough of."""
MOST_CHECKED = 50_000
"""Flows from which that figure is taken; of a longer history, those of functions drawn by their numbers."""


@dataclass(frozen=True)
class Taught:
    """Trained detectors and their calibration."""

    detectors: dict[str, Detector]
    calibration: Calibration


def teach(flows: Encoded, detection: DetectionSettings, tell: Tell = silent, seed: int = 0) -> Taught:
    """Detectors trained on all flows, and the calibration from detectors blind to each flow."""
    if not detection.detectors:
        raise ConfigError("No detector is chosen; name at least one, such as sequence.")
    detectors = new_detectors(detection.detectors, seed)
    kept_back = {name: one.kept_back(flows) for name, one in detectors.items()}
    folded = [name for name, rows in kept_back.items() if rows is None]
    folds = folds_of(len(flows), detection.folds)
    blind = _out_of_fold(folded, flows, folds, tell) if folded else np.zeros((len(flows), 0))
    tell("fitting")
    weight = (folds - 1) / folds if folds > 1 else 1.0
    columns = []
    for name, detector in detectors.items():
        detector.fit(flows, weight, tell)
        rows = kept_back[name]
        if rows is None:
            columns.append(blind[:, : len(detector.channels)])
            blind = blind[:, len(detector.channels) :]
        else:
            columns.append(_kept_back_scores(detector, flows, rows))
    scores = np.concatenate(columns, axis=1)
    calibration = Calibration(channels_of(detectors)).fit(flows, scores, detection.budget)
    return Taught(detectors, calibration)


def folds_of(flows: int, wanted: int) -> int:
    """To how many folds so many flows are dealt where so many folds are wanted."""
    return min(wanted, LONG_FOLDS) if flows >= LONG else min(wanted, flows)


def _kept_back_scores(detector: Detector, flows: Encoded, rows: Ints) -> Floats:
    """(flow, channel) scores of the flows that a detector has not learned from, NaN for the others."""
    out = np.full((len(flows), len(detector.channels)), np.nan)
    out[rows] = detector.score(flows.take(rows))
    return out


def _fitted(names: Sequence[str], flows: Encoded, weight: float = 1.0) -> dict[str, Detector]:
    return {name: detector.fit(flows, weight) for name, detector in new_detectors(names).items()}


def _out_of_fold(names: Sequence[str], flows: Encoded, folds: int, tell: Tell) -> Floats:
    """(flow, channel) scores of each flow by detectors that have not seen it."""
    fold = dealt(flows.function, folds, flows.shapes.of)
    parts = []
    rows = []
    for k in range(folds):
        tell(f"fold {k + 1} of {folds}")
        held_out = fold == k
        parts.append(_blind_scores(names, flows, held_out if folds > 1 else None))
        rows.append(np.flatnonzero(held_out))
    out = np.concatenate(parts)
    return out[np.argsort(np.concatenate(rows), kind="stable")]


def _blind_scores(names: Sequence[str], flows: Encoded, held_out: Bools | None) -> Floats:
    """(flow, channel) scores of what is held out, by detectors of the rest; of all by all without it."""
    if held_out is None:
        return channel_scores(_fitted(names, flows), flows)
    return channel_scores(
        _fitted(names, flows.take(np.flatnonzero(~held_out))), flows.take(np.flatnonzero(held_out))
    )


def dealt(function: Ints, folds: int, shape: Ints | None = None) -> Ints:
    """(flow,) the fold of each flow, for flows in the order of their start.

    Each function's flows are dealt in rounds, one to a fold, so that all folds know each function and what it
    does only since its latest release. Flows of one shape come after one another, so that the few of a rare
    one do not fall into the same fold and look as if they had never happened. Within a round they are
    shuffled, as whatever a function does every tenth time would fall into one of ten folds as well.
    """
    order = np.argsort(function, kind="stable") if shape is None else np.lexsort((shape, function))
    ordered = function[order]
    place = np.arange(len(function)) - np.searchsorted(ordered, ordered, side="left")
    shuffled = np.lexsort((mix(np.full(len(place), 61, np.uint64), order), place // folds, ordered))
    fold = np.empty(len(function), np.int64)
    fold[order[shuffled]] = place % folds
    return fold


def later_alarms(flows: Encoded, kept: Bools, detection: DetectionSettings) -> float:
    """The share of the last fifth of flows that alarms when only the first four fifths were learned.

    What is not kept is not learned, but alarms as it would later. Of a long history, some functions tell for
    all.
    """
    some = _some_functions(flows)
    flows, kept = flows.take(some), kept[some]
    before, after = time_split(len(flows), 0.8)
    early, late = flows.take(before[kept[before]]), flows.take(after)
    if not len(early) or not len(late):
        return 0.0
    taught = teach(early, msgspec.structs.replace(detection, folds=min(detection.folds, CHECK_FOLDS)))
    learned = np.bincount(early.function, early.weight, int(late.function.max()) + 1)
    ready = learned[late.function] >= detection.ready_flows
    combined = taught.calibration.bans(late, channel_scores(taught.detectors, late)).max(axis=1)
    return float(np.average(ready & (combined > taught.calibration.threshold_), weights=late.weight))


def _some_functions(flows: Encoded) -> Ints:
    """The flows of functions drawn at random, the same each time, that have no more than `MOST_CHECKED`."""
    if len(flows) <= MOST_CHECKED:
        return np.arange(len(flows))
    number = np.bincount(flows.function)
    drawn = np.argsort(mix(np.full(len(number), 97, np.uint64), np.arange(len(number))), kind="stable")
    taken = drawn[np.cumsum(number[drawn]) <= MOST_CHECKED]
    return np.flatnonzero(np.isin(flows.function, taken))
