"""What was learned, as one thing: words, detectors and calibration; flows in, verdicts out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import msgspec
import numpy as np

from coldtrail.bundle.history import History
from coldtrail.bundle.kinds import ToldOtherwise
from coldtrail.config import Settings
from coldtrail.detectors.channel import Channel
from coldtrail.detectors.detector import Detector
from coldtrail.detectors.drift.baselines import ShiftBaselines
from coldtrail.features.alike import alike, parted
from coldtrail.features.batch import Bools, Encoded, Floats, Ints
from coldtrail.features.encode import encode
from coldtrail.features.fitness import is_comparable
from coldtrail.features.vocabulary import UNKNOWN, Vocabulary
from coldtrail.features.witness_kinds import Kinds
from coldtrail.features.wording import made_at
from coldtrail.records.columns import AnyFlow
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.profile import Profile
from coldtrail.records.stage import State
from coldtrail.records.verdict import Verdict
from coldtrail.registry import DETECTORS, load
from coldtrail.verdicts.calibration import Calibration
from coldtrail.verdicts.contradicting import with_contradictions
from coldtrail.verdicts.feedback import Feedback
from coldtrail.verdicts.flagging import Flagging, Strange, plain
from coldtrail.verdicts.shape_cache import Quiet, ShapeCache


def new_detectors(names: Sequence[str], seed: int = 0) -> dict[str, Detector]:
    """Untrained detectors by name, in the given order; raises `ConfigError` for an unknown name."""
    detectors: dict[str, Detector] = {name: load(DETECTORS, name, "detector")() for name in names}
    for detector in detectors.values():
        detector.seed = seed
    return detectors


def channels_of(detectors: Mapping[str, Detector]) -> tuple[Channel, ...]:
    """The columns of `channel_scores`."""
    return tuple(channel for one in detectors.values() for channel in one.channels)


def channel_scores(detectors: Mapping[str, Detector], flows: Encoded) -> Floats:
    """(flow, channel) scores of all detectors side by side."""
    return np.concatenate([detector.score(flows) for detector in detectors.values()], axis=1)


def _bans(detectors: Mapping[str, Detector], calibration: Calibration, flows: Encoded) -> Floats:
    """(flow, channel) as `Calibration.bans` of `channel_scores`, where flows are alike worked out once."""
    kinds = alike(flows)
    if kinds is None:
        return calibration.bans(flows, channel_scores(detectors, flows))
    few = flows.take(kinds.first)
    scores = np.concatenate(
        [
            one.score(flows) if _minds_time(one, few) else one.score(few)[kinds.of]
            for one in detectors.values()
        ],
        axis=1,
    )
    kinds = parted(kinds, scores)
    return calibration.bans(flows.take(kinds.first), scores[kinds.first])[kinds.of]


def _minds_time(detector: Detector, flows: Encoded) -> bool:
    limits = detector.limits(flows)
    return limits is None or not np.isposinf(limits).all()


@dataclass(frozen=True)
class Model:
    """All that scoring needs, and with a history all that learning more goes on from."""

    settings: Settings
    vocabulary: Vocabulary
    detectors: Mapping[str, Detector]
    calibration: Calibration
    learned: Mapping[FunctionKey, int]
    """Flows learned of each function."""
    profiles: Sequence[Profile] = ()
    versions: Mapping[FunctionKey, frozenset[str]] = field(default_factory=dict)
    """The versions learned of each function, where the telemetry names them."""
    kinds: Mapping[FunctionKey, Kinds] = field(default_factory=dict)
    """The kinds of witness that each function was learned from, where the bundle knows."""
    feedback: Feedback = field(default_factory=Feedback)
    """What people said of flows."""
    held_back: Mapping[FunctionKey, int] = field(default_factory=dict)
    """Flows of each function that are rare and not learned, but alarm when their like comes again."""
    since_fitted: int = 0
    """Flows learned since all flows were fitted together."""
    shifts: ShiftBaselines | None = None
    """How each function runs over time; None in a bundle that knows nothing of it."""
    baselines: State | None = None
    """What detectors of signals learned; None where nothing was followed."""
    history: History | None = None
    """What was learned from; None where it was not asked for, since scoring does without."""

    def judge(self, flows: Sequence[Flow]) -> list[Verdict]:
        """One verdict per flow, in the order of the flows."""
        if len(flows) == 1 and not flows[0].contradictions and self.detectors:
            quiet = self._shapes.quiet(flows[0])
            if quiet is not None:
                return [self._unalarming(flows[0], quiet)]
        return self.judge_encoded(flows, encode(flows, self.vocabulary)) if flows else []

    def judge_each(self, flows: Sequence[Flow], feedbacks: Sequence[Feedback]) -> list[Verdict]:
        """One verdict per flow, each by what people are taken to have said of it, in place of all that they
        did."""
        return self._judged(flows, encode(flows, self.vocabulary), feedbacks) if flows else []

    def compares(self, flow: AnyFlow) -> bool:
        """Whether a flow is told as those were that were learned of its function."""
        return is_comparable(flow) and not self.told_otherwise(flow)

    @cached_property
    def runs_an_hour(self) -> dict[FunctionKey, float]:
        """How often each function usually runs, as far as that is known."""
        baselines = {} if self.shifts is None else self.shifts.functions
        return {self.vocabulary.functions[number]: one.a_day / 24.0 for number, one in baselines.items()}

    @cached_property
    def told_otherwise(self) -> ToldOtherwise:
        """Knows flows that another kind of witness tells than their function was learned from."""
        return ToldOtherwise(self.kinds)

    @cached_property
    def _shapes(self) -> ShapeCache:
        return ShapeCache(self.vocabulary, self.detectors, self.calibration)

    def _unalarming(self, flow: Flow, quiet: Quiet) -> Verdict:
        threshold = self.calibration.threshold_
        learned = self.learned.get(flow.key, 0)
        if learned < self.settings.detection.ready_flows or not self.compares(flow):
            return plain(flow, "not_ready", 0.0, threshold, 1.0)
        return plain(flow, "normal", quiet.score, threshold, quiet.p_value)

    def judge_encoded(
        self, flows: Sequence[AnyFlow], encoded: Encoded, excused: list[int] | None = None
    ) -> list[Verdict]:
        """One verdict per flow, in the order of the flows (at least one), which were encoded.

        The places of those that only feedback keeps from being anomalous are added to `excused`, if given.
        """
        return self._judged(flows, encoded, [self.feedback] * len(flows), excused)

    def _judged(
        self,
        flows: Sequence[AnyFlow],
        encoded: Encoded,
        feedbacks: Sequence[Feedback],
        excused: list[int] | None = None,
    ) -> list[Verdict]:
        if not self.detectors:
            return [plain(flow, "not_ready", 0.0, self.calibration.threshold_, 1.0) for flow in flows]
        bans = _bans(self.detectors, self.calibration, encoded)
        combined = bans.max(axis=1)
        chances, ready = self.calibration.p_values(combined), self._are_ready(encoded.function)
        ready &= np.array([self.compares(flow) for flow in flows], np.bool_)
        threshold = self.calibration.threshold_
        strange: list[int] = np.flatnonzero(ready & (combined > threshold)).tolist()
        columns = ready.tolist(), combined.tolist(), chances.tolist()
        verdicts = [
            plain(flow, "normal", score, threshold, chance)
            if is_ready
            else plain(flow, "not_ready", 0.0, threshold, 1.0)
            for flow, is_ready, score, chance in zip(flows, *columns, strict=True)
        ]
        if strange:
            rows = np.array(strange)
            made = [made_at(flows, encoded.batch, i) for i in strange]
            some = Strange(made, encoded.take(rows), bans[rows], chances[rows])
            accepted = [feedbacks[i].of(flow) for i, flow in zip(strange, some.flows, strict=True)]
            for i, verdict in zip(strange, self._flagging.verdicts(some, accepted), strict=True):
                verdicts[i] = verdict
        for i, flow in enumerate(flows):
            if type(flow) is Flow and flow.contradictions:
                verdicts[i] = with_contradictions(verdicts[i], flow, feedbacks[i])
                strange.append(i)
        if excused is not None:
            excused += [i for i in sorted({*strange}) if verdicts[i].verdict == "normal"]
        return verdicts

    def _are_ready(self, functions: Ints) -> Bools:
        """(flow,) whether enough of each function, by its number, was learned to judge it."""
        numbers, of = np.unique(functions, return_inverse=True)
        least, keys = self.settings.detection.ready_flows, self.vocabulary.functions
        ready = [one != UNKNOWN and self.learned.get(keys[one], 0) >= least for one in numbers.tolist()]
        return np.array(ready, np.bool_)[of]

    def judge_closely(self, flow: Flow) -> Verdict:
        """The verdict of one flow, with what was least usual about it even where that is normal."""
        verdict = self.judge([flow])[0]
        if verdict.verdict != "normal":
            return verdict
        encoded = encode([flow], self.vocabulary)
        bans = self.calibration.bans(encoded, channel_scores(self.detectors, encoded))
        one = Strange([flow], encoded, bans, np.array([verdict.p_value]))
        (close,) = self._flagging.anomalous(one)
        return msgspec.structs.replace(verdict, reasons=close.reasons)

    @cached_property
    def _flagging(self) -> Flagging:
        return Flagging(self.vocabulary, self.detectors, self.calibration, self.learned)
