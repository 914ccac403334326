"""Coldtrail's default detectors, with the settings they come with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from coldtrail.config import DetectionSettings, Settings
from coldtrail.features.batch import Floats
from coldtrail.learning.train import learn
from coldtrail.records.flow import Flow


class Trained:
    """What `coldtrail train` learns and `coldtrail score` says; a function that is not ready scores 0."""

    threshold_: float | None = None

    def __init__(self, detection: DetectionSettings) -> None:
        self._settings = Settings(detection=detection)

    def fit(self, flows: Sequence[Flow]) -> None:
        """Learns from benign flows."""
        self.model_ = learn(flows, self._settings).model
        self.threshold_ = self.model_.calibration.threshold_

    def score(self, flows: Sequence[Flow]) -> Floats:
        """(flow,) the scores of the verdicts."""
        return np.array([verdict.score for verdict in self.model_.judge(flows)], np.float64)


def peer() -> Trained:
    """A peer that has learned nothing yet."""
    return Trained(DetectionSettings())
