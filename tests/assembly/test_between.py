"""Two forms of one way up, of which one tells what stands between."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest
from msgspec.structs import replace

from coldtrail.assembly.assembler import FlowAssembler
from coldtrail.config import Settings
from coldtrail.features.lean import whole
from coldtrail.records.flow import Flow
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Link, Observations, Span
from coldtrail.testing import START, make_event

TRACE = "1-65540000-" + "a" * 24
TOPIC = "arn:aws:sns:eu-west-1:123456789012:news"
CALL = make_event(event_id="call", event_name="Publish", event_type="SNS", event_target_resource=TOPIC)
OTHER_CALL = replace(CALL, event_id="other")
SHOP = Span(
    TRACE,
    "shop",
    None,
    "Shop",
    account="123456789012",
    steps=(CALL, OTHER_CALL),
    start_time=CALL.start_time,
    end_time=CALL.end_time,
)
INFERRED = Link(TRACE, "topic", "call", "service", "AWS::SNS", TOPIC)
INVOKED = Link(TRACE, "invoked", "topic", "invocation", "AWS::Lambda", "Worker", START + 0.1, START + 0.9)
RUN = Span(TRACE, "run", "invoked", "Worker", start_time=START + 0.2, end_time=START + 0.8)


def worker(*told: Span | Link) -> Flow:
    """The flow of what the topic led to."""
    assembler = FlowAssembler(Settings(), Tally())
    assembler.push([documents(one) for one in told])
    flows = [whole(flow) for flow in assembler.drain()]
    return next(flow for flow in flows if flow.function_name == "Worker")


def documents(told: Span | Link) -> Observations:
    return Observations([told], []) if isinstance(told, Span) else Observations([], [told])


def aspects(flow: Flow) -> Sequence[tuple[str, ...]]:
    return [one.aspects for one in flow.contradictions]


def test_an_inferred_record_on_the_way_contradicts_nothing_that_leaves_it_out() -> None:
    alone = worker(SHOP, INFERRED, INVOKED, RUN)
    assert (alone.trigger, alone.caller) == ("AWS::SNS news", "Shop")
    short = replace(INVOKED, parent_id="call")
    for order in permutations((SHOP, INFERRED, INVOKED, short, RUN)):
        assert worker(*order) == alone


def test_a_run_itself_may_hang_on_the_inferred_record_or_on_the_call() -> None:
    long, short = replace(RUN, parent_id="topic"), replace(RUN, parent_id="call")
    assert worker(SHOP, INFERRED, long, short) == worker(SHOP, INFERRED, long)


@pytest.mark.parametrize(
    ("inferred", "parent"),
    [
        ({"name": TOPIC + "-other"}, "call"),
        ({"kind": "AWS::SQS"}, "call"),
        ({"start_time": START, "end_time": START + 0.1}, "call"),
        ({"role": "source", "kind": "AWS::StepFunctions::StateMachine", "name": "M"}, "call"),
        ({}, "other"),
        ({}, "nowhere"),
        ({}, None),
        ({"parent_id": None}, "call"),
        ({"parent_id": "topic"}, "call"),
    ],
)
def test_another_way_up_is_a_contradiction(inferred: dict[str, Any], parent: str | None) -> None:
    told = SHOP, replace(INFERRED, **inferred), INVOKED, replace(INVOKED, parent_id=parent), RUN
    assert aspects(worker(*told)) == [("parent",)]


def test_a_record_on_the_way_that_is_disputed_itself_leads_nowhere() -> None:
    short = replace(INVOKED, parent_id="call")
    told = SHOP, INFERRED, replace(INFERRED, name=TOPIC + "-other"), INVOKED, short, RUN
    assert ("parent",) in aspects(worker(*told))


def test_what_else_is_told_otherwise_is_told() -> None:
    told = SHOP, INFERRED, INVOKED, replace(INVOKED, parent_id="call", failed=True), RUN
    assert aspects(worker(*told)) == [("outcome", "parent")]
