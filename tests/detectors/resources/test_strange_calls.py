"""Calls that are kept for showing: few, and gone the next day."""

from __future__ import annotations

import pytest

from coldtrail.detectors.resources.strange_calls import MOST, StrangeCalls
from coldtrail.errors import BundleError


def test_the_first_of_a_day_are_kept_by_measure() -> None:
    calls = StrangeCalls()
    for number in range(100):
        calls.add(3, number % 2, f"r-{number}")
    assert calls.of(3, 0) == ("r-0", "r-2", "r-4", "r-6")
    assert len(calls.of(3, 0) + calls.of(3, 1)) == MOST
    assert calls.of(4, 0) == ()
    calls.clear()
    assert calls.of(3, 0) == ()


def test_a_snapshot_comes_back_and_damage_is_told() -> None:
    calls, again = StrangeCalls(), StrangeCalls()
    calls.add(1, 2, "r")
    again.restore(calls.snapshot(), 2)
    assert again.of(1, 2) == ("r",)
    with pytest.raises(BundleError):
        StrangeCalls().restore(calls.snapshot(), 1)
