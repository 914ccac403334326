"""Hours of the week in which a function never ran."""

from __future__ import annotations

import pytest

from coldtrail.detectors.rates.hours import hour_of_week, name_of_hour
from coldtrail.records.traits import Trait
from tests.detectors.rates.told import BEGIN, DAY, HOUR, signals, window


def test_the_week_begins_on_monday() -> None:
    assert hour_of_week(BEGIN) == 0
    assert name_of_hour(BEGIN + 2 * DAY + 3 * HOUR + 5) == "Wednesday 03h"


@pytest.mark.parametrize(("weeks", "told"), [(4, ["Wednesday 03h"]), (1, [])])
def test_an_hour_in_which_it_never_ran_is_told_weakly(weeks: int, told: list[str]) -> None:
    office = [
        window("one", day * DAY + hour * HOUR, 1.0)
        for day in range(7 * weeks)
        if day % 7 < 5
        for hour in range(9, 13)
    ]
    others = [window("other", minute, 1.0) for minute in range(0, 7 * weeks * DAY, 59)]
    night = [window("one", 7 * weeks * DAY + 2 * DAY + 3 * HOUR + minute, 1.0) for minute in (5, 9)]
    found = [one for one in signals([*office, *others, *night]) if one.finding.kind == "odd_hour"]
    assert [one.finding.seen for one in found] == [Trait("hour", name) for name in told]
    assert all(one.strength >= 1.0 and not one.alone for one in found)


def test_who_runs_at_any_hour_has_no_odd_one() -> None:
    sparse = [window("one", 1_000 * number, 1.0) for number in range(60)]
    others = [window("other", minute, 1.0) for minute in range(0, 60_000, 59)]
    assert [one for one in signals([*sparse, *others]) if one.finding.kind == "odd_hour"] == []
