"""Who uses 1 % more each day is told by day 30, whatever he deploys meanwhile; a release is no drift."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.resources import drifts
from coldtrail.detectors.resources.columns import columns
from coldtrail.detectors.resources.levels import SETTLING_DAYS, Judged
from coldtrail.detectors.resources.measures import MEASURES, MEMORY
from tests.detectors.resources.streams import Factor, day_of, kinds, reports, told

BEGIN = 40


def ramp(day: float) -> float:
    return 1.01 ** max(day - BEGIN, 0.0)


@pytest.mark.parametrize("seed", range(1, 5))
@pytest.mark.parametrize("measure", ["memory", "duration"])
def test_one_percent_a_day_is_told_by_day_30(measure: str, seed: int) -> None:
    factors: dict[str, Factor] = {measure: ramp}
    signals = [one for one in told(reports(BEGIN + 31, seed=seed, **factors)) if one.alone]
    assert ("resource_drift", measure) in kinds(signals)
    first = next(one for one in signals if one.finding.seen.of == measure)
    assert 5 < day_of(first) - BEGIN <= 30
    assert first.finding.seen.value > first.finding.expected.value


def test_small_releases_do_not_hide_a_drift() -> None:
    stream = reports(BEGIN + 31, memory=ramp, version=lambda day: str(int(day) // 4))
    assert ("resource_drift", "memory") in kinds(told(stream))


def test_a_release_is_no_drift() -> None:
    stream = reports(
        80, memory=lambda day: 1.5 if day >= BEGIN else 1.0, version=lambda day: str(int(day >= BEGIN))
    )
    assert kinds(told(stream)) == []


def test_a_drift_is_told_once() -> None:
    stream = reports(BEGIN + 34, memory=ramp)
    assert kinds(told(stream)).count(("resource_drift", "memory")) == 1


def followed(levels: list[float], number: float = 100.0, **values: float) -> list[bool]:
    """Whether days of such levels drift, each told to the followed means."""
    table, found = columns(), list[bool]()
    table.grow(len(MEASURES))
    for name, value in values.items():
        table[name][MEMORY] = value
    for day, level in enumerate(levels):
        one = np.array([level])
        judged = Judged(np.array([MEMORY]), one, one, np.array([number]), one, one, one)
        apart, bars = drifts.follow(table, judged, day)
        table["days"][MEMORY] += 1
        found.append(bool(apart[0] >= bars[0]))
    return found


def test_a_function_that_swings_by_itself_has_to_swing_further() -> None:
    swing = [0.3] * 15
    assert any(followed(swing, days=30))
    assert not any(followed(swing, days=30, wander=0.09, steps=0.001))
    # Days that have nothing to do with each other average out: as much scatter hides less.
    assert any(followed(swing, days=30, wander=0.02, steps=0.02))


def test_releases_that_add_up_are_no_drift() -> None:
    steps = reports(80, memory=lambda day: 1.06 ** (day // 10), version=lambda day: str(int(day // 10)))
    assert kinds(told(steps)) == []


def test_a_release_is_known_by_its_first_days_where_days_scatter() -> None:
    table, rows = columns(), np.array([MEMORY])
    table.grow(len(MEASURES))
    for name, value in {"days": 40.0, "wander": 0.01, "steps": 0.01, "settling": SETTLING_DAYS}.items():
        table[name][MEMORY] = value
    for day, level in enumerate((0.5, 0.3, 0.5, 0.3)):
        one = np.array([level])
        drifts.follow(table, Judged(rows, one, one, np.array([100.0]), one, one, one), day)
    assert table["fast"][MEMORY] == pytest.approx(0.4)
    assert table["slow"][MEMORY] == pytest.approx(0.4)
    assert table["shaken"][MEMORY] > 0.002
    assert table["settling"][MEMORY] == 0


def test_two_weeks_are_needed() -> None:
    assert followed([0.0], days=12.0, fast=1.0) == [False]
    assert followed([0.0], days=13.0, fast=1.0) == [True]


def test_days_of_a_level_that_was_told_are_no_drift() -> None:
    table = columns()
    table.grow(len(MEASURES))
    table["told"][MEMORY], table["told_day"][MEMORY], table["days"][MEMORY] = 0.4, 20, 20
    one = np.array([0.5])
    apart, bars = drifts.follow(table, Judged(np.array([MEMORY]), one, one, one, one, one, one), 20)
    assert (apart[0], bars[0]) == (0.0, np.inf)
    assert table["fast"][MEMORY] == 0
