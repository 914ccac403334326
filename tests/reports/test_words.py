"""Chances as people read them."""

from __future__ import annotations

from coldtrail.reports.words import one_in


def test_chances_are_told_as_odds() -> None:
    assert one_in(0.000262) == "1 in 3,800"
    assert one_in(1.0) == one_in(0.0) == ""
