"""How strange the times of steps are, many at once, is what each is by definition."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from statistics import NormalDist

import numpy as np
import pytest

from coldtrail.detectors.drift.rank_scores import POINTS
from coldtrail.detectors.drift.readings import readings_of
from coldtrail.detectors.drift.step_times import EXACT, RISE, StepTimes
from coldtrail.detectors.drift.timed import A_UNIT, OWN, WHOLE, times_of
from coldtrail.features.encode import encode
from coldtrail.testing import START
from tests.detectors.drift.paced import DAY_S, ordinary, runs


def score_of(points: list[int], value: int) -> float:
    """The normal score of a value's rank among points, in the middle where it equals some."""
    share = (bisect_left(points, value) + bisect_right(points, value)) / 2 / POINTS
    return NormalDist().inv_cdf(min(max(share, 0.25 / POINTS), 1 - 0.25 / POINTS))


def test_scores_of_all_steps_at_once_are_those_of_each() -> None:
    known = ordinary()
    steps = known.baselines.step_times
    flows = encode(runs(50, 3, lambda at, step: 1.5, start=START + 10 * DAY_S), known.words)
    timed = steps.timed(times_of(flows), flows.function)
    scores = steps.scores(timed, readings_of(flows).start)
    assert (steps.hours == 0.0).all()
    assert len(timed.flow) == 4 * 50
    for row, value, score in zip(timed.row.tolist(), timed.value.tolist(), scores.tolist(), strict=True):
        assert score == pytest.approx(score_of(steps.points[row].tolist(), value))
    factors = steps.log_e_values(timed.row, scores)
    risen = RISE * (scores - steps.margin[timed.row]) / steps.spread[timed.row] - RISE**2 / 2
    assert np.abs(factors - risen).max() < EXACT
    assert (factors / EXACT == np.rint(factors / EXACT)).all()


def test_all_steps_of_a_run_together_count_by_how_steady_each_is() -> None:
    known = ordinary()
    steps = known.baselines.step_times
    flows = encode(runs(30, 4, lambda at, step: 2.0, start=START + 10 * DAY_S), known.words)
    timed = steps.timed(times_of(flows), flows.function)
    scores = steps.scores(timed, flows.start)
    whole, of_whole = steps.together(timed, scores)
    at = int(np.flatnonzero(steps.kind == WHOLE)[0])
    for run in range(30):
        mine = timed.flow == run
        counts = steps.counts[timed.row[mine]]
        square, total = float((counts**2).sum()), float(counts.sum())
        added = float((counts * scores[mine]).sum())
        expected = added / (square + steps.counts[at] * (total**2 - square)) ** 0.5
        assert whole.value[run] / A_UNIT == pytest.approx(expected, abs=1e-3)
        assert of_whole[run] == score_of(steps.points[at].tolist(), int(whole.value[run]))
    assert of_whole.mean() > 1.0


def test_what_was_told_to_have_risen_is_usual_then() -> None:
    steps = ordinary().baselines.step_times
    step = int(steps.kind.max())
    moved = steps.moved({(1, step): 0.5})
    assert (moved.median - steps.median)[steps.kind == step] == pytest.approx(0.5)
    assert (moved.points == steps.points)[steps.kind != step].all()
    every = steps.moved({(1, WHOLE): 0.5})
    assert (every.median - steps.median)[steps.kind >= OWN] == pytest.approx(0.5)
    assert (every.points == steps.points)[steps.kind == WHOLE].all()


def test_some_functions_are_taken_from_another() -> None:
    steps = ordinary().baselines.step_times
    other = steps.moved({(1, WHOLE): 1.0})
    assert steps.with_those_of(other, np.array([1])).median.tolist() == other.median.tolist()
    assert steps.with_those_of(other, np.array([2])).median.tolist() == steps.median.tolist()
    assert steps.with_those_of(StepTimes(), np.array([1])).find(np.array([1]), np.array([0])).tolist() == [-1]
