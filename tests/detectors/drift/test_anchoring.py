"""Spans: from which runs it is known how a function runs."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.drift.anchoring import (
    ENOUGH_RUNS,
    LEAST_LEFT,
    OPEN,
    anchored,
    spans_of,
    with_ways_of,
)
from coldtrail.detectors.drift.baselines import ALL_PATHS, Level, Span
from coldtrail.detectors.drift.change_points import ChangePoints
from coldtrail.detectors.drift.effects import middle
from coldtrail.detectors.drift.learning import learn_baselines
from coldtrail.detectors.drift.readings import CALLS, DURATION, PATHS, RARE_PATHS, Readings
from tests.detectors.drift.histories import NEVER, SELDOM, START, columns, followed, history

FEW, MANY = int(ENOUGH_RUNS) - 1, int(ENOUGH_RUNS)


def runs(
    number: int, *, first: float = 1.0, seconds: float = 0.1, function: int = 1, path: int = 7
) -> Readings:
    column = np.full(number, 0, np.int64)
    return Readings(
        column + function,
        first + np.arange(number, dtype=np.float64),
        column,
        column + 1,
        column,
        seconds * (1.0 + 0.01 * (np.arange(number) % 7)),
        np.full(number, 0.01),
        column + 3,
        column + path,
        column + 1,
        np.ones(number),
    )


def both(one: Readings, other: Readings) -> Readings:
    return Readings._make(np.concatenate(pair) for pair in zip(one, other, strict=True))


def test_a_span_ends_once_there_are_enough_runs() -> None:
    assert spans_of(runs(FEW), {}) == {1: OPEN}
    assert spans_of(runs(MANY), {}) == {1: Span(0.0, float(MANY))}


def test_a_span_stays_whatever_comes_later() -> None:
    span = Span(0.0, float(MANY))
    assert spans_of(both(runs(MANY), runs(900, first=5000.0)), {1: span}) == {1: span}


def test_a_span_that_is_forgotten_begins_anew() -> None:
    left = int(LEAST_LEFT * ENOUGH_RUNS) - 1
    readings = both(runs(left), runs(900, first=5000.0))
    assert spans_of(readings, {1: Span(0.0, float(MANY))}) == {1: Span(0.0, 5899.0)}


def test_a_span_since_an_acceptance_counts_runs_since_then_alone() -> None:
    assert spans_of(both(runs(MANY), runs(10, first=5000.0)), {1: Span(5000.0, 0.0)}) == {
        1: Span(5000.0, 0.0)
    }


def usual(readings: Readings, span: Span, level: Level | None = None) -> float:
    levels = {} if level is None else {(1, DURATION, 0): level}
    found = anchored(learn_baselines(readings), readings, {1: span}, levels)
    return float(np.exp(middle(found.functions[1].groups[ALL_PATHS][1])))


def test_a_function_is_known_by_its_span_and_moved_by_what_was_told() -> None:
    readings = both(runs(MANY), runs(2000, first=5000.0, seconds=0.5))
    span = Span(0.0, float(MANY))
    assert 0.09 < usual(readings, span) < 0.12
    assert usual(readings, OPEN) > 0.4
    assert 0.27 < usual(readings, span, Level(5000.0, 0.1, 0.3)) < 0.34


def test_what_came_later_is_known_as_well() -> None:
    readings = both(runs(MANY), runs(800, first=5000.0, path=9))
    found = anchored(learn_baselines(readings), readings, {1: Span(0.0, float(MANY))}, {})
    assert set(found.functions[1].paths) == {7, 9}
    assert 9 in found.functions[1].groups


@pytest.mark.parametrize(("number", "follows"), [(60, False), (500, True)])
def test_what_a_release_does_is_no_shift_of_ways_or_steps(number: int, follows: bool) -> None:
    """From 400 runs of it on, what others than its usual ways come to be is told again."""
    released = [one._replace(path=NEVER, calls=7) for one in history(number, 2, start=START + 1e6)]
    readings = columns([*history(1_000, 1), *released])
    known = learn_baselines(readings)
    later = [one._replace(path=NEVER, calls=7) for one in history(300, 3, start=START + 2e6)]
    before = {one.measure for one in followed(ChangePoints(known), later)}
    assert follows or before >= {CALLS, PATHS}
    since = readings.start >= START + 1e6
    knowing = with_ways_of(known, readings, [(1, since), (9, since)])
    assert followed(ChangePoints(knowing), later) == []
    other = [one._replace(path=SELDOM, calls=7) for one in history(300, 4, start=START + 2e6)]
    told = {one.measure for one in followed(ChangePoints(knowing), other)}
    assert (PATHS in told or RARE_PATHS in told) == follows
    more = [one._replace(calls=12) for one in later]
    is_more = CALLS in {one.measure for one in followed(ChangePoints(knowing), more)}
    assert is_more or follows, "a history with both versions has risen so far by itself"
    assert with_ways_of(known, readings, [(1, readings.start > released[-15].start)]) == known
