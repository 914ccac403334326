"""The laws of timelines, against definitions that look at one event at a time."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.assembly.span_tree import Timeline, arrange
from coldtrail.records.flow import Event
from coldtrail.testing import START, make_event

TICK = 1 / 64
"""A duration that adds up without rounding."""


def event(event_id: str, start: int, length: int, parent: str | None = None) -> Event:
    begin = START + start * TICK
    return make_event(
        event_id=event_id, start_time=begin, end_time=begin + length * TICK, event_parent_id=parent
    )


@st.composite
def any_events(draw: st.DrawFn) -> list[Event]:
    """Events with any parents at all: unknown ones, themselves, circles."""
    size = draw(st.integers(0, 12))
    ids = [f"e{i}" for i in range(size)]
    parents = st.sampled_from([*ids, "unknown"]) | st.none()
    ticks = st.integers(0, 40)
    return [event(name, draw(ticks), draw(ticks), draw(parents)) for name in ids]


@st.composite
def trees(draw: st.DrawFn) -> list[Event]:
    """Events that each hang below an earlier one or below none; children may overlap and outlive parents."""
    size = draw(st.integers(1, 12))
    events: list[Event] = []
    for i in range(size):
        parent = draw(st.none() | st.sampled_from([one.event_id for one in events])) if events else None
        events.append(event(f"e{i}", draw(st.integers(0, 40)), draw(st.integers(0, 40)), parent))
    return events


def covered(spans: list[tuple[float, float]], start: float, end: float) -> float:
    """Seconds of the whole in which any span runs, counted tick by tick."""
    ticks = round((end - start) / TICK)
    middles = [start + (tick + 0.5) * TICK for tick in range(ticks)]
    return sum(any(a < middle < b for a, b in spans) for middle in middles) * TICK


@given(events=any_events(), random=st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(events: list[Event], random: Random) -> None:
    shuffled = list(events)
    random.shuffle(shuffled)
    assert arrange(shuffled) == arrange(events)


@given(events=any_events())
def test_every_event_comes_once_and_no_time_is_negative(events: list[Event]) -> None:
    line = arrange(events)
    assert Counter(line.events) == Counter(events)
    assert len(line.depths) == len(line.self_times) == len(events)
    assert all(depth >= 1 for depth in line.depths)
    assert all(seconds >= 0 for seconds in (*line.self_times, line.own_time))
    assert line.end_time >= line.start_time


@given(events=trees())
def test_parents_come_before_their_children_and_one_level_above(events: list[Event]) -> None:
    line = arrange(events)
    place = {one.event_id: i for i, one in enumerate(line.events)}
    for i, one in enumerate(line.events):
        if one.event_parent_id is None:
            assert line.depths[i] == 1
        else:
            parent = place[one.event_parent_id]
            assert parent < i
            assert line.depths[i] == line.depths[parent] + 1


@given(events=trees())
def test_a_subtree_is_not_interrupted(events: list[Event]) -> None:
    depths = arrange(events).depths
    assert depths[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(depths))


@given(events=trees())
def test_siblings_go_by_start_then_end_then_id(events: list[Event]) -> None:
    line = arrange(events)
    for parent in {one.event_parent_id for one in events}:
        siblings = [one for one in line.events if one.event_parent_id == parent]
        assert siblings == sorted(siblings, key=lambda one: (one.start_time, one.end_time, one.event_id))


@given(events=trees())
def test_self_time_is_what_no_child_covers(events: list[Event]) -> None:
    line = arrange(events)
    for one, seconds in zip(line.events, line.self_times, strict=True):
        children = [
            (child.start_time, child.end_time) for child in events if child.event_parent_id == one.event_id
        ]
        spent = one.end_time - one.start_time - covered(children, one.start_time, one.end_time)
        assert math.isclose(seconds, spent, abs_tol=1e-6)


@given(events=trees(), before=st.integers(0, 9), after=st.integers(0, 60))
def test_own_time_is_what_no_event_covers(events: list[Event], before: int, after: int) -> None:
    start, end = START - before * TICK, START + after * TICK
    line = arrange(events, start, end)
    roots = [(one.start_time, one.end_time) for one in events if one.event_parent_id is None]
    assert (line.start_time, line.end_time) == (start, end)
    assert math.isclose(line.own_time, end - start - covered(roots, start, end), abs_tol=1e-6)


def test_children_that_run_side_by_side_are_not_subtracted_twice() -> None:
    line = arrange([event("p", 0, 64), event("a", 8, 32, "p"), event("b", 16, 32, "p")])
    assert line.self_times[0] == pytest.approx(24 * TICK)


def test_a_child_that_outlives_its_parent_takes_only_the_parents_time() -> None:
    line = arrange([event("p", 0, 32), event("a", 16, 1000, "p")])
    assert line.self_times[0] == pytest.approx(16 * TICK)
    assert line.end_time == START + 1016 * TICK


def ids(line: Timeline) -> list[str]:
    return [one.event_id for one in line.events]


def test_a_circle_of_parents_is_opened_at_its_first_event() -> None:
    line = arrange([event("b", 1, 5, "a"), event("c", 2, 5, "b"), event("a", 0, 5, "c")])
    assert ids(line) == ["a", "b", "c"]
    assert line.depths == (1, 2, 3)


def test_an_event_that_is_its_own_parent_has_none() -> None:
    assert arrange([event("a", 0, 5, "a")]).depths == (1,)


def test_an_unknown_parent_counts_as_none() -> None:
    assert arrange([event("a", 0, 5, "lost")]).depths == (1,)


def test_no_events_give_an_empty_line() -> None:
    assert arrange([]) == Timeline((), (), (), 0.0, 0.0, 0.0)
    assert arrange([], START, START + 2).own_time == 2.0


def test_an_end_before_the_start_is_replaced_by_that_of_the_last_event() -> None:
    assert arrange([event("a", 0, 64)], START, START - 5).end_time == START + 1


def test_ten_thousand_levels_are_no_trouble() -> None:
    chain = [event(f"e{i}", i, 20_000 - i, f"e{i - 1}" if i else None) for i in range(10_000)]
    assert arrange(chain).depths == tuple(range(1, 10_001))
    same_start = [event(f"{i:05}", 0, 5, f"{i + 1:05}") for i in range(10_000)]
    assert arrange(same_start).depths == tuple(range(1, 10_001))
