"""Average precision, against its definition that goes threshold by threshold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.learning.metrics import average_precision


def by_definition(scores: list[float], malicious: list[bool]) -> float:
    """Average precision, one threshold after the other."""
    total, recall_before = 0.0, 0.0
    for threshold in sorted(set(scores), reverse=True):
        alarmed = [bad for score, bad in zip(scores, malicious, strict=True) if score >= threshold]
        recall = sum(alarmed) / sum(malicious)
        total += (recall - recall_before) * sum(alarmed) / len(alarmed)
        recall_before = recall
    return total


@given(
    flows=st.lists(
        st.tuples(st.integers(0, 4).map(float) | st.floats(0, 100), st.booleans()), min_size=1, max_size=25
    )
)
def test_average_precision_is_that_of_its_definition(flows: list[tuple[float, bool]]) -> None:
    scores, malicious = [score for score, _ in flows], [bad for _, bad in flows]
    got = average_precision(np.array(scores), np.array(malicious))
    if any(malicious):
        assert got == pytest.approx(by_definition(scores, malicious))
    else:
        assert got is None


def test_average_precision_of_a_perfect_a_blind_and_the_worst_ranking() -> None:
    bad = np.array([True, True, False, False])
    assert average_precision(np.array([4.0, 3.0, 2.0, 1.0]), bad) == 1.0
    assert average_precision(np.ones(4), bad) == 0.5
    assert average_precision(np.array([1.0, 2.0, 3.0, 4.0]), bad) == pytest.approx((1 / 3 + 2 / 4) / 2)
