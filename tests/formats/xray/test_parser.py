"""X-Ray documents that are as they should be."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.assembly.lean import observations_of
from coldtrail.config import Settings
from coldtrail.formats.xray.parser import XRayParser
from coldtrail.records.columns import WholeTrace
from coldtrail.records.telemetry import Document
from tests.fixtures.telemetry import ACCOUNT, REGION, START, TraceBuilder, as_answered, payload_of
from tests.formats.xray_parts import FUNCTION, parse, segment, step


def test_a_function_segment_is_a_flow() -> None:
    parsed = parse(segment(step(1, "Invocation"), parent_id="c000000000000001", error=True))
    (span,) = parsed.spans
    assert span.application_name is None
    assert span.trace_id == "1-6b0023b1-374e13551aec24967b10d634"
    assert span.function_name == FUNCTION
    assert span.span_id == "a000000000000001"
    assert (span.start_time, span.end_time) == (START, START + 1)
    assert span.parent_id == "c000000000000001"
    assert span.error
    assert not span.in_progress
    assert (span.account, span.region, span.version) == (ACCOUNT, REGION, None)
    assert parsed.links == []


@pytest.mark.parametrize(("qualifier", "version"), [(":12", "12"), (":live", None), ("", None)])
def test_the_version_that_was_invoked_stands_above_the_function(qualifier: str, version: str | None) -> None:
    trace = TraceBuilder(3).trace("shop-prod-pay")
    for part in trace["Segments"]:
        if part["Document"].get("origin") == "AWS::Lambda":
            part["Document"]["resource_arn"] += qualifier
    links = parse(payload_of(trace)).links
    assert [link.version for link in links if link.role == "invocation"] == [version]


def test_an_open_segment_is_in_progress() -> None:
    still_open = segment(in_progress=True)
    del still_open["end_time"]
    (span,) = parse(still_open).spans
    assert span.in_progress
    assert span.end_time is None


def test_all_shapes_of_a_trace_say_the_same() -> None:
    trace = TraceBuilder(3).trace("shop-prod-pay", "shop-prod-mail")
    expected = parse(payload_of(trace))
    assert len(expected.spans) == 2
    assert parse(trace) == expected
    assert parse([part["Document"] for part in trace["Segments"]]) == expected
    assert parse({"Traces": [as_answered(trace)], "UnprocessedTraceIds": []}) == expected
    alone = [parse(part["Document"]) for part in trace["Segments"]]
    assert [span for parsed in alone for span in parsed.spans] == expected.spans
    assert [link for parsed in alone for link in parsed.links] == expected.links


@given(st.randoms(use_true_random=False), st.integers(0, 50))
def test_the_order_of_segments_does_not_matter(random: Any, seed: int) -> None:
    trace = TraceBuilder(seed).trace("shop-prod-pay", "shop-prod-mail")
    before = parse(payload_of(trace))
    random.shuffle(trace["Segments"])
    after = parse(payload_of(trace))
    assert set(after.spans) == set(before.spans)
    assert set(after.links) == set(before.links)


@pytest.mark.parametrize(
    "payload", [b'{"Segments":[]}', b'{"id":"a","trace_id":"x"}', b'[{"trace_id":"x","id":"a"}]']
)
def test_looks_of_xray(payload: bytes) -> None:
    assert XRayParser.matches(payload)


@pytest.mark.parametrize(
    "payload", [b"", b"{}", b'{"function_flow_id":"x","event_id":"y"}', b'{"Records":[]}']
)
def test_looks_of_others(payload: bytes) -> None:
    assert not XRayParser.matches(payload)


def test_which_step_made_which_request_is_told() -> None:
    calls = [
        step(1, namespace="aws", aws={"operation": "PutItem", "request_id": "Q1", "table_name": "Orders"}),
        step(2, namespace="aws", aws={"operation": "Publish"}, start_time=START + 0.3, end_time=START + 0.4),
        step(3, name="own", start_time=START + 0.5, end_time=START + 0.6),
    ]
    calls[2]["subsegments"] = [
        step(4, "S3", namespace="aws", aws={"request_id": "Q4"}, start_time=START + 0.5, end_time=START + 0.6)
    ]
    whole = segment(*calls)
    told = ["b000000000000001", "Q1", "b000000000000004", "Q4"]
    assert parse(whole).requests == told
    answer = {"Id": whole["trace_id"], "Segments": [{"Id": whole["id"], "Document": json.dumps(whole)}]}
    straight = XRayParser(Settings()).straight(Document(json.dumps(answer).encode(), "test"))
    assert isinstance(straight, WholeTrace)
    assert list(straight.requests) == observations_of(straight).requests == told
    orphan = {**calls[0], "type": "subsegment", "trace_id": whole["trace_id"], "parent_id": whole["id"]}
    assert parse(orphan).requests == told[:2]
