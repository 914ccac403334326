"""Steps that were always there."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import numpy as np
import pytest
from msgspec.structs import replace

from coldtrail.alerts.wording.findings import expected
from coldtrail.bundle.model import Model
from coldtrail.config import Settings
from coldtrail.detectors.detector import Place
from coldtrail.detectors.presence import PresenceDetector
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.learning.train import learn
from coldtrail.records.flow import Flow
from coldtrail.testing import Call, make_flow
from tests.findings import said
from tests.verbs.telemetry_files import GET, PUBLISH, PUT

QUERY: Call = ("Query", "DynamoDB", "Orders", 0.01)
USUAL = [GET, QUERY, PUT, PUBLISH]


def failing(calls: Sequence[Call], at: int, function: str = "F0", flow_id: str = "failing") -> Flow:
    flow = make_flow(calls, function=function, flow_id=flow_id, error=True)
    wrong = f"{flow_id}-{at}"
    return replace(flow, events=tuple(replace(one, error=one.event_id == wrong) for one in flow.events))


def small_functions() -> list[Flow]:
    """Forty functions of 65 runs; some runs take a rare branch, some fail at their second call."""
    random = Random(7)
    out = []
    for n in range(40):
        for number in range(65):
            luck, flow_id = random.random(), f"h{n}-{number}"
            if luck < 0.03:
                out.append(failing(USUAL[:2], 1, f"F{n}", flow_id))
            else:
                rare = [("SendMessage", "SQS", "late", 0.01)] if luck < 0.06 else []
                out.append(make_flow([*USUAL[:3], *rare, PUBLISH], function=f"F{n}", flow_id=flow_id))
    return out


@pytest.fixture(scope="module")
def model() -> Model:
    return learn(small_functions(), Settings()).model


def verdict(model: Model, calls: Sequence[Call]) -> str:
    return model.judge([make_flow(calls, function="F0")])[0].verdict


def test_a_step_left_out_of_a_small_function_is_found_and_named(model: Model) -> None:
    (one,) = model.judge([make_flow([GET, QUERY, PUBLISH], function="F0")])
    assert one.verdict == "anomalous"
    assert (one.reasons[0].kind, one.reasons[0].event_name) == ("omission", "Publish")
    assert expected(one.reasons[0].finding).startswith("PutItem on DynamoDB Orders (")


@pytest.mark.parametrize("left", range(4))
def test_whichever_step_is_left_out_is_found(model: Model, left: int) -> None:
    assert verdict(model, [call for i, call in enumerate(USUAL) if i != left]) == "anomalous"


def test_usual_runs_and_those_that_end_with_a_failure_are_normal(model: Model) -> None:
    assert verdict(model, USUAL) == "normal"
    assert model.judge([failing(USUAL[:2], 1)])[0].verdict == "normal"


def test_a_failure_at_the_end_does_not_hide_a_step_left_out_before_it(model: Model) -> None:
    (one,) = model.judge([failing([GET, PUT, PUBLISH], 2)])
    assert one.verdict == "anomalous"
    assert any(expected(reason.finding).startswith("Query on DynamoDB Orders") for reason in one.reasons)


def test_a_failure_at_the_end_does_not_hide_steps_out_of_order_before_it(model: Model) -> None:
    assert model.judge([failing([QUERY, GET, PUT, PUBLISH], 3)])[0].verdict == "anomalous"


def test_a_failure_at_the_end_does_not_hide_a_step_added_before_it(model: Model) -> None:
    assert model.judge([failing([GET, QUERY, PUT, QUERY, PUBLISH], 4)])[0].verdict == "anomalous"


def taught() -> tuple[PresenceDetector, Vocabulary]:
    history = small_functions()
    words = Vocabulary()
    learn_words(history, words)
    return PresenceDetector().fit(encode(history, words), 0.9), words


def test_what_is_out_of_place_is_told_as_order_and_what_is_missing_as_left_out() -> None:
    detector, words = taught()
    for calls, kind, seen in (
        ([QUERY, GET, PUT, PUBLISH], "order", "Query on DynamoDB Orders"),
        (USUAL[:3], "omission", "the end of the run"),
    ):
        flow = make_flow(calls, function="F0")
        one = encode([flow], words)
        (step,) = np.flatnonzero(detector.explain(one).steps[:, 0]).tolist()
        told = said(detector, one, Place(0, step, 0), flow, words)
        assert (told.kind, told.seen) == (kind, seen)
        assert 40 < int(told.expected.split(" in all ".strip())[-1].split()[0].strip("(")) <= 65


def test_half_of_a_pair_is_told_as_left_out() -> None:
    history = [make_flow([GET, GET, PUT], flow_id=f"f{n}") for n in range(60)]
    words = Vocabulary()
    learn_words(history, words)
    detector = PresenceDetector().fit(encode(history, words))
    for calls, kind in (([GET, PUT], "omission"), ([GET, PUT, GET], "order")):
        flow = make_flow(calls)
        one = encode([flow], words)
        (step,) = np.flatnonzero(detector.explain(one).steps[:, 0]).tolist()
        told = said(detector, one, Place(0, step, 0), flow, words)
        assert (told.kind, told.expected.split(" on ")[0].split()[-1]) == (kind, "GetItem")


def test_an_open_record_proves_nothing() -> None:
    detector, words = taught()
    flows = [make_flow(USUAL[:2], function="F0", complete=complete) for complete in (True, False)]
    cut, still_open = detector.score(encode(flows, words))[:, 0]
    assert cut > 2.5
    assert still_open == 0.0
