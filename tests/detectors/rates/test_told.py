"""One thing is told once."""

from __future__ import annotations

import numpy as np

from coldtrail.detectors.rates.levels import SURGE
from coldtrail.detectors.rates.told import Told
from tests.detectors.rates.told import DAY


def told(*days: tuple[float, float, float]) -> list[str]:
    """What is told at these minutes of a function with these scores and invocations a minute."""
    made, found = Told(), list[str]()
    made.make_room(1)
    for minute, score, rate in days:
        scores, limits = np.array([score]), np.array([1.0])
        news = made.news(
            SURGE, int(minute), np.array([0]), scores, np.array([rate]), scores >= limits, limits
        )
        found.append("alone" if news.alone[0] else "weak" if news.weak[0] else "")
    return found


def test_what_lasts_is_told_once() -> None:
    assert told((0, 2, 10), (1, 3, 20), (600, 2, 10), (1_800, 2, 10)) == ["alone", "", "", ""]


def test_it_is_told_again_once_it_is_ten_times_as_much_or_after_a_quiet_day() -> None:
    assert told((0, 2, 10), (1, 3, 100), (2, 3, 100)) == ["alone", "alone", ""]
    assert told((0, 2, 10), (DAY + 1, 2, 10)) == ["alone", "alone"]


def test_what_is_less_is_a_weak_sign_once_a_day() -> None:
    assert told((0, 0.8, 1), (5, 0.9, 1), (DAY + 1, 0.8, 1)) == ["weak", "", "weak"]
    assert told((0, 0.8, 1), (1, 2, 1), (2, 0.8, 1)) == ["weak", "alone", ""]
    assert told((0, 0.7, 1)) == [""]


def test_the_largest_score_of_a_day_is_known() -> None:
    made = Told()
    made.make_room(1)
    for score in (0.2, 0.9, 0.1):
        made.note(SURGE, np.array([0]), np.array([score]))
    assert made.maxima[SURGE, 0] == np.float32(0.9)
    made.end_day()
    assert made.maxima[SURGE, 0] == 0.0


def test_a_day_on_which_the_same_goes_on_is_no_day_of_news() -> None:
    made = Told()
    made.make_room(1)
    one, over = np.array([2.0]), np.array([True])
    for minute in (DAY + 5, 2 * DAY + 5):
        made.news(SURGE, minute, np.array([0]), one, one, over, one)
        assert made.goes_on(minute - 5)[SURGE, 0] == (minute > 2 * DAY)
