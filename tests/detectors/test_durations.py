"""The history of durations."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.durations import CENTRE, FLOOR_S, KNEE, LONGEST, MEDIAN, NUMBER, SLOPE, Timed
from coldtrail.features.batch import Floats
from coldtrail.features.hashing import Hashes, Table, mix


def histories(keys: Hashes, seconds: Floats, weight: Floats) -> Table:
    timed = Timed(keys, seconds, np.arange(len(keys)))
    found, rows = timed.histories(np.ones(len(keys), np.bool_), weight)
    return Table(timed.keys[found], rows)


def test_each_key_has_its_own_median_longest_and_number() -> None:
    keys = np.array([7, 3, 7, 3, 7], np.uint64)
    table = histories(keys, np.array([1.0, 5.0, 3.0, 9.0, 2.0]), np.ones(5))
    assert table.keys.tolist() == [3, 7]
    assert table.rows[:, [MEDIAN, LONGEST, NUMBER]].tolist() == [[5.0, 9.0, 2.0], [2.0, 3.0, 3.0]]
    assert table.rows[1, CENTRE] == pytest.approx(np.log(2.0 + FLOOR_S))


def test_values_count_by_their_weight() -> None:
    keys = np.zeros(3, np.uint64)
    table = histories(keys, np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 10.0]))
    assert table.rows[0, [MEDIAN, NUMBER]].tolist() == [3.0, 12.0]


def test_a_heavier_tail_has_a_flatter_slope() -> None:
    random = np.random.default_rng(5)
    keys = np.repeat(np.array([1, 2], np.uint64), 5000)
    seconds = np.exp(np.concatenate([random.normal(size=5000), random.standard_t(2, size=5000)]))
    light, heavy = histories(keys, seconds, np.ones(10_000)).rows
    assert heavy[SLOPE] > 2.0 * light[SLOPE]
    assert min(light[KNEE], heavy[KNEE]) >= 0.5


@pytest.mark.parametrize("keys", [1, 300, 200_000])
def test_however_many_keys_there_are_each_has_the_median_and_the_longest(keys: int) -> None:
    draw = np.random.default_rng(keys)
    of, seconds = draw.integers(0, keys, 200_000), draw.random(200_000)
    hashed = mix(np.full(len(of), 3, np.uint64), of)
    found = histories(hashed, seconds, np.ones(200_000))
    for row in draw.integers(0, len(found.keys), 30).tolist():
        own = np.sort(seconds[hashed == found.keys[row]])
        assert found.rows[row, LONGEST] == own[-1]
        assert found.rows[row, MEDIAN] == own[(len(own) - 1) // 2]


def test_the_histories_of_some_are_those_that_they_have_by_themselves() -> None:
    draw = np.random.default_rng(3)
    keys = mix(np.full(400_000, 3, np.uint64), draw.integers(0, 9_000, 400_000))
    seconds, weight = draw.random(400_000).round(3), draw.random(400_000)
    some = draw.random(400_000) < 0.1
    found, rows = Timed(keys, seconds, np.arange(400_000)).histories(some, weight)
    alone = histories(keys[some], seconds[some], weight[some])
    assert np.unique(keys)[found].tolist() == alone.keys.tolist()
    np.testing.assert_allclose(rows, alone.rows, rtol=1e-12)
