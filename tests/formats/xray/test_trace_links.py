"""Links between traces."""

import json
from typing import Any

import pytest

from coldtrail.formats.xray.parser import XRayParser
from coldtrail.records.trace_link import TraceLink
from tests.fixtures.telemetry import START
from tests.formats.xray_parts import FUNCTION, parse, segment, step

HERE = "1-6b0023b1-374e13551aec24967b10d634"
THERE = "1-65540000-bbbbbbbbbbbbbbbbbbbbbbbb"
QUEUE = {"aws.xray.reserved.type": "AWS::SQS::Queue", "aws.xray.reserved.names": ["orders"]}


def link(reference: str | None, **more: Any) -> dict[str, Any]:
    told = {} if reference is None else {"aws.xray.reserved.reference_type": reference}
    return {"trace_id": THERE, "id": "d1", "attributes": {**told, **more}}


@pytest.mark.parametrize("origin", ["AWS::Lambda", "AWS::Lambda::Function"])
@pytest.mark.parametrize("below", [False, True])
def test_who_takes_up_a_message_names_its_queue(origin: str, below: bool) -> None:
    links = [link("parent", **QUEUE)]
    made = segment(step(links=links), origin=origin) if below else segment(origin=origin, links=links)
    told = (HERE, made["id"], THERE, "AWS::SQS", "orders", None, START)
    assert parse(made).trace_links == (TraceLink(*told),)


@pytest.mark.parametrize("below", [False, True])
def test_who_leaves_a_message_is_told_to_the_trace_that_takes_it_up(below: bool) -> None:
    links = [link("child")]
    made = segment(step(links=links)) if below else segment(links=links)
    assert parse(made).trace_links == (TraceLink(THERE, "d1", HERE, None, None, FUNCTION, START),)
    assert XRayParser.trace_of(json.dumps(made).encode()) is None


@pytest.mark.parametrize(
    "links",
    [
        [],
        [{}],
        [{"trace_id": "", "id": "d1"}],
        [{"trace_id": "a\n", "id": "d1"}],
        [{"trace_id": 7, "id": "d1"}],
        [7],
        7,
        None,
    ],
)
def test_links_that_lead_nowhere_lose_nothing_else(links: Any) -> None:
    parsed = parse(segment(step(), links=links))
    assert parsed.trace_links == ()
    assert len(parsed.spans[0].steps) == 1


def test_what_a_user_wrote_into_a_link_stays_outside() -> None:
    told = link("parent", customer="hunter2", **QUEUE)
    told["note"] = "hunter2"
    for damage in ({}, {"fault": "no"}):
        parsed = parse(segment(links=[told], **damage))
        assert len(parsed.trace_links) == 1
        assert "hunter2" not in repr(parsed)


def test_links_are_bounded() -> None:
    parsed = parse(segment(links=[link("parent", **QUEUE)] * 5_000))
    assert len(parsed.trace_links) == 100
