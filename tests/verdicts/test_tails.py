"""Shares of a history that score at least as high."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.features.batch import Floats
from coldtrail.verdicts.tails import NO_TAIL, Tails, joined, lean, proven, quantile


def tail(*scores: float, kept: int = 100) -> Tails:
    return Tails.of(np.array(scores), np.ones(len(scores)), np.zeros(len(scores), np.int64), 1, kept)


def reached(found: Tails, *scores: float) -> list[float]:
    out: list[float] = found.reached(np.zeros(len(scores), np.int64), np.array(scores)).tolist()
    return out


@pytest.mark.parametrize("kept", [3, 100])
def test_what_scored_at_least_as_high_is_counted(kept: int) -> None:
    found = tail(1.0, 2.0, 2.0, 5.0, float("nan"), kept=kept)
    assert found.numbers.tolist() == [4.0], "what has no score is no run"
    assert reached(found, 5.0, 5.1) == [1.0, 0.0]
    assert reached(found, 2.0, 2.1) == [3.0 if kept > 3 else 4.0, 1.0]
    assert reached(found, 1.0) == [4.0]


def test_equal_scores_are_kept_once() -> None:
    assert tail(*[7.0] * 50, 9.0).values.tolist() == [7.0, 9.0]


def test_no_history_reaches_nothing() -> None:
    assert reached(tail(), 0.0) == [0.0]
    none = joined([Tails.none(), tail(1.0)])
    assert none.reached(np.array([NO_TAIL, 1]), np.array([0.0, 0.0])).tolist() == [0.0, 1.0]


def counted(scores: Floats, weight: Floats, kept: int, asked: float) -> float:
    """What a loop over the flows of one group says: the plain form of `reached`."""
    rows = [i for i in np.argsort(scores, kind="stable").tolist() if not np.isnan(scores[i])]
    if not rows or asked <= scores[rows[-kept:][0]]:
        return float(sum(weight[rows]))
    return float(sum(weight[i] for i in rows if scores[i] >= asked))


@given(
    st.lists(st.tuples(st.integers(0, 4), st.sampled_from([0.0, 0.5, 1.0, 2.0, np.nan, 7.0])), max_size=60),
    st.integers(1, 8),
)
def test_all_groups_at_once_give_what_a_loop_over_groups_gives(
    met: list[tuple[int, float]], kept: int
) -> None:
    group = np.array([of for of, _ in met], np.int64)
    scores = np.array([score for _, score in met], np.float64)
    weight = 0.5 + np.random.default_rng(len(met)).random(len(met))
    found = Tails.of(scores, weight, group, 5, kept)
    asked = np.array([-1.0, 0.0, 0.3, 0.5, 1.5, 2.0, 7.0, 8.0])
    for of in range(5):
        mine = group == of
        expected = [counted(scores[mine], weight[mine], kept, score) for score in asked.tolist()]
        np.testing.assert_allclose(found.reached(np.full(len(asked), of), asked), expected, rtol=1e-12)


def test_a_tail_without_its_lower_scores_takes_no_lower_ones() -> None:
    """Of nine flows it holds the three highest: a new low score must not look as if it were the fourth."""
    cut = tail(*[float(n) for n in range(1, 10)], kept=3)
    place = np.zeros(1, np.int64)
    grown = cut.with_scores(place, 1.0, np.array([0.5, 8.5]), np.ones(2), np.zeros(2, np.int64), 1, 100)
    assert grown.numbers.tolist() == [11.0]
    assert reached(grown, 0.6, 5.0, 7.0) == [11.0, 11.0, 11.0]
    assert reached(grown, 7.5, 8.2, 8.6, 9.1) == [3.0, 2.0, 1.0, 0.0]


def test_few_runs_lean_on_the_wider_share_and_many_do_not() -> None:
    few, many = (lean(np.array([0.0]), np.array([n]), np.ones(1), 10.0) for n in (10.0, 990.0))
    assert few == pytest.approx([0.5])
    assert many == pytest.approx([0.01])


def test_once_is_an_accident_and_twice_is_a_record() -> None:
    once, twice = (proven(np.array([n]), np.array([8.0 + n])) for n in (1.0, 2.0))
    assert once == [0.0]
    assert twice == pytest.approx([2 / 11])


def test_the_quantile_counts_flows_by_their_weight() -> None:
    values, weight = np.array([3.0, 1.0, 2.0]), np.array([1.0, 97.0, 1.0])
    assert quantile(values, weight, 0.9) == 1.0
    assert quantile(values, weight, 0.985) == 3.0
    assert quantile(values, weight, 1.0) == 3.0, "more than there are"
