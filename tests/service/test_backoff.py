from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from coldtrail.service.backoff import LONGEST_S, pause_s


@given(st.integers(0, 10_000), st.integers())
def test_pauses_double_up_to_an_hour_and_scatter_by_half(failures: int, seed: int) -> None:
    whole = min(2.0 ** min(max(failures, 1), 60), LONGEST_S)
    assert whole / 2 <= pause_s(failures, Random(seed)) <= whole


def test_what_the_other_side_asks_for_is_the_least_up_to_an_hour() -> None:
    assert pause_s(1, Random(1), 90.0) == 90.0
    assert pause_s(1, Random(1), 1e9) == LONGEST_S
    assert pause_s(12, Random(1), 1.0) >= LONGEST_S / 2
