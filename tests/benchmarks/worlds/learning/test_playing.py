"""A part is played from its history to its figures."""

from __future__ import annotations

import sys

import pytest

from benchmarks.worlds.learning.outcome import FALSE, OF_THIN
from benchmarks.worlds.learning.playing import play


@pytest.mark.slow
def test_functions_that_ran_little_are_asked_for() -> None:
    outcome = play(24, (sys.executable, "-m", "coldtrail"), (), ("thin",))
    ((_, row),) = outcome.parts["Sizes of the history"].items()
    assert row[OF_THIN].whole >= 40
    assert row[FALSE].whole > 0
    assert outcome.seconds["thin"] > 0
