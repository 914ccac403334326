"""Baselines that several tests share."""

from __future__ import annotations

import pytest

from coldtrail.shifts.baselines import ShiftBaselines
from coldtrail.shifts.learning import learn_baselines
from tests.shifts.histories import columns, history


@pytest.fixture(scope="session")
def baselines() -> ShiftBaselines:
    """What 800 ordinary runs teach."""
    return learn_baselines(columns(history(800)))
