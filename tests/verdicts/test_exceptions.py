"""What people called legitimate no longer alarms, and hides nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import msgspec
import numpy as np
import pytest

from coldtrail.bundle.model import Model
from coldtrail.detectors.detector import Detector, Evidence, Place
from coldtrail.features.batch import Encoded, Floats
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.finding import FindingKey, Times
from coldtrail.records.flow import Flow
from coldtrail.testing import Call, make_flow, make_key
from coldtrail.verdicts.exceptions import calmed, scores_without
from coldtrail.verdicts.feedback import Accepted, Feedback, accepted
from tests.verbs.telemetry_files import GET, PUBLISH, PUT, STEAL, USUAL, stolen

BACKUP: Call = ("PutObject", "S3", "backup", 0.01)
SLOW: Call = ("GetItem", "DynamoDB", "Stock", 4.0)
LEGITIMATE = {
    "a new step": [GET, PUT, BACKUP, PUBLISH],
    "a long step": [SLOW, PUT, PUBLISH],
    "repeats": [GET, *[PUT] * 7, PUBLISH],
    "a step left out": [GET, PUBLISH],
    "another order": [PUBLISH, PUT, GET],
}


def taught(model: Model, flow: Flow) -> Model:
    """The model, told that all about a flow is legitimate."""
    for _ in range(5):
        (verdict,) = model.judge([flow])
        if verdict.verdict == "normal":
            break
        more = [accepted(flow, verdict, reason) for reason in verdict.reasons]
        model = replace(model, feedback=model.feedback.accepting(more))
    return model


@pytest.mark.parametrize("calls", LEGITIMATE.values(), ids=LEGITIMATE)
def test_what_is_legitimate_is_normal_from_then_on(model: Model, calls: list[Call]) -> None:
    flow = make_flow(calls, flow_id="rare")
    assert model.judge([flow])[0].verdict == "anomalous"
    kind = taught(model, flow)
    assert kind.judge([flow])[0].verdict == "normal"
    assert kind.judge([make_flow(calls, flow_id="again", start=1_795_200_000.0)])[0].verdict == "normal"
    assert model.feedback == Feedback()


@pytest.mark.parametrize("calls", LEGITIMATE.values(), ids=LEGITIMATE)
@pytest.mark.parametrize("attack", [[STEAL], [("Scan", "DynamoDB", "Customers", 0.01)]], ids=["leak", "scan"])
def test_an_attack_beside_it_alarms_as_before(model: Model, calls: list[Call], attack: list[Call]) -> None:
    kind = taught(model, make_flow(calls, flow_id="rare"))
    (verdict,) = kind.judge([make_flow([*calls, *attack], flow_id="both")])
    assert verdict.verdict == "anomalous"
    assert attack[0][2] in {reason.target for reason in verdict.reasons}


def test_more_than_was_called_legitimate_alarms(model: Model) -> None:
    slow = taught(model, make_flow(LEGITIMATE["a long step"], flow_id="rare"))
    slower = [("GetItem", "DynamoDB", "Stock", 60.0), PUT, PUBLISH]
    assert slow.judge([make_flow(slower)])[0].verdict == "anomalous"
    often = taught(model, make_flow(LEGITIMATE["repeats"], flow_id="rare"))
    assert often.judge([make_flow([GET, *[PUT] * 60, PUBLISH])])[0].verdict == "anomalous"
    new = taught(model, make_flow(LEGITIMATE["a new step"], flow_id="rare"))
    assert new.judge([make_flow([GET, PUT, *[BACKUP] * 3, PUBLISH])])[0].verdict == "normal"
    assert new.judge([make_flow([GET, PUT, *[BACKUP] * 300, PUBLISH])])[0].verdict == "anomalous"
    longest = taught(model, make_flow([SLOW, PUT, PUBLISH], flow_id="rare"))
    beside = [GET, ("PutItem", "DynamoDB", "Orders", 3.0), PUBLISH]
    assert longest.judge([make_flow(beside)])[0].verdict == "anomalous"


def test_the_same_of_another_function_alarms(model: Model) -> None:
    kind = taught(model, stolen())
    others = [
        msgspec.structs.replace(one, cause=one.cause._replace(function="Refund"))
        for one in kind.feedback.accepted
    ]
    kind = replace(kind, feedback=Feedback(tuple(others)))
    assert kind.judge([stolen()])[0].verdict == "anomalous"
    assert kind.judge([make_flow(USUAL)])[0].verdict == "normal"


def test_a_legitimate_trigger_excuses_itself_alone(model: Model) -> None:
    by_timer = make_flow(USUAL, flow_id="timer", trigger="AWS::Events nightly")
    assert model.judge([by_timer])[0].verdict == "anomalous"
    kind = taught(model, by_timer)
    assert kind.judge([by_timer])[0].verdict == "normal"
    other = make_flow(USUAL, flow_id="other", trigger="AWS::SQS strangers")
    assert kind.judge([other])[0].verdict == "anomalous"
    leak = make_flow([GET, PUT, STEAL, PUBLISH], flow_id="leak", trigger="AWS::Events nightly")
    assert kind.judge([leak])[0].verdict == "anomalous"


def test_a_legitimate_time_of_the_code_itself_counts_as_nothing() -> None:
    flow = msgspec.structs.replace(make_flow(USUAL), own_time=3.0)
    cause = FindingKey(*make_key(), "duration", "Invocation", "lifecycle")
    assert calmed(flow, [Accepted(cause, 3.0)]).own_time == 0.0
    assert calmed(flow, [Accepted(cause, 2.9)]).own_time == 3.0


class Overlapping:
    """A detector in which repeats hide what else is strange: the steps' parts are more than the score."""

    channels = ("one",)

    def score(self, flows: Encoded) -> Floats:
        return np.where(flows.lengths[:, None] > 5, 8.0, 5.0)

    def explain(self, flows: Encoded) -> tuple[Floats, Floats]:
        steps = np.zeros((len(flows.step), 1))
        steps[2] = 8.0
        return steps, np.zeros((len(flows), 1))

    def evidences(
        self, flows: Encoded, places: Sequence[Place], told: Sequence[Flow], vocabulary: Vocabulary
    ) -> list[Evidence]:
        return [Evidence("count", Times(1), Times(5)) for _ in places]


def test_legitimate_repeats_hide_nothing_that_is_strange_without_them() -> None:
    flow = make_flow([GET, *[PUT] * 5, PUBLISH])
    assert [event.event_name for event in flow.events[:3]] == ["Invocation", "GetItem", "PutItem"]
    cause = FindingKey(*make_key(), "count", "PutItem", "DynamoDB", "Orders")
    detectors = {"overlapping": cast("Detector", Overlapping())}
    _, scores = scores_without(detectors, Vocabulary(), [flow], [[Accepted(cause, 10.0)]])
    assert scores.tolist() == [[5.0]]
