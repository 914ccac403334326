"""Sums of the last minutes, and what is learned of those before."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.rates.counts import DAY, HELD, SCALES, Counts

ONE = np.array([0], np.intp)


def walked(numbers: list[float], strange: tuple[int, int] | None = None) -> Counts:
    """One function that runs so often minute by minute, from minute 0 on."""
    made = Counts()
    made.make_room(1)
    for minute, number in enumerate(numbers):
        made.open(minute)
        made.minutes += 1
        if number:
            made.add(minute, ONE, np.array([number]))
        if strange and strange[0] <= minute <= strange[1]:
            made.call_strange(ONE, np.array([float(minute)]), minute)
        made.close(minute, np.array([True]))
    return made


def test_sums_are_of_the_last_minutes() -> None:
    numbers = [float(minute % 7) for minute in range(300)]
    made = walked(numbers)
    assert made.sums[:, 0].tolist() == [sum(numbers[-scale:]) for scale in SCALES]
    assert made.active[1, 0] == sum(number > 0 for number in numbers[-5:])
    before, minutes = made.before(ONE)
    assert before[:, 0].tolist() == [sum(numbers[:-scale]) for scale in SCALES]
    assert minutes[:, 0].tolist() == [300 - scale for scale in SCALES]
    assert made.active_before(ONE)[0, 0] == sum(number > 0 for number in numbers[:-1])


def test_the_last_whole_block_is_not_learned_yet() -> None:
    made = walked([1.0] * 30 + [3.0] * 30 + [9.0] * 30)
    assert made.blocks[2, 0] == 2.0
    assert made.block_sums[2, 0] == 30.0 + 90.0
    assert made.block_squares[2, 0] == 900.0 + 8_100.0
    assert made.most[2, 0] == 90.0


def test_the_largest_window_need_not_be_a_block() -> None:
    made = walked([0.0] * 27 + [5.0] * 5 + [0.0] * 60)
    assert made.largest(ONE)[1, 0] == 25.0


def test_of_strange_minutes_little_is_learned() -> None:
    numbers = [1.0] * 200 + [50.0] * 10 + [1.0] * 200
    calm, strange = walked(numbers), walked(numbers, (200, 209))
    assert calm.past[0, 0] > 600.0
    assert strange.past[0, 0] == 200 + 10 * 2 + 80
    assert strange.largest(ONE)[0, 0] == 4.0
    assert calm.largest(ONE)[0, 0] == 50.0
    assert strange.block_squares[0, 0] < 500.0 < calm.block_squares[0, 0]


def test_a_window_of_several_minutes_is_spread_over_them() -> None:
    made = walked([0.0] * 10)
    for ago in range(5):
        made.add(9, ONE, np.array([2.0]), ago)
    assert made.sums[:, 0].tolist() == [2.0, 10.0, 10.0, 10.0]


def test_memory_fades_and_the_largest_is_kept_for_a_generation() -> None:
    made = walked([4.0] * 400)
    before = float(made.past[0, 0])
    made.end_days(28, new_generation=True)
    assert made.past[0, 0] == pytest.approx(before / 2)
    assert made.largest(ONE)[0, 0] == 4.0
    made.end_days(1, new_generation=True)
    assert made.largest(ONE)[0, 0] == 0.0


def test_a_quiet_day_ends_what_was_strange() -> None:
    made = walked([1.0] * HELD, (50, 60))
    made.call_strange(ONE, np.array([100.0]), 100)
    assert made.strange_since[0, 0] == 50.0
    made.call_strange(ONE, np.array([5_000.0]), 110 + DAY)
    assert made.strange_since[0, 0] == 5_000.0
