"""What is read off runs of how long their steps took."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest
from msgspec.structs import replace

from coldtrail.detectors.drift.timed import A_UNIT, OWN, Timed, times_of
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.testing import Call, make_flow

READ: Call = ("GetItem", "DynamoDB", "Stock", 0.02)
SLOW: Call = ("GetItem", "DynamoDB", "Stock", 0.08)
WRITE: Call = ("PutItem", "DynamoDB", "Orders", 0.05)


def times(*flows: Flow) -> dict[int, dict[str, float]]:
    """By run, the seconds of its steps by action, and of its own code."""
    words = Vocabulary()
    learn_words(flows, words)
    found = times_of(encode(flows, words))
    out: dict[int, dict[str, float]] = {}
    for flow, kind, value in zip(*(column.tolist() for column in found), strict=True):
        out.setdefault(flow, {})["own" if kind == OWN else words.steps[kind][0]] = exp(value / A_UNIT)
    return out


def test_a_step_that_comes_several_times_takes_what_it_takes_on_average() -> None:
    found = times(make_flow([READ, SLOW, WRITE]))
    assert found[0]["GetItem"] == pytest.approx(0.04, rel=1e-2)
    assert found[0]["PutItem"] == pytest.approx(0.05, rel=1e-2)
    assert found[0]["own"] > 0.0


def test_cold_and_failed_runs_say_nothing_of_times() -> None:
    calm = make_flow([READ], flow_id="a")
    assert set(times(make_flow([READ], cold=True, flow_id="c"), calm, make_flow([READ], error=True))) == {1}


def test_calls_that_failed_say_nothing_of_their_service() -> None:
    flow = make_flow([READ, WRITE])
    events = tuple(replace(one, error=one.event_name == "PutItem") for one in flow.events)
    failing = replace(flow, events=events)
    assert times(failing)[0].keys() == {"GetItem", "own"}


def test_what_a_run_takes_goes_with_the_run() -> None:
    timed = Timed(np.array([0, 0, 1, 2]), np.arange(4, dtype=np.int32), np.arange(4, dtype=np.int16))
    taken = timed.take(np.array([2, 0]), 3)
    assert taken.flow.tolist() == [1, 1, 0]
    assert taken.row.tolist() == [0, 1, 3]
    assert Timed.of([column.tobytes() for column in timed]).value.tolist() == [0, 1, 2, 3]
    assert timed.beside(taken).at(np.array([4, 5])).row.tolist() == [0, 1]
    assert len(Timed.none().flow) == 0
