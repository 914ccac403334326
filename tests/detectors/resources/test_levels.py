"""Levels: what lasts for hours is found, what only scatters is not, and a strange past is not learned."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.resources import levels
from coldtrail.detectors.resources.columns import columns
from coldtrail.detectors.resources.measures import MEASURES, MEMORY
from coldtrail.detectors.resources.pools import Pools
from coldtrail.detectors.resources.table import Table
from tests.detectors.resources.streams import KEY, day_of, from_day, kinds, reports, told, windows

SEEDS = range(1, 4)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_steady_function_is_quiet_for_two_months(seed: int) -> None:
    assert kinds(told(reports(60, seed=seed))) == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("times", [1.2, 1.4])
def test_more_memory_is_told_on_the_same_day(times: float, seed: int) -> None:
    signals = told(reports(32, seed=seed, memory=from_day(30, times)))
    assert kinds(signals) == [("resource_level", "memory")]
    assert 30 < day_of(signals[0]) <= 31.0
    finding = signals[0].finding
    assert finding.seen.value / finding.expected.value == pytest.approx(times, abs=0.1)
    assert finding.expected.days == 30


@pytest.mark.parametrize("seed", SEEDS)
def test_longer_starts_are_told(seed: int) -> None:
    assert ("resource_level", "init") in kinds(told(reports(32, seed=seed, init=from_day(30, 1.8))))


def test_a_few_slow_starts_are_no_level() -> None:
    # One start in eight takes five times as long; a day has few, and now and then three of them in a row.
    slow = np.random.default_rng(5).random(20_000) < 0.125

    def init(day: float) -> float:
        return 5.0 if slow[int(day * 200)] else 1.0

    found = [
        kind for seed in range(1, 9) for kind in kinds(told(reports(60, calls=80, seed=seed, init=init)))
    ]
    assert ("resource_level", "init") not in found


def test_one_slow_start_is_nothing() -> None:
    slow = reports(0.04, calls=25, seed=9, begin=35.0, init=from_day(0, 20.0))[:1]
    signals = told([*reports(40, calls=20), *slow])
    assert slow[0].what.init_s > 5.0
    assert [one for one in signals if getattr(one.finding.seen, "of", "") == "init"] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_starts_of_which_some_are_slow_are_followed(seed: int) -> None:
    slow = np.random.default_rng(seed).random(10_000) < 0.05

    def init(day: float) -> float:
        return (5.0 if slow[int(day * 200)] else 1.0) * (2.0 if day >= 30 else 1.0)

    assert ("resource_level", "init") in kinds(told(reports(33, seed=seed, init=init)))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_median_tells_what_no_single_call_shows(seed: int) -> None:
    busy = reports(24, calls=1_000, seed=seed, duration=from_day(22, 1.5))
    assert ("resource_level", "duration") in kinds(told(busy))


def test_one_slow_call_is_no_level() -> None:
    encounters = reports(40, calls=20)
    slow = reports(0.04, calls=25, seed=9, begin=35.0, duration=from_day(0, 500.0))[:1]
    signals = told([*encounters, *slow])
    assert {one.finding.kind for one in signals if not one.alone} == {"resource_peak"}
    assert kinds(signals) == []
    assert slow[0].what.request_id in {ref.id for one in signals for ref in one.refs}


def test_what_lasts_is_told_once_and_again_when_it_has_grown() -> None:
    lasting = reports(50, memory=from_day(30, 1.4))
    assert kinds(told(lasting)) == [("resource_level", "memory")]
    grown = reports(50, memory=lambda day: 1.0 + 0.4 * (day >= 30) + 2.0 * (day >= 40))
    assert [round(day_of(one)) for one in told(grown) if one.alone] == [30, 40]


def test_an_attack_of_days_is_not_learned() -> None:
    twice = reports(60, memory=lambda day: 1.4 if 30 <= day < 33 or day >= 50 else 1.0)
    assert [round(day_of(one)) for one in told(twice) if one.alone] == [30, 50]


def test_less_is_not_told() -> None:
    assert kinds(told(reports(40, memory=from_day(30, 0.5), duration=from_day(30, 0.1)))) == []


def test_metrics_alone_tell_memory() -> None:
    assert kinds(told(windows(34, memory=from_day(30, 1.4)))) == [("resource_level", "memory")]
    assert kinds(told(windows(34))) == []


def test_days_and_not_calls_are_what_a_baseline_is_sure_by() -> None:
    # Each day has a level of its own, which many calls tell exactly: that is no reason to alarm.
    levels = np.exp(np.random.default_rng(3).normal(0, 0.08, 61))
    busy = reports(60, calls=2_000, memory=lambda day: float(levels[int(day)]))
    assert kinds(told(busy)) == []


def test_a_function_that_runs_once_a_day_is_judged_by_its_group_and_several_days() -> None:
    group = [
        one
        for seed in range(20, 26)
        for one in reports(45, calls=20, seed=seed, key=KEY._replace(function=f"f-{seed}"))
    ]
    rare = reports(45, calls=1, memory=from_day(35, 2.0))
    signals = [one for one in told([*group, *rare]) if one.finding.subject.function_name == "pay"]
    assert kinds(signals) == [("resource_level", "memory")]


def table_of(days: float, **values: float) -> Table:
    """One version with a baseline of memory."""
    table = columns()
    table.grow(len(MEASURES))
    table["days"][MEMORY], table["calls"][MEMORY] = days, 1_000
    for name, value in values.items():
        table[name][MEMORY] = value
    return table


def day_of_effect(table: Table, effect: float, number: int = 100) -> levels.Judged:
    """A day on which memory was so much off its baseline, taken in."""
    rows, pools, groups = np.full(number, MEMORY), Pools(), np.zeros(1, np.int64)
    levels.add(table, rows, np.full(number, float(table["mean"][MEMORY]) + effect))
    levels.judge_hour(table, pools, groups, 1)
    found = levels.judge_day(table, pools, groups)
    levels.learn_day(table, pools, groups, found)
    return found


def test_one_day_far_off_widens_a_baseline_by_little() -> None:
    table = table_of(30, within=0.0004, between_days=0.0001)
    day_of_effect(table, 5.0)
    assert table["between_days"][MEMORY] < 0.0003
    assert table["mean"][MEMORY] < 0.01


def test_the_largest_call_so_far_has_to_be_passed() -> None:
    rows, pools, groups = np.array([MEMORY]), Pools(), np.zeros(1, np.int64)
    for worst, strange in ((0.0, True), (20.0, False)):
        table = table_of(30, within=0.0004, worst_call=worst)
        levels.add(table, rows, np.array([0.4]))
        _, peaks = levels.judge_hour(table, pools, groups, 1)
        assert bool(peaks.z[0] > peaks.bar[0]) == strange


def test_hours_with_few_values_are_judged_together() -> None:
    rows, pools, groups = np.array([MEMORY]), Pools(), np.zeros(1, np.int64)
    table = table_of(30, within=0.0004)
    for expected in (0, 0, 1, 0):
        levels.add(table, rows, np.array([0.4]))
        found, _ = levels.judge_hour(table, pools, groups, 1)
        assert len(found.rows) == expected
        if expected:
            assert found.number.tolist() == [3.0]
            assert found.z[0] > found.bar[0]
    assert table["day_n"][MEMORY] == 3


def test_one_large_value_among_few_is_no_level() -> None:
    rows, pools, groups = np.full(3, MEMORY), Pools(), np.zeros(1, np.int64)
    for values, strange in (((0.0, 0.0, 0.6), False), ((0.3, 0.3, 0.6), True)):
        table = table_of(30, within=0.0004)
        levels.add(table, rows, np.array(values))
        found, _ = levels.judge_hour(table, pools, groups, 1)
        assert bool(found.z[0] >= found.bar[0]) is strange
        day = levels.judge_day(table, pools, groups)
        assert bool(day.z[0] >= day.bar[0]) is strange


def test_hours_that_are_each_a_little_more_add_up_until_they_are_long_ago() -> None:
    rows, pools, groups = np.full(3, MEMORY), Pools(), np.zeros(1, np.int64)

    def judged(elapsed: int) -> list[bool]:
        table, strange = table_of(60, within=0.01, between_hours=0.002), list[bool]()
        for _ in range(8):
            levels.add(table, rows, np.full(3, 0.16))
            found, _ = levels.judge_hour(table, pools, groups, elapsed)
            strange.append(bool(found.z[0] >= levels.LIMIT))
        return strange

    assert judged(1)[0] is False
    assert judged(1)[-1] is True
    assert True not in judged(48)


def test_open_hours_are_seen_from_where_the_baseline_is() -> None:
    pools, groups, table = Pools(), np.zeros(1, np.int64), table_of(0)
    levels.add(table, np.full(5, MEMORY), np.full(5, 7.0))
    levels.judge_hour(table, pools, groups, 1)
    levels.add(table, np.array([MEMORY]), np.array([7.0]))
    levels.judge_hour(table, pools, groups, 1)
    levels.learn_day(table, pools, groups, levels.judge_day(table, pools, groups))
    assert table["n"][MEMORY] == 1
    for name in ("sum", "squares", "total", "top"):
        assert table[name][MEMORY] == pytest.approx(0.0)
    assert table["recent_sum"][MEMORY] == pytest.approx(0.0, abs=1e-5)


def test_a_new_version_is_learned_where_it_is_and_not_with_what_was_before() -> None:
    table = table_of(30, within=0.0001)
    levels.add(table, np.array([MEMORY]), np.array([0.0]))
    levels.renewed(table, np.arange(len(MEASURES)))
    assert table["n"][MEMORY] == table["sum"][MEMORY] == 0
    found = day_of_effect(table, 1.4)
    assert found.effect[0] == pytest.approx(1.4)
    assert table["mean"][MEMORY] > 1.0


@pytest.mark.parametrize(("days", "is_told"), [(4, False), (5, True)])
def test_levels_are_judged_from_the_fifth_day_on(days: int, is_told: bool) -> None:
    found = day_of_effect(table_of(days, within=0.0004), 2.0)
    assert bool(found.z[0] >= found.bar[0]) is is_told
