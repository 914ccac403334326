"""What is read off flows."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.drift.readings import Readings, readings_of
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.testing import make_flow, make_history

CALLS = [("GetItem", "DynamoDB", "Stock", 0.02), ("PutItem", "DynamoDB", "Orders", 0.03)]


def _read(flows: list[Flow]) -> Readings:
    vocabulary = Vocabulary()
    learn_words(flows, vocabulary)
    return readings_of(encode(flows, vocabulary))


def test_times_and_calls_are_those_of_the_flow() -> None:
    flow = make_flow(CALLS)
    (reading,) = _read([flow]).rows()
    assert reading.duration == pytest.approx(flow.end_time - flow.start_time)
    assert 0 < reading.own_time < 0.01
    assert reading.calls == len(flow.events)
    assert (reading.start, reading.cold, reading.error) == (flow.start_time, 0, 0)


def test_a_cold_start_changes_neither_path_nor_number_of_calls() -> None:
    warm, cold = _read([make_flow(CALLS), make_flow(CALLS, cold=True)]).rows()
    assert (warm.path, warm.calls) == (cold.path, cold.calls)
    assert cold.cold


def test_paths_tell_orders_apart_and_are_never_the_kind_of_the_rare() -> None:
    flows = [make_flow(CALLS), make_flow(CALLS[::-1]), make_flow(CALLS)]
    first, second, third = _read(flows).path.tolist()
    assert first == third != second
    assert 0 not in (first, second)


def test_a_path_is_the_same_alone_and_among_others() -> None:
    flows = make_history(40)
    vocabulary = Vocabulary()
    learn_words(flows, vocabulary)
    together = readings_of(encode(flows, vocabulary))
    alone = readings_of(encode(flows[7:8], vocabulary))
    assert together.path[7] == alone.path[0]
    assert together.own_time[7] == alone.own_time[0]


def test_a_flow_without_events_is_read() -> None:
    flow = Flow("shop", "t", "Order", "f", 5.0, 4.0, (), (), (), 0.0)
    (reading,) = _read([flow]).rows()
    assert (reading.duration, reading.own_time, reading.calls) == (0.0, 0.0, 0)


def test_taking_some_keeps_their_order() -> None:
    readings = _read(make_history(10))
    assert readings.take(np.array([4, 2])).start.tolist() == [readings.start[4], readings.start[2]]
