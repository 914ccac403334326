"""Which functions are known, by what names, and for which minutes."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.rates import functions
from coldtrail.detectors.rates.functions import Functions
from coldtrail.errors import BundleError
from tests.detectors.rates.told import ACCOUNT, DAY, REGION, key


def filled(*names: str) -> Functions:
    made = Functions()
    for name in names:
        made.column(key(name))
    return made


def columns(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.intp)


def test_telemetry_of_one_function_covers_its_account() -> None:
    made = filled("one", "two")
    foreign = made.column(key("three", account="999988887777"))
    assert made.cover(100, columns(0)).tolist() == [1.0, 1.0, 0.0]
    assert made.cover(130, columns(0)).tolist() == [30.0, 30.0, 0.0]
    assert made.cover(300, columns(0, foreign)).tolist() == [1.0, 1.0, 1.0]
    assert made.covered(304).tolist() == [True, True, True]
    assert made.covered(306).tolist() == [False, False, False]
    assert made.covered_until(340, columns(1)).tolist() == [True, True, False]


def test_what_is_met_within_an_accounts_first_day_was_there_before() -> None:
    made = filled("one")
    for minute in range(0, DAY - 60, 30):
        made.cover(minute, columns(0))
    assert made.minutes_at_first(made.column(key("two"))) == 1_351.0
    for minute in range(DAY - 60, 2 * DAY, 30):
        made.cover(minute, columns(0))
    assert made.minutes_at_first(made.column(key("three"))) == 0.0


def test_a_name_is_found_in_its_own_application_first() -> None:
    made = filled("one", "two")
    other = key("two")._replace(application="other")
    made.column(other)
    assert made.find(key("one"), "two") == 1
    assert made.find(other, "one") == 0
    assert made.find(key("one")._replace(application="third"), "two") == -1
    assert made.find(key("one"), "nobody") == -1


def test_the_one_that_ran_least_recently_gives_its_column_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions, "MOST_FUNCTIONS", 2)
    made = filled("one", "two")
    made.last[0, :2] = 7.0, 3.0
    assert made.column(key("three")) == -1
    assert made.oldest() == 1
    made.replace(1, key("three"))
    assert made.columns == {key("one"): 0, key("three"): 1}
    assert made.find(key("one"), "two") == -1
    assert made.last[0, 1] == -1.0


def test_what_is_kept_comes_back_and_damage_is_told() -> None:
    made, again = filled("one", "two"), Functions()
    made.cover(100, columns(0))
    again.restore(made.state())
    assert (again.keys, again.columns) == (made.keys, made.columns)
    assert again.cover(110, columns(1)).tolist() == [10.0, 10.0]
    assert again.find(key("one"), "two") == 1
    assert key("one")[:2] == (ACCOUNT, REGION)
    for damage in ({"told": np.zeros(5)}, {"account": np.array([0, 900], np.int32)}):
        with pytest.raises(BundleError):
            Functions().restore(made.state() | damage)
