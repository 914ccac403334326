"""Whose history a score is compared with: all functions and channels at once as each by itself."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.verdicts.placing import ALL, EVERYONE, conditions_of, tails_of, tails_with
from coldtrail.verdicts.tails import Tails
from tests.verdicts.test_calibration import failing, some_flows, some_scores


def test_all_at_once_is_each_function_channel_and_condition_by_itself() -> None:
    flows = some_flows(600, 3)
    scores = np.round(some_scores(flows, 4), 1)
    placed = tails_of(flows, scores, [0, 1])
    assert len(set(map(tuple, placed.places.tolist()))) == len(placed.places) == len(placed.tails) - 1
    condition, asked = conditions_of(flows), np.array([0.0, 0.5, 1.0, 2.0, 5.0, 50.0])
    for tail, (function, channel, of) in enumerate(placed.places.tolist(), 1):
        mine = ((function == EVERYONE) | (flows.function == function)) & ((of == ALL) | (condition == of))
        column, weight = scores[mine, channel], flows.weight[mine]
        alone = Tails.of(column, weight, np.zeros(len(column), np.int64), 1, 4096 if function < 0 else 256)
        expected = alone.reached(np.zeros(len(asked), np.int64), asked)
        assert placed.tails.reached(np.full(len(asked), tail), asked).tolist() == expected.tolist()
        assert placed.tails.numbers[tail] == alone.numbers[0] == mine.sum()


@pytest.mark.parametrize("channels", [[0], [1], [0, 1]])
def test_new_scores_find_the_tails_that_are_there_and_make_those_that_are_not(channels: list[int]) -> None:
    flows = some_flows(300, 3)
    flows = failing(flows, np.arange(300) > 250)
    scores = np.round(some_scores(flows, 4), 1)
    rows, others = np.arange(200), np.arange(200, 300)
    first = tails_of(flows.take(rows), scores[rows], channels)
    grown = tails_with(first, flows.take(others), scores[others], channels, 1.0)
    whole = tails_of(flows, scores, channels)
    assert grown.places.tolist() == whole.places.tolist()
    np.testing.assert_allclose(grown.tails.numbers, whole.tails.numbers)
    np.testing.assert_allclose(grown.tails.values, whole.tails.values)
    np.testing.assert_allclose(grown.tails.above, whole.tails.above)
    half = tails_with(first, flows.take(others), scores[others], channels, 0.5)
    assert half.tails.numbers.sum() == pytest.approx(
        0.5 * first.tails.numbers.sum() + grown.tails.numbers.sum() - first.tails.numbers.sum()
    )
