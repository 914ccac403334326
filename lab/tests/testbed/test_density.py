"""Users spread over days."""

from collections import Counter
from datetime import UTC, datetime
from random import Random

from coldtrail_testbed.applications import find_application
from coldtrail_testbed.cloud.arrivals import expected_times
from coldtrail_testbed.cloud.density import SpreadOverDays, everybody, users_a_day

_AIRLINE = find_application("airline")
_MONDAY = datetime(2026, 3, 2, tzinfo=UTC).timestamp()
_DAY_S = 86_400


def _times(days: float, visits: int, seed: int = 1) -> list[float]:
    thin = SpreadOverDays(_AIRLINE, seed, visits, days, _MONDAY)
    return expected_times(_AIRLINE, seed, visits, _MONDAY, thin)


def test_users_come_over_about_so_many_days() -> None:
    for days in (3, 14):
        assert 0.85 * days < (_times(days, 600)[-1] - _MONDAY) / _DAY_S < 1.15 * days


def test_the_nights_and_the_weekends_stay_quiet() -> None:
    fortnight = [time for time in _times(21, 3000) if time < _MONDAY + 14 * _DAY_S]
    times = [datetime.fromtimestamp(time, UTC) for time in fortnight]
    hours = Counter(time.hour for time in times)
    assert sum(hours[hour] for hour in range(1, 5)) < 0.4 * sum(hours[hour] for hour in range(17, 21))
    days = Counter(time.weekday() >= 5 for time in times)
    assert 0.45 < (days[True] / 4) / (days[False] / 10) < 0.75


def test_a_run_denser_than_nature_leaves_nobody_out() -> None:
    assert SpreadOverDays(_AIRLINE, 1, 100_000, 2, _MONDAY).share == 1.0
    assert everybody(_MONDAY)


def test_a_day_of_the_airline_has_as_many_users_as_its_gaps_say() -> None:
    generator = Random(3)
    mean = sum(_AIRLINE.gap(_MONDAY + hour * 3600, generator) for hour in range(24) for _ in range(50)) / 1200
    assert users_a_day(_AIRLINE, _MONDAY) == users_a_day(_AIRLINE, _MONDAY) > _DAY_S / mean
