"""Hours and days are held against the most before."""

from __future__ import annotations

from coldtrail.detectors.egress import amounts
from coldtrail.detectors.egress.states import Amount, Pool

HOUR, DAY = 3_600.0, 86_400.0


def filled(hours: int = 48, size: float = 1_000.0) -> tuple[Amount, Pool]:
    amount, pool = Amount(), Pool()
    for hour in range(hours):
        amounts.added(amount, hour * HOUR, size, 10.0, 1.0, pool)
    return amount, pool


def test_a_score_is_how_many_times_the_most_there_was() -> None:
    amount, pool = filled()
    assert amounts.added(amount, 48 * HOUR, 1_000.0, 10.0, 1.0, pool) < 0.01
    assert 0.9 < amounts.added(amount, 48 * HOUR, 9_000.0, 10.0, 1.0, pool) < 1.1
    assert amounts.added(amount, 48 * HOUR, 0.0, 10.0, 10.0, pool) < 0.05
    assert amounts.added(amount, 48 * HOUR, 0.0, 1e6, 1.0, pool) == 0.0


def test_little_history_says_nothing() -> None:
    amount, pool = filled(5)
    assert amounts.added(amount, 5 * HOUR, 1e9, 10.0, 1.0, pool) == 0.0


def test_a_strange_hour_teaches_little() -> None:
    amount, pool = filled()
    amounts.added(amount, 48 * HOUR, 1e6, 10.0, 1.0, pool)
    amounts.added(amount, 49 * HOUR, 1.0, 10.0, 1.0, pool)
    assert amount.peak <= 1_500.0


def test_a_record_far_ahead_is_left_behind() -> None:
    amount, pool = filled()
    amounts.added(amount, 1e9, 1.0, 10.0, 1.0, pool)
    assert amounts.added(amount, 48 * HOUR, 1_000.0, 10.0, 1.0, pool) < amounts.MANY
    assert amount.hour == 48
    assert amounts.rolled(5, 4)
    assert not amounts.rolled(4, 5)


def test_a_strange_day_teaches_little() -> None:
    amount, pool = Amount(is_whole=True, day=0), Pool()
    for day in range(8):
        amount.day_total, amount.day_calls = 1e6, 10
        amounts.day_ended(amount, day + 1, pool)
    assert (amount.day_peak, amount.day_peak_calls) == (1e6, 10)
    amount.day_total, amount.day_calls = 1e9, 10
    assert amounts.of_day(amount, 10.0) > amounts.MANY
    amounts.day_ended(amount, 9, pool)
    assert amount.day_peak == 1.5e6


def test_chances_are_those_of_all_functions() -> None:
    table: list[int] = []
    assert amounts.strength_of(table, 1.0) > 1.2
    calm = [1_000, *[0] * 39]
    assert amounts.strength_of(calm, 1.0) > 2.9
    busy = [900, *[0] * 9, 100, *[0] * 29]
    assert amounts.strength_of(busy, 1.0) < 1.1
    assert amounts.is_seldom(calm, 1.0, 0.03, HOUR)
    assert not amounts.is_seldom(busy, 1.0, 0.03, HOUR)


def test_what_trickles_is_much_of_a_day() -> None:
    amount = Amount(days=[(10_000, 100)] * 5, day_peak=10_000.0, day_peak_calls=100)
    amount.day_total, amount.day_calls = 45_000.0, 50
    assert amounts.of_day(amount, 10.0) >= amounts.MANY
    assert amounts.of_day(amount, 32_768.0) >= amounts.MANY
    assert amounts.of_day(amount, 45_001.0) == 0.0
    amount.day_calls = 400
    assert amounts.of_day(amount, 10.0) < amounts.MANY
    amount.days = amount.days[1:]
    assert amounts.of_day(amount, 10.0) == 0.0


def test_an_hour_of_calls_that_each_carry_more_is_strange() -> None:
    def score(size: float, calls: int, hours: int = 48, noon: float = 1_000.0) -> float:
        amount, pool = Amount(), Pool()
        for hour in range(hours):
            for _ in range(5):
                amounts.added(amount, hour * HOUR, noon if hour % 24 == 12 else 1_000.0, 10.0, 1.0, pool)
        return max(amounts.added(amount, hours * HOUR, size, 10.0, 1.0, pool) for _ in range(calls))

    assert score(3_000.0, 5) >= amounts.MANY
    assert score(1_900.0, 5) < amounts.MANY
    assert score(3_000.0, 5, hours=20) < amounts.MANY
    assert score(3_000.0, 5, noon=2_900.0) < amounts.MANY
    assert score(3_500.0, 1) < amounts.MANY
