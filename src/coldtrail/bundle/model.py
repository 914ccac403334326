"""What was learned, as one thing: words, detectors and calibration; flows in, verdicts out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import msgspec
import numpy as np

from coldtrail.bundle.history import History
from coldtrail.config import Settings
from coldtrail.detectors.channel import Channel
from coldtrail.detectors.detector import Detector
from coldtrail.detectors.drift.baselines import ShiftBaselines
from coldtrail.features.batch import Encoded, Floats
from coldtrail.features.encode import encode
from coldtrail.features.lean import whole
from coldtrail.features.vocabulary import UNKNOWN, Vocabulary
from coldtrail.records.columns import AnyFlow
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.profile import Profile
from coldtrail.records.verdict import Verdict, VerdictKind
from coldtrail.registry import DETECTORS, load
from coldtrail.verdicts.attribution import Explained, reasons
from coldtrail.verdicts.calibration import Calibration
from coldtrail.verdicts.exceptions import calmed, scores_without
from coldtrail.verdicts.feedback import Feedback
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
    feedback: Feedback = field(default_factory=Feedback)
    """What people said of flows."""
    held_back: Mapping[FunctionKey, int] = field(default_factory=dict)
    """Flows of each function that are rare and not learned, but alarm when their like comes again."""
    shifts: ShiftBaselines | None = None
    """How each function runs over time; None in a bundle that knows nothing of it."""
    history: History | None = None
    """What was learned from; None where it was not asked for, since scoring does without."""

    def judge(self, flows: Sequence[Flow]) -> list[Verdict]:
        """One verdict per flow, in the order of the flows."""
        if len(flows) == 1:
            quiet = self._shapes.quiet(flows[0])
            if quiet is not None:
                return [self._unalarming(flows[0], quiet)]
        return self.judge_encoded(flows, encode(flows, self.vocabulary)) if flows else []

    @cached_property
    def _shapes(self) -> ShapeCache:
        return ShapeCache(self.vocabulary, self.detectors, self.calibration)

    def _unalarming(self, flow: Flow, quiet: Quiet) -> Verdict:
        threshold = self.calibration.threshold_
        learned = self.learned.get(flow.key, 0)
        if learned < self.settings.detection.ready_flows:
            return _plain(flow, "not_ready", 0.0, threshold, 1.0)
        return _plain(flow, "normal", quiet.score, threshold, quiet.p_value)

    def judge_encoded(self, flows: Sequence[AnyFlow], encoded: Encoded) -> list[Verdict]:
        """One verdict per flow, in the order of the flows (at least one), which were encoded."""
        bans = self.calibration.bans(encoded, channel_scores(self.detectors, encoded))
        combined = bans.max(axis=1)
        p_values = self.calibration.p_values(combined).tolist()
        threshold = self.calibration.threshold_
        scores = combined.tolist()
        strange: list[int] = []
        verdicts = []
        for i, (flow, function) in enumerate(zip(flows, encoded.function.tolist(), strict=True)):
            if not self._is_ready(function):
                verdicts.append(_plain(flow, "not_ready", 0.0, threshold, 1.0))
                continue
            if scores[i] > threshold:
                strange.append(i)
            verdicts.append(_plain(flow, "normal", scores[i], threshold, p_values[i]))
        explained = Explained(self.detectors, encoded.take(np.array(strange, np.int64)))
        for place, i in enumerate(strange):
            verdicts[i] = self._flagged(whole(flows[i]), explained, place, bans[i], p_values[i])
        return verdicts

    def _is_ready(self, function: int) -> bool:
        """Whether enough of a function, by its number, was learned to judge it."""
        if function == UNKNOWN:
            return False
        return self.learned.get(self.vocabulary.functions[function], 0) >= self.settings.detection.ready_flows

    def _flagged(self, flow: Flow, explained: Explained, place: int, bans: Floats, p_value: float) -> Verdict:
        """The verdict on what alarms, but for what people called legitimate."""
        accepted = self.feedback.of(flow)
        if not accepted:
            return self._anomalous(flow, explained, place, bans, p_value)
        calm = calmed(self.vocabulary.naming.folded([flow])[0], accepted)
        one, scores = scores_without(self.detectors, self.vocabulary, calm, accepted)
        rest = self.calibration.bans(one, scores)[0]
        p_value = float(self.calibration.p_values(rest[:, None].max(axis=0))[0])
        if rest.max() > self.calibration.threshold_:
            return self._anomalous(calm, Explained(self.detectors, one), 0, rest, p_value)
        return _plain(flow, "normal", float(rest.max()), self.calibration.threshold_, p_value)

    def judge_closely(self, flow: Flow) -> Verdict:
        """The verdict of one flow, with what was least usual about it even where that is normal."""
        verdict = self.judge([flow])[0]
        if verdict.verdict != "normal":
            return verdict
        encoded = encode([flow], self.vocabulary)
        bans = self.calibration.bans(encoded, channel_scores(self.detectors, encoded))
        close = self._anomalous(flow, Explained(self.detectors, encoded), 0, bans[0], verdict.p_value)
        return msgspec.structs.replace(verdict, reasons=close.reasons)

    def _anomalous(
        self, flow: Flow, explained: Explained, place: int, bans: Floats, p_value: float
    ) -> Verdict:
        threshold = self.calibration.threshold_
        flow = self.vocabulary.naming.folded([flow])[0]
        runs = self.learned.get(flow.key, 0)
        found = reasons(explained, place, self.vocabulary, flow, bans, threshold, runs)
        return Verdict(
            flow.function_flow_id,
            flow.application_flow_id,
            *flow.key,
            flow.start_time,
            "anomalous",
            float(bans.max()),
            threshold,
            p_value,
            self._alarming(bans),
            found,
        )

    def _alarming(self, bans: Floats) -> tuple[str, ...]:
        names = []
        first = 0
        for name, detector in self.detectors.items():
            if bans[first : first + len(detector.channels)].max() > self.calibration.threshold_:
                names.append(name)
            first += len(detector.channels)
        return tuple(names)


def _plain(flow: AnyFlow, kind: VerdictKind, score: float, threshold: float, p_value: float) -> Verdict:
    return Verdict(
        flow.function_flow_id,
        flow.application_flow_id,
        *flow.key,
        flow.start_time,
        kind,
        score,
        threshold,
        p_value,
    )
