"""Learns a model from flows: words, detectors, calibration, and how each function normally runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from coldtrail.alerts.places import Places
from coldtrail.bundle.history import History
from coldtrail.bundle.kinds import kinds_learned
from coldtrail.bundle.model import Model, new_detectors
from coldtrail.config import DetectionSettings, Settings
from coldtrail.detectors.detector import Tell, silent
from coldtrail.detectors.drift.absence_limits import applications_of, learn_absence_limits
from coldtrail.detectors.drift.baselines import ShiftBaselines
from coldtrail.detectors.drift.learning import learn_baselines
from coldtrail.detectors.drift.load_learning import learn_loads
from coldtrail.detectors.drift.readings import readings_of
from coldtrail.detectors.drift.step_learning import learn_step_times
from coldtrail.errors import ConfigError
from coldtrail.features.batch import Bools, Encoded
from coldtrail.features.encode import encode
from coldtrail.features.fitness import is_fit
from coldtrail.features.homes import at_home
from coldtrail.features.lean import whole
from coldtrail.features.recalled import recalled
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.learning.accepting import accept, rebased
from coldtrail.learning.anchoring import anchored
from coldtrail.learning.budget import settled, with_share
from coldtrail.learning.cautions import cautions
from coldtrail.learning.excusing import excusing_much
from coldtrail.learning.going_on import (
    can_go_on,
    grown,
    profiles_of,
    shifts_of,
    since_fitted,
    taught_more,
    with_new_kinds,
)
from coldtrail.learning.groups import put_in_groups
from coldtrail.learning.holding import Holding, hold
from coldtrail.learning.newest import lifted
from coldtrail.learning.profile import profiles
from coldtrail.learning.remarks import Remarks, excused, refuse, vouch
from coldtrail.learning.teaching import Taught, later_alarms, teach
from coldtrail.records.columns import AnyFlow
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.profile import Profile
from coldtrail.verdicts.feedback import Feedback


@dataclass(frozen=True)
class Training:
    """A new model, and what was noticed while learning it."""

    model: Model
    flows: int
    """Flows learned from."""
    left_out: int
    """Flows whose record was still open, or that no trace tells of though their function is traced."""
    not_ready: tuple[str, ...]
    """Functions with too little history to be judged."""
    later_alarms: float | None
    """Share of the last fifth of the history that alarms when only the first four fifths were learned; None
    where a detector is too costly to learn twice."""
    warnings: tuple[str, ...]
    holding: Holding
    """What is rare in the history, and what of it is held back."""
    alerts_a_day: float | None = None
    """That the flows would have made, each judged by what was learned of the others; None where that is not
    known."""
    group_figures: Mapping[str, float] = field(default_factory=dict)
    """How stable the groups of functions are."""


def learn(
    flows: Iterable[AnyFlow],
    settings: Settings,
    tell: Tell = silent,
    seed: int = 0,
    remarks: Remarks | None = None,
) -> Training:
    """What was learned from flows of any order; raises `ConfigError` where there is nothing to learn from.

    What `remarks` calls an attack is not learned, nor what is like it; what it calls legitimate is excused.
    """
    tell("encoding")
    remarks = remarks or Remarks()
    gathered = _Gathered(needs_words(settings.detection))
    history = History(Vocabulary()).add(gathered.take(remarks.listening(flows)))
    feedback = accept(remarks, refuse(remarks, Feedback(), history), [], history.vocabulary)
    feedback = vouch(remarks, feedback, history)
    training = learn_from(history, settings, tell, seed, gathered, feedback=feedback)
    model = anchored(rebased(excused(training.model, remarks)))
    warnings = (*training.warnings, *excusing_much(model.feedback, model.learned))
    return replace(training, model=model, warnings=warnings)


def learn_from(
    history: History,
    settings: Settings,
    tell: Tell = silent,
    seed: int = 0,
    gathered: _Gathered | None = None,
    check: bool = True,
    feedback: Feedback | None = None,
    before: Model | None = None,
) -> Training:
    """What was learned from a history; raises `ConfigError` where it is empty.

    What is rare is held back, as far as the settings want it and feedback does not speak for it.

    Without `check`, it is not told how much of the last fifth would have alarmed: that learns once more.
    Where a model `before` knows nearly all of a long history, only what is new is learned (`going_on`).
    """
    if not len(history.flows):
        raise ConfigError("There is no complete function flow to learn from; give more telemetry.")
    history.compact()
    feedback = feedback or Feedback()
    going_on = before if before is not None and can_go_on(before, history) else None
    some = None if going_on is None else with_new_kinds(going_on, history)
    holding = hold(history, settings.detection.hold_rare, feedback, some)
    learned = holding.learned(history)
    settings = settled(settings, history, learned)
    gathered = gathered or _Gathered(False)
    groups = put_in_groups(history)
    encoded, kept = _to_fit(history, holding, gathered.sorted(), needs_words(settings.detection))
    if going_on is not None:
        fitted = _going_on(going_on, history, encoded)
    else:
        fitted = _fitted(
            history, holding, encoded.in_order(np.flatnonzero(kept)), settings.detection, tell, seed
        )
    settings = with_share(settings, fitted.taught.budget)
    model = _model(history, settings, fitted, holding, learned, feedback)
    few = _too_few(learned, settings.detection.ready_flows)
    later = None
    if check and not needs_words(settings.detection):
        tell("checking")
        later = later_alarms(encoded, kept, settings.detection)
    number = sum(learned.values())
    warnings = (*gathered.warnings, *cautions(model, few))
    alerts_a_day = fitted.taught.alerts_a_day
    return Training(
        model, number, gathered.left_out, few, later, warnings, holding, alerts_a_day, groups.figures
    )


def _model(
    history: History,
    settings: Settings,
    fitted: _Fitted,
    holding: Holding,
    learned: dict[FunctionKey, int],
    feedback: Feedback,
) -> Model:
    """All that was learned, as one thing."""
    return Model(
        settings=settings,
        vocabulary=history.vocabulary,
        detectors=fitted.taught.detectors,
        calibration=fitted.taught.calibration,
        learned=learned,
        profiles=fitted.profiles,
        versions=history.versions(),
        kinds=kinds_learned(history, settings.detection.ready_flows),
        feedback=feedback,
        held_back=holding.flows,
        since_fitted=fitted.since,
        shifts=fitted.shifts,
        history=history,
    )


def _to_fit(
    history: History, holding: Holding, gathered: Sequence[Flow], words: bool
) -> tuple[Encoded, Bools]:
    """The flows as a model is fitted to them, and which of them are not held back: those that were gathered
    with their words, or else those of the history, with the words that the vocabulary recalls if wanted."""
    if gathered:
        return encode(gathered, history.vocabulary), _not_of(gathered, holding, history)
    flows = lifted(history).looking(history.vocabulary.looks)
    if words:
        flows = recalled(flows, history.vocabulary)
    return flows, np.isin(np.arange(len(flows)), holding.kept)


class _Fitted(NamedTuple):
    """What was fitted to a history."""

    taught: Taught
    profiles: Sequence[Profile]
    shifts: ShiftBaselines
    since: int
    """Flows learned since all were fitted together."""


def _fitted(
    history: History, holding: Holding, kept: Encoded, detection: DetectionSettings, tell: Tell, seed: int
) -> _Fitted:
    taught = teach(kept, detection, tell, seed)
    tell("describing")
    shown = profiles(history.flows.in_order(holding.kept), history.vocabulary)
    baselines = learn_baselines(readings_of(history.flows))
    limits = learn_absence_limits(history.flows, history.vocabulary, baselines.functions)
    steps = learn_step_times(history.flows, baselines.functions)
    loads = learn_loads(readings_of(history.flows), applications_of(history.vocabulary), baselines.hours)
    return _Fitted(taught, shown, replace(baselines, absence_limits=limits, step_times=steps, loads=loads), 0)


def _going_on(before: Model, history: History, flows: Encoded) -> _Fitted:
    again = grown(before, history)
    return _Fitted(
        taught_more(before, history, flows),
        profiles_of(before, history, again),
        shifts_of(before, history, again),
        since_fitted(before, history),
    )


def _too_few(learned: Mapping[FunctionKey, int], enough: int) -> tuple[str, ...]:
    """The names of the functions of which fewer flows were learned."""
    places = Places(learned)
    return tuple(sorted(places.name(key) for key, flows in learned.items() if flows < enough))


def _not_of(flows: Sequence[Flow], holding: Holding, history: History) -> Bools:
    """(flow,) which flows are not held back."""
    held = {tuple(history.names[row]) for row in holding.rows.tolist()}
    return np.array([(one.application_flow_id, one.function_flow_id) not in held for one in flows], np.bool_)


def check_available(detection: DetectionSettings) -> None:
    """Raises `ConfigError` where a detector is unknown, or needs what is not installed to learn."""
    for detector in new_detectors(detection.detectors).values():
        detector.check_available()


def needs_words(detection: DetectionSettings) -> bool:
    """Whether a detector reads words and clocks of each flow."""
    return any(one.reads_words for one in new_detectors(detection.detectors).values())


class _Gathered:
    """Flows on their way into a history."""

    def __init__(self, keep: bool) -> None:
        self._keep = keep
        self.kept: list[Flow] = []
        self.all = self.left_out = 0
        """Flows in all, and those whose record was still open."""
        self.contradictory = 0
        """Flows whose documents contradict each other: what is forged must not be learned."""

    def take(self, flows: Iterable[AnyFlow]) -> Iterator[AnyFlow]:
        for flow in at_home(flows):
            self.all += 1
            if isinstance(flow, Flow) and flow.contradictions:
                self.contradictory += 1
                continue
            fit = is_fit(flow)
            self.left_out += not fit
            if self._keep and fit:
                self.kept.append(whole(flow))
            yield flow

    @property
    def warnings(self) -> tuple[str, ...]:
        """That flows contradict themselves, where some do."""
        if not self.contradictory:
            return ()
        told = f"The documents of {self.contradictory:,} of {self.all:,} flows contradict each other"
        return (f"{told}: these were not learned. Score this telemetry to see which, and who says what.",)

    def sorted(self) -> list[Flow]:
        """The flows kept, by their start."""
        return sorted(self.kept, key=lambda flow: (flow.start_time, flow.function_flow_id))
