"""Hours are held against the most before, days against two weeks."""

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


def test_days_add_up_and_those_suspected_teach_nothing() -> None:
    amount, pool, told = Amount(), Pool(), []
    for day in range(30):
        amount.day_total += 1e6 * (1.5 if day >= 20 else 1.0 + 0.02 * (day % 3))
        told.append(amounts.day_ended(amount, day + 1, 100, pool))
    drifts = [0.0 if one is None else one[0] for one in told]
    assert max(drifts[:20]) < 2.0
    assert drifts[23] > amounts.DRIFTED
    assert len([size for size, _ in amount.days if size > 1.4e6]) <= 2


def test_more_because_of_more_runs_is_no_drift() -> None:
    amount, pool, told = Amount(), Pool(), []
    for day in range(30):
        more = 5 if day >= 20 else 1
        amount.day_total += 1e6 * more
        told.append(amounts.day_ended(amount, day + 1, 100 * more, pool))
    assert all(one is None or one[0] < 1.0 for one in told)


def test_chances_are_those_of_all_functions() -> None:
    table: list[int] = []
    assert amounts.strength_of(table, 1.0) > 1.2
    calm = [1_000, *[0] * 39]
    assert amounts.strength_of(calm, 1.0) > 2.9
    busy = [900, *[0] * 9, 100, *[0] * 29]
    assert amounts.strength_of(busy, 1.0) < 1.1
    assert amounts.is_seldom(calm, 1.0, 0.03, HOUR)
    assert not amounts.is_seldom(busy, 1.0, 0.03, HOUR)
