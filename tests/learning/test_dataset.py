"""Splits by time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from coldtrail.learning.dataset import time_split


@given(flows=st.integers(0, 500), share=st.floats(0, 1))
def test_the_earlier_flows_teach_and_the_later_ones_test(flows: int, share: float) -> None:
    early, late = time_split(flows, share)
    assert [*early.tolist(), *late.tolist()] == list(range(flows))
    assert abs(len(early) - flows * share) < 1
