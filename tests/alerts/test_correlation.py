"""What is of one time, and in several functions."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from coldtrail.alerts.correlation import WITHIN_S, at_one_time, in_several

Thing = tuple[float, float]


def span(thing: Thing) -> Thing:
    return thing


def test_an_hour_without_any_parts_them() -> None:
    first, second, later = (0.0, 10.0), (3600.0, 9000.0), (12_601.0, 12_601.0)
    assert at_one_time([later, second, first], span) == [[first, second], [later]]


def test_what_lasts_holds_together_what_began_meanwhile() -> None:
    long, inside, after = (0.0, 9000.0), (10.0, 20.0), (12_600.0, 12_600.0)
    assert at_one_time([after, inside, long], span) == [[long, inside, after]]


def test_things_that_begin_together_keep_their_order() -> None:
    assert at_one_time([(1.0, 3.0), (1.0, 2.0)], span) == [[(1.0, 3.0), (1.0, 2.0)]]
    assert at_one_time([], span) == []


@given(st.lists(st.tuples(st.floats(0, 1e5), st.floats(0, 1e4)), max_size=12))
def test_each_is_of_one_time_and_times_lie_apart(rows: list[Thing]) -> None:
    things = [(first, first + took) for first, took in rows]
    times = at_one_time(things, span)
    assert sorted(thing for time in times for thing in time) == sorted(things)
    for before, after in pairwise(times):
        assert after[0][0] - max(end for _, end in before) > WITHIN_S


def test_it_takes_several_functions() -> None:
    assert in_several(["Book", "Pay", "Book"], str, 2)
    assert not in_several(["Book", "Pay", "Book"], str, 3)
