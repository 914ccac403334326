"""The times of flows, and their sorted histories."""

from __future__ import annotations

import numpy as np

from coldtrail.detectors.durations import LONGEST, MEDIAN, NUMBER
from coldtrail.detectors.spans import EVERY, OWN, SortedTimes, key_of, spans_of
from tests.features.example_flows import ENCODED


def test_each_step_and_each_run_has_a_time() -> None:
    spans = spans_of(ENCODED)
    assert spans.seconds.tolist() == [*ENCODED.self_time.tolist(), *ENCODED.own_time.tolist()]
    assert spans.flow.tolist() == [*ENCODED.flow_of.tolist(), *range(len(ENCODED))]
    assert (spans.step == OWN).sum() == len(ENCODED)
    some = np.array([3, 0])
    assert spans.take(some).seconds.tolist() == spans.seconds[some].tolist()


def test_the_histories_of_some_flows_are_of_their_times_alone() -> None:
    some = np.arange(len(ENCODED)) % 2 == 0
    keys, rows = SortedTimes(ENCODED).of_steps(some, ENCODED.weight, 0)
    spans = spans_of(ENCODED)
    spans = spans.take(np.flatnonzero(some[spans.flow]))
    expected = key_of(spans.function, spans.step, np.zeros_like(spans.step))
    assert sorted(keys.tolist()) == np.unique(expected).tolist()
    for key, row in zip(keys.tolist(), rows, strict=True):
        own = np.sort(spans.seconds[expected == key])
        assert row[[LONGEST, NUMBER]].tolist() == [own[-1], len(own)]
        assert row[MEDIAN] == own[(len(own) - 1) // 2]


def test_the_steps_of_cold_starts_are_those_of_all_functions() -> None:
    keys, rows = SortedTimes(ENCODED).of_starts(np.ones(len(ENCODED), np.bool_), ENCODED.weight)
    steps = np.unique(ENCODED.step[ENCODED.starting])
    expected = key_of(np.full_like(steps, EVERY), steps, np.zeros_like(steps))
    assert sorted(keys.tolist()) == sorted(expected.tolist())
    assert rows[:, NUMBER].sum() == ENCODED.starting.sum()
