"""Baselines that several tests share."""

from __future__ import annotations

import pytest

from coldtrail.detectors.drift.baselines import ShiftBaselines
from coldtrail.detectors.drift.learning import learn_baselines
from tests.detectors.drift.histories import columns, history


@pytest.fixture(scope="session")
def baselines() -> ShiftBaselines:
    """What 800 ordinary runs teach."""
    return learn_baselines(columns(history(800)))
