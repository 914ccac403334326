"""Flows to a model: words, detectors, calibration, and how each function normally runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from coldtrail.calibration import Calibration, flows_needed
from coldtrail.config import DetectionSettings, Settings
from coldtrail.detecting import Detector, SelfCalibrated, Tell, silent
from coldtrail.errors import ConfigError
from coldtrail.features.encode import Encoded, Floats, Ints, encode
from coldtrail.features.hashing import mix
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.feedback import Feedback
from coldtrail.history import History
from coldtrail.learning.accepting import accept, rebase
from coldtrail.learning.budget import settled
from coldtrail.learning.dataset import time_split
from coldtrail.learning.groups import put_in_groups
from coldtrail.learning.hearing import Heard, excuse, refuse
from coldtrail.learning.newest import lifted
from coldtrail.learning.profile import profiles
from coldtrail.model import (
    Model,
    channel_scores,
    new_detectors,
    ruled_columns,
    surprise_columns,
    tier_columns,
)
from coldtrail.records import Flow
from coldtrail.shifts.learning import learn_baselines
from coldtrail.shifts.pauses import learn_pauses
from coldtrail.shifts.readings import readings_of

CHECK_FOLDS = 4
"""Folds for the figure that is only told, not used: fewer are quicker, and a little stricter."""

MOST_REMARKS = 5
"""Functions with ever new names that are told one by one."""


@dataclass(frozen=True)
class Training:
    """A model, and what learning it showed."""

    model: Model
    flows: int
    """Flows learned from."""
    left_out: int
    """Flows whose record was still open."""
    not_ready: tuple[str, ...]
    """Functions with too little history to be judged."""
    later_alarms: float | None
    """Share of the last fifth of the history that alarms when only the first four fifths were learned; None
    where a detector is too costly to learn twice."""
    warnings: tuple[str, ...]


def learn(
    flows: Iterable[Flow],
    settings: Settings,
    tell: Tell = silent,
    seed: int = 0,
    heard: Heard | None = None,
) -> Training:
    """What was learned from flows of any order; raises `ConfigError` where there is nothing to learn from.

    What `heard` calls an attack is not learned, nor what is like it; what it calls legitimate is excused.
    """
    tell("encoding")
    heard = heard or Heard()
    gathered = _Gathered(needs_words(settings.detection))
    history = History(Vocabulary()).add(gathered.take(heard.listening(flows)))
    feedback = accept(heard, refuse(heard, Feedback(), history), [], history.vocabulary)
    training = learn_from(history, settings, tell, seed, gathered)
    training.model.feedback = feedback
    excuse(heard, training.model)
    rebase(training.model)
    return training


def learn_from(
    history: History,
    settings: Settings,
    tell: Tell = silent,
    seed: int = 0,
    gathered: _Gathered | None = None,
    check: bool = True,
) -> Training:
    """What was learned from a history; raises `ConfigError` where it is empty.

    Without `check`, it is not told how much of the last fifth would have alarmed: that learns once more.
    """
    if not len(history.flows):
        raise ConfigError("There is no complete function flow to learn from; give more telemetry.")
    history.compact()
    settings = settled(settings, history)
    gathered = gathered or _Gathered(False)
    words = history.vocabulary
    put_in_groups(history)
    encoded = encode(gathered.sorted(), words) if gathered.kept else lifted(history)
    taught = _teach(encoded, settings.detection, tell, seed)
    learned = dict(history.learned)
    tell("describing")
    shown = profiles(history.flows, words)
    model = Model(
        settings, words, taught.detectors, taught.calibration, learned, shown, history.versions(), history
    )
    model.shifts = learn_baselines(readings_of(history.flows))
    model.shifts.pauses = learn_pauses(history.flows, words, model.shifts.functions)
    few = tuple(sorted(name for (_, name), n in learned.items() if n < settings.detection.ready_flows))
    later = None
    if check and not needs_words(settings.detection):
        tell("checking")
        later = _later_alarms(encoded, settings.detection)
    number = sum(learned.values())
    return Training(model, number, gathered.left_out, few, later, _warnings(model, few))


def check_available(detection: DetectionSettings) -> None:
    """Nothing; raises `ConfigError` where a detector is unknown, or needs what is not installed to learn."""
    for detector in new_detectors(detection.detectors).values():
        if isinstance(detector, SelfCalibrated):
            detector.check_available()


def needs_words(detection: DetectionSettings) -> bool:
    """Whether a detector reads words and clocks of each flow, which a history does not keep."""
    detectors = new_detectors(detection.detectors)
    return any(isinstance(one, SelfCalibrated) for one in detectors.values())


class _Gathered:
    """Flows on their way into a history."""

    def __init__(self, keep: bool) -> None:
        self._keep = keep
        self.kept: list[Flow] = []
        self.left_out = 0
        """Flows whose record was still open."""

    def take(self, flows: Iterable[Flow]) -> Iterator[Flow]:
        for flow in flows:
            self.left_out += not flow.complete
            if self._keep and flow.complete:
                self.kept.append(flow)
            yield flow

    def sorted(self) -> list[Flow]:
        """The flows kept, by their start."""
        return sorted(self.kept, key=lambda flow: (flow.start_time, flow.function_flow_id))


@dataclass(frozen=True)
class _Taught:
    detectors: dict[str, Detector]
    calibration: Calibration


def _teach(flows: Encoded, detection: DetectionSettings, tell: Tell = silent, seed: int = 0) -> _Taught:
    """Detectors that learned from all flows, and the calibration that detectors blind to each flow gave."""
    if not detection.detectors:
        raise ConfigError("No detector is chosen; name at least one, such as sequence.")
    detectors = new_detectors(detection.detectors, seed)
    folded = [name for name, one in detectors.items() if not isinstance(one, SelfCalibrated)]
    folds = min(detection.folds, len(flows))
    blind = _out_of_fold(folded, flows, folds, tell) if folded else np.zeros((len(flows), 0))
    tell("fitting")
    weight = (folds - 1) / folds if folds > 1 else 1.0
    columns = []
    for detector in detectors.values():
        if isinstance(detector, SelfCalibrated):
            detector.fit(flows, weight, tell)
            columns.append(_kept_back_scores(detector, flows))
        else:
            detector.fit(flows, weight)
            columns.append(blind[:, : len(detector.channels)])
            blind = blind[:, len(detector.channels) :]
    scores = np.concatenate(columns, axis=1)
    calibration = Calibration().fit(
        flows,
        scores,
        detection.budget,
        tier_columns(detectors),
        ruled_columns(detectors),
        surprise_columns(detectors),
    )
    return _Taught(detectors, calibration)


def _kept_back_scores(detector: SelfCalibrated, flows: Encoded) -> Floats:
    """(flow, channel) scores of the flows that a detector has not learned from, NaN for the others."""
    rows = detector.kept_back(flows)
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
        held_out = np.flatnonzero(fold == k)
        known = flows.take(np.flatnonzero(fold != k)) if folds > 1 else flows
        parts.append(channel_scores(_fitted(names, known), flows.take(held_out)))
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


def _later_alarms(flows: Encoded, detection: DetectionSettings) -> float:
    early, late = (flows.take(rows) for rows in time_split(len(flows), 0.8))
    if not len(early) or not len(late):
        return 0.0
    taught = _teach(early, msgspec.structs.replace(detection, folds=min(detection.folds, CHECK_FOLDS)))
    learned = np.bincount(early.function, early.weight, int(late.function.max()) + 1)
    ready = learned[late.function] >= detection.ready_flows
    combined = taught.calibration.bans(late, channel_scores(taught.detectors, late)).max(axis=1)
    return float(np.average(ready & (combined > taught.calibration.threshold_), weights=late.weight))


def _warnings(model: Model, few: tuple[str, ...]) -> tuple[str, ...]:
    out = []
    budget = model.settings.detection.budget
    needed = flows_needed(budget)
    flows, total = round(model.calibration.flows_), sum(model.learned.values())
    budgeted = len(model.calibration.ruled_) < sum(len(one.channels) for one in model.detectors.values())
    if flows < needed and budgeted:
        which = (
            f"{flows:,} flows" if flows == total else f"The {flows:,} flows kept back to set the threshold"
        )
        out.append(
            f"{which} cannot hold a budget of {budget:g} false alarms a flow; "
            f"it takes {needed:,}. Alarms may come more often than budgeted."
        )
    if model.history is not None:
        out += model.history.sentences()
    for detector in model.detectors.values():
        if isinstance(detector, SelfCalibrated):
            out += detector.remarks_
    remarks = [remark.sentence for remark in model.vocabulary.naming.remarks()]
    out += remarks[:MOST_REMARKS]
    if len(remarks) > MOST_REMARKS:
        out.append(f"{len(remarks) - MOST_REMARKS:,} more kinds of resources have ever new names as well.")
    if few:
        shown = ", ".join(few[:5]) + (f" and {len(few) - 5} more" if len(few) > 5 else "")
        enough = model.settings.detection.ready_flows
        out.append(f"Too little history (under {enough} flows) for {shown}: their verdict is not_ready.")
    return tuple(out)
