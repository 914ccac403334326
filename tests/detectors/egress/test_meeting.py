"""Surprise follows how often anything new is met."""

from __future__ import annotations

from coldtrail.detectors.egress.meeting import is_ready, lacking, met
from coldtrail.detectors.egress.states import Meetings


def walked(new_each: int) -> Meetings:
    held = Meetings()
    for hour in range(200):
        met(held, hour if new_each and hour % new_each == 0 else 10**6, hour * 3_600.0, 500)
    return held


def test_what_is_new_surprises_less_where_new_things_are_usual() -> None:
    at = 201 * 3_600.0
    points = [met(walked(new_each), 77_777, at, 500) for new_each in (0, 50, 2)]
    assert points == sorted(points, reverse=True)
    assert points[0] > 2.0
    assert points[-1] < 0.5


def test_what_is_known_does_not() -> None:
    assert met(walked(0), 10**6, 201 * 3_600.0, 500) == 0.0


def test_nothing_surprises_before_a_day_and_thirty_calls() -> None:
    held = Meetings()
    assert [met(held, number, number * 10.0, 500) for number in range(100)] == [0.0] * 100
    assert not is_ready(held, 1_000.0)
    assert lacking(held) is None
    assert lacking(Meetings(times=3)) == "3 of 30 calls with a destination were seen"


def test_what_was_met_longest_ago_is_forgotten() -> None:
    held = Meetings()
    for number in range(100):
        met(held, number, number * 10.0, 10)
    assert list(held.known) == list(range(90, 100))
