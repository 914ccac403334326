"""The time axis: in order, within bounds, and readable beside one very long stretch."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.reports.timescale import TimeScale

MOMENTS = st.lists(st.floats(0, 1000, allow_subnormal=False), min_size=1, max_size=30)


@given(MOMENTS)
def test_later_is_never_further_left(moments: list[float]) -> None:
    scale = TimeScale(moments)
    places = [scale.percent(moment) for moment in sorted(moments)]
    assert places == sorted(places)
    assert all(0 <= place <= 100.0001 for place in places)


@given(MOMENTS)
def test_times_come_back_from_their_places(moments: list[float]) -> None:
    scale = TimeScale(moments)
    for moment in moments:
        assert scale.time(scale.percent(moment)) == pytest.approx(moment, rel=1e-6, abs=2e-6)


def test_without_a_long_stretch_the_axis_is_linear() -> None:
    scale = TimeScale([0, 25, 50, 100])
    assert [scale.percent(time) for time in (0, 10, 25, 50, 75, 100)] == [0, 10, 25, 50, 75, 100]
    assert scale.cuts == ()


def test_a_long_stretch_is_cut_and_the_rest_stays_visible() -> None:
    scale = TimeScale([0, 0.1, 0.2, 900.0, 900.1])
    (cut,) = scale.cuts
    assert cut.seconds == pytest.approx(899.8)
    assert scale.percent(0.1) > 15
    assert cut.width < 50


def test_no_time_at_all_has_a_place() -> None:
    assert TimeScale([]).percent(3.0) == 0.0
    assert TimeScale([5.0, 5.0]).percent(5.0) == 0.0
