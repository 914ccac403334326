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
    assert len([day for day in amount.days if day[0] > 1.4e6]) <= 2


def test_more_because_of_more_runs_is_no_drift() -> None:
    amount, pool, told = Amount(), Pool(), []
    for day in range(30):
        more = 5 if day >= 20 else 1
        amount.day_total += 1e6 * more
        amount.day_calls += 10 * more
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


def drifts_of(days: list[tuple[float, int, int]]) -> list[float]:
    """The sums after days of so many bytes, runs and calls."""
    amount, pool, found = Amount(), Pool(), list[float]()
    for number, (size, runs, calls) in enumerate(days):
        amount.day_total, amount.day_calls = size, calls
        told = amounts.day_ended(amount, number + 1, runs, pool)
        found.append(-1.0 if told is None else told[0])
    return found


def test_days_are_judged_once_five_are_known() -> None:
    found = drifts_of([(1e6, 0, 100)] * 8)
    assert found.index(0.0) == 7  # the first two were not seen from their beginning


def test_calls_that_each_carry_more_are_a_drain_however_many_there_are() -> None:
    usual = [(1e6, 100, 100)] * 10
    assert drifts_of([*usual, (1e6, 50, 50), (1e6, 50, 50)])[-1] >= amounts.DRIFTED
    assert drifts_of([*usual, (1e6, 200, 50), (1e6, 200, 50)])[-1] >= amounts.DRIFTED
    # As many bytes of more runs are none, nor is more of both where runs are not counted.
    assert drifts_of([*usual, (2e6, 200, 200), (2e6, 200, 200)])[-1] == 0.0
    assert drifts_of([(1e6, 0, 100)] * 10 + [(2e6, 0, 200)] * 2)[-1] == 0.0
    # Runs that each make more calls are.
    assert drifts_of([*usual, (2e6, 100, 200), (2e6, 100, 200)])[-1] >= amounts.DRIFTED


def test_a_single_day_however_large_is_a_weak_sign_at_most() -> None:
    found = drifts_of([(1e6, 0, 100)] * 10 + [(1e9, 0, 100)] * 2)
    assert amounts.DRIFTING <= found[10] < amounts.DRIFTED <= found[11]


def test_what_trickles_is_much_of_a_day() -> None:
    amount = Amount(days=[(10_000, 0, 100)] * 5, day_peak=10_000.0, day_peak_calls=100)
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
