"""Trains detectors on all flows, and a calibration on scores by detectors that have not seen each flow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from coldtrail.bundle.model import (
    channel_scores,
    channels_of,
    new_detectors,
)
from coldtrail.config import DetectionSettings
from coldtrail.detectors.detector import Detector, Fit, Tell, silent
from coldtrail.errors import ConfigError
from coldtrail.features.batch import Bools, Encoded, Floats, Ints
from coldtrail.features.hashing import mix
from coldtrail.learning.alert_rate import HeldOut, share_for
from coldtrail.learning.dataset import time_split
from coldtrail.verdicts.calibration import Calibration

CHECK_FOLDS = 4
"""Folds for the figure that is only told, not used: fewer are quicker, and a little stricter."""
LONG, LONG_STEPS, LONG_FOLDS = 100_000, 150_000, 5
"""A history of so many flows, or steps, is dealt to fewer folds: what each leaves out, most functions have
enough of."""
MOST_CHECKED = 50_000
"""Flows from which that figure is taken; of a longer history, those of functions drawn by their numbers."""


@dataclass(frozen=True)
class Taught:
    """Trained detectors and their calibration."""

    detectors: dict[str, Detector]
    calibration: Calibration
    budget: float
    """The share of benign flows that may alarm."""
    alerts_a_day: float | None = None
    """That the calibration makes of the flows, each judged by detectors that have not seen it."""


def teach(flows: Encoded, detection: DetectionSettings, tell: Tell = silent, seed: int = 0) -> Taught:
    """Detectors trained on all flows, and the calibration from detectors blind to each flow."""
    if not detection.detectors:
        raise ConfigError("No detector is chosen; name at least one, such as sequence.")
    detectors = new_detectors(detection.detectors, seed)
    flows = replace(flows)  # what detectors make of it once is let go in the end
    folds = folds_of(len(flows), len(flows.step), detection.folds)
    fold = dealt(flows.function, folds, flows.shapes.of)
    weight = (folds - 1) / folds if folds > 1 else 1.0
    columns = []
    for name, detector in detectors.items():
        rows = detector.kept_back(flows)
        if rows is None:
            fit = detector.fits(flows)
            columns.append(_out_of_fold(name, fit, flows, fold, tell))
            detectors[name] = fit(np.ones(len(flows), np.bool_), weight)
            del fit  # what it holds of a long history is large
        else:
            tell("fitting")
            columns.append(_kept_back_scores(detector.fit(flows, weight, tell), flows, rows))
    tell("calibrating")
    scores = np.concatenate(columns, axis=1)
    held_out = _held_out(detectors, flows, scores, detection.ready_flows)
    asked = detection.alerts_a_day > 0.0
    budget = share_for(held_out, detection) if asked else detection.budget
    calibration = Calibration(held_out.channels).fit(flows, scores, budget)
    return Taught(detectors, calibration, budget, held_out.alerts_a_day(calibration))


def _held_out(detectors: Mapping[str, Detector], flows: Encoded, scores: Floats, ready_flows: int) -> HeldOut:
    """The flows that all detectors were blind to."""
    known = np.flatnonzero(~np.isnan(scores).any(axis=1))
    of_time = [name == "timing" for name, one in detectors.items() for _ in one.channels]
    return HeldOut(
        channels_of(detectors), flows.take(known), scores[known], np.array(of_time, np.bool_), ready_flows
    )


def folds_of(flows: int, steps: int, wanted: int) -> int:
    """To how many folds so many flows, with so many steps, are dealt where so many folds are wanted."""
    long = flows >= LONG or steps >= LONG_STEPS
    return min(wanted, LONG_FOLDS if long else wanted, flows)


def _kept_back_scores(detector: Detector, flows: Encoded, rows: Ints) -> Floats:
    """(flow, channel) scores of the flows that a detector has not learned from, NaN for the others."""
    out = np.full((len(flows), len(detector.channels)), np.nan)
    out[rows] = detector.score(flows.take(rows))
    return out


def _out_of_fold(name: str, fit: Fit, flows: Encoded, fold: Ints, tell: Tell) -> Floats:
    """(flow, channel) scores of each flow by detectors that have not seen it; of all by all in one fold."""
    folds = int(fold.max(initial=0)) + 1
    parts = []
    rows = []
    for k in range(folds):
        tell(f"{name}, fold {k + 1} of {folds}")
        held_out = np.flatnonzero(fold == k)
        some = fold != k if folds > 1 else np.ones(len(flows), np.bool_)
        parts.append(fit(some, 1.0).score(flows.take(held_out)))
        rows.append(held_out)
    out = np.concatenate(parts)
    return out[np.argsort(np.concatenate(rows), kind="stable")]


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
    check = msgspec.structs.replace(detection, folds=min(detection.folds, CHECK_FOLDS), alerts_a_day=0.0)
    taught = teach(early, check)
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
