"""What a run holds that no run of its function held before, though it knows all the steps."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import numpy as np
import pytest

from coldtrail.detectors.sequence import SUCCESSION, SequenceDetector
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.testing import Call, make_flow

GET, PUT, SEND, LOG = (
    (name, kind, target, 0.01)
    for name, kind, target in (
        ("GetItem", "DynamoDB", "Stock"),
        ("PutItem", "DynamoDB", "Orders"),
        ("SendMessage", "SQS", "bills"),
        ("PutRecord", "Kinesis", "log"),
    )
)
LANES = [("SendMessage", "SQS", f"lane-{at}", 0.01) for at in range(6)]
RUNS = 600


class Learned:
    """A detector, with what it has words for."""

    def __init__(self, flows: Sequence[Flow]) -> None:
        self.words = Vocabulary()
        learn_words(flows, self.words)
        self.detector = SequenceDetector().fit(encode(flows, self.words))

    def bans(self, calls: Sequence[Call], function: str = "Order") -> float:
        flow = make_flow(calls, function=function)
        return float(self.detector.score(encode([flow], self.words))[0, SUCCESSION])


def straight(number: int) -> Flow:
    """Three calls in a row; in three runs, something is logged, each time elsewhere."""
    calls = [GET, PUT, SEND]
    if number % 200 == 50:
        calls.insert(number // 200, LOG)
    return make_flow(calls, flow_id=f"s{number}")


def looping(number: int, random: Random) -> Flow:
    """Four of six lanes, in any order."""
    calls = [GET, *(random.choice(LANES) for _ in range(4)), PUT]
    return make_flow(calls, function="Lanes", flow_id=f"l{number}")


@pytest.fixture(scope="module")
def learned() -> Learned:
    random = Random(3)
    return Learned([straight(n) for n in range(RUNS)] + [looping(n, random) for n in range(RUNS)])


def test_usual_runs_hold_nothing_first(learned: Learned) -> None:
    assert learned.bans([GET, PUT, SEND]) == 0.0


@pytest.mark.parametrize(
    "calls", [[PUT, GET, SEND], [GET, SEND, PUT], [GET, SEND], [GET, PUT]], ids=["first", "last", "in", "end"]
)
def test_steps_that_change_places_or_are_left_out_are_strange_beside_a_sister_that_loops(
    learned: Learned, calls: Sequence[Call]
) -> None:
    assert learned.bans(calls) > 2.5


def test_a_step_that_always_came_once_is_strange_twice(learned: Learned) -> None:
    assert learned.bans([GET, PUT, PUT, SEND]) > 2.5
    assert learned.bans([GET, PUT, SEND, GET]) > 2.5


def test_that_a_rare_step_comes_now_here_now_there_excuses_no_usual_ones(learned: Learned) -> None:
    """The log came in three places, each in one run; that it comes in another is no news."""
    assert learned.bans([GET, PUT, SEND, LOG]) < 2.5 < learned.bans([PUT, GET, SEND])


def test_another_way_through_the_lanes_is_nothing(learned: Learned) -> None:
    lanes = [LANES[at] for at in (5, 0, 5, 1)]
    assert learned.bans([GET, *lanes, PUT], function="Lanes") < 2.5


def test_steps_that_the_function_never_took_are_judged_elsewhere(learned: Learned) -> None:
    new = ("GetObject", "S3", "zq", 0.01)
    known_after_it = learned.bans([GET, PUT, SEND, new])
    assert known_after_it == 0.0


@pytest.fixture(scope="module")
def losing() -> Learned:
    """Functions of ten calls, each of another of which is lost from the records of a few runs."""
    flows = []
    for at in range(8):
        calls = [(f"Call{n}", "DynamoDB", f"Table-{at}-{n}", 0.01) for n in range(10)]
        for run in range(200):
            lost = 5 + run // 40 if run % 40 == at else None
            made = calls if lost is None else [*calls[:lost], *calls[lost + 1 :]]
            flows.append(make_flow(made, function=f"F{at}", flow_id=f"{at}-{run}"))
    return Learned(flows)


def test_steps_that_change_places_are_strange_where_calls_are_lost_from_records(losing: Learned) -> None:
    calls = [(f"Call{n}", "DynamoDB", f"Table-0-{n}", 0.01) for n in range(10)]
    assert 0.5 < losing.bans([*calls[:2], *calls[3:]], "F0") < 2.0
    assert losing.bans([*calls[:2], calls[3], calls[2], *calls[4:]], "F0") > 2.7


def test_a_function_never_met_has_no_firsts(learned: Learned) -> None:
    assert learned.bans([PUT, GET], function="Other") == 0.0


def test_all_is_the_same_after_a_rest(learned: Learned) -> None:
    rested = SequenceDetector().restore(learned.detector.state())
    flows = encode([make_flow([PUT, GET, SEND]), make_flow([GET, GET, PUT, SEND])], learned.words)
    assert (rested.score(flows) == learned.detector.score(flows)).all()
    assert np.isfinite(rested.score(flows)).all()
