"""Flows that alarm are told together as each alone, what people called legitimate taken out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from coldtrail.bundle.model import Model
from coldtrail.config import Settings
from coldtrail.features.encode import encode
from coldtrail.learning.train import learn
from coldtrail.records.finding import FindingKey
from coldtrail.records.flow import Flow
from coldtrail.testing import make_flow, make_history, make_key
from coldtrail.verdicts.feedback import Accepted, Feedback
from tests.verbs.telemetry_files import GET, PUBLISH, PUT

LOOT = ("PutItem", "DynamoDB", "Loot", 0.01)


@pytest.fixture(scope="module")
def model() -> Model:
    return learn(make_history(600), Settings()).model


def strange() -> list[Flow]:
    """Flows that alarm for several reasons, some of them usual ones among them."""
    calls = [
        [GET, LOOT, PUT, PUBLISH],
        [PUBLISH, PUT, GET],
        [GET, PUBLISH],
        [GET, PUT, ("Publish", "SNS", "order-events", 9.0)],
        [GET, *[PUT] * 25, PUBLISH],
        [GET, PUT, PUBLISH],
    ]
    return [make_flow(some, flow_id=f"s{i}") for i, some in enumerate(calls * 2)]


@pytest.mark.parametrize("legitimate", [(), (("new_resource", "Loot"), ("count", "Orders"))])
def test_flows_judged_together_are_judged_as_each_alone(
    model: Model, legitimate: tuple[tuple[str, str], ...]
) -> None:
    causes = [FindingKey(*make_key(), kind, "PutItem", "DynamoDB", target) for kind, target in legitimate]
    told = replace(model, feedback=Feedback(tuple(Accepted(cause, 50.0) for cause in causes)))
    flows = strange()
    together = told.judge(flows)
    alone = [told.judge_encoded([flow], encode([flow], told.vocabulary))[0] for flow in flows]
    assert together == alone
    kinds = [verdict.verdict for verdict in together[:6]]
    expected = "normal" if legitimate else "anomalous"
    assert kinds == [expected, *["anomalous"] * 3, expected, "normal"]
    assert all(bool(one.reasons) == (one.verdict == "anomalous") for one in together)
