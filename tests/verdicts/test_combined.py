"""How many benign flows reached which score."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.verdicts.combined import Combined
from coldtrail.verdicts.placing import KEPT_POOLED

SCORES = np.random.default_rng(0).exponential(size=3 * KEPT_POOLED)


def test_a_p_value_is_the_share_of_flows_that_reached_the_score() -> None:
    scores = np.array([1.0, 2.0, 2.0, 5.0])
    found = Combined.of(scores, np.array([1.0, 1.0, 2.0, 1.0]))
    assert found.p_values(np.array([0.0, 2.0, 4.0, 9.0])).tolist() == [1.0, 5 / 6, 2 / 6, 1 / 6]


@given(score=st.floats(0, 20))
def test_what_is_kept_tells_the_same_of_the_largest_scores_and_nearly_of_others(score: float) -> None:
    kept = Combined.of(SCORES, np.ones(len(SCORES)))
    whole = (np.count_nonzero(score <= SCORES) + 1.0) / (len(SCORES) + 1.0)
    found = float(kept.p_values(np.array([score]))[0])
    slack = 0.0 if whole < 1 / 3 else 3.0 / KEPT_POOLED
    assert abs(found - whole) <= slack + 1e-12


def test_weights_are_the_flows_from_each_score_to_the_next() -> None:
    kept = Combined.of(SCORES, np.ones(len(SCORES)))
    assert kept.weights.sum() == len(SCORES) == kept.flows
    assert Combined.none().p_values(np.array([1.0])).tolist() == [1.0]


def test_all_is_the_same_after_a_rest() -> None:
    kept = Combined.of(SCORES, np.ones(len(SCORES)))
    assert (
        Combined.restored(kept.state()).p_values(SCORES[:50]).tolist() == kept.p_values(SCORES[:50]).tolist()
    )
