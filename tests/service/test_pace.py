"""Costly work takes its share of the time and no more."""

from __future__ import annotations

from coldtrail.service.pace import Pace


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_what_took_long_rests_long() -> None:
    clock = Clock()
    pace = Pace(0.1, 0.5, clock)
    assert pace.may_begin
    with pace.measured():
        clock.now += 2.0
    assert (pace.last_s, pace.rounds) == (2.0, 1)
    clock.now += 17.9
    assert not pace.may_begin
    clock.now += 0.2
    assert pace.may_begin
    assert round(pace.since_s, 6) == 18.1


def test_what_takes_no_time_rests_for_the_least() -> None:
    clock = Clock()
    pace = Pace(0.1, 0.5, clock)
    with pace.measured():
        pass
    assert not pace.may_begin
    clock.now += 0.5
    assert pace.may_begin
