"""Segments that are something else than they look like."""

from typing import Any

import pytest

from tests.fixtures.telemetry import ACCOUNT, START, arn_of
from tests.formats.xray_parts import FUNCTION, parse, segment, step

OWN = {"id": "d1", "origin": None, "parent_id": "a000000000000001", "name": "process", "aws": {}}


@pytest.mark.parametrize(
    ("change", "is_part"),
    [
        ({}, True),
        ({"origin": ""}, True),
        ({"aws": {"span.kind": "SERVER", "is.local.root": True}}, True),
        ({"parent_id": None}, True),
        ({"inferred": True}, False),
        ({"namespace": "remote"}, False),
        ({"origin": "AWS::ECS::Container"}, False),
        ({"origin": "AWS::ApiGateway::Stage"}, False),
    ],
)
def test_segments_of_no_service_below_something_may_be_a_functions_own_work(
    change: dict[str, Any], is_part: bool
) -> None:
    call = step(2, namespace="aws", aws={"operation": "GetItem", "table_name": "orders"})
    parsed = parse([segment(), segment(call, **{**OWN, **change})])
    parts = [span for span in parsed.spans if not span.function_name]
    assert len(parts) == is_part
    assert [link.link_id for link in parsed.links][:1] == ["d1"]
    for part in parts:
        assert (part.span_id, part.other_name, part.start_time) == ("d1", "process", START)
        assert part.parent_id == change.get("parent_id", OWN["parent_id"])
        assert [event.event_name for event in part.steps] == ["GetItem"]


@pytest.mark.parametrize(
    ("aws", "steps", "parent", "runs"),
    [
        ({"request_id": "r"}, 0, "60a9", 1),
        ({}, 0, "60a9", 2),
        ({"request_id": "r"}, 1, "60a9", 2),
        ({"request_id": "r"}, 0, "d1", 2),
    ],
)
def test_an_invocation_that_a_helper_makes_up_is_none(
    aws: dict[str, Any], steps: int, parent: str, runs: int
) -> None:
    invoked = segment(id="d1", origin="AWS::Lambda", name=FUNCTION)
    shim = segment(
        *[step(9 + n) for n in range(steps)],
        id="60a1",
        parent_id=parent,
        aws={"account_id": ACCOUNT, "function_arn": arn_of(FUNCTION), **aws},
    )
    parsed = parse([invoked, segment(parent_id="d1"), shim])
    assert len(parsed.spans) == runs
    assert parsed.problems == []


@pytest.mark.parametrize("sampled", [0, "0", False])
def test_partial_traces_are_told_and_incomplete(sampled: Any) -> None:
    parsed = parse([segment(step()), segment(step(2), **{**OWN, "aws": {"trace.flag.sampled": sampled}})])
    assert parsed.cut == (parsed.spans[0].trace_id,)
    assert "anomaly only (sampled 0)" in parsed.problems[0]


@pytest.mark.parametrize("sampled", [1, "1", True, None])
def test_sampled_traces_are_whole(sampled: Any) -> None:
    parsed = parse([segment(step()), segment(step(2), **{**OWN, "aws": {"trace.flag.sampled": sampled}})])
    assert parsed.cut == ()
    assert parsed.problems == []


@pytest.mark.parametrize("exceeded", [True, False])
def test_traces_over_the_size_limit_are_told_and_incomplete(exceeded: bool) -> None:
    trace = {"Id": "1-2", "LimitExceeded": exceeded, "Segments": [{"Document": segment(step())}]}
    for more in ({}, {"Duration": "x", "Segments": [*trace["Segments"], {"Document": 7}]}):
        parsed = parse({**trace, **more})
        assert parsed.cut == (("1-2",) if exceeded else ())
        assert any("LimitExceeded" in one for one in parsed.problems) is exceeded


@pytest.mark.parametrize(("http", "answers"), [({"request": {"method": "GET"}}, True), ({}, False)])
def test_a_segment_that_answers_requests_tells_whose_work_it_is(http: dict[str, Any], answers: bool) -> None:
    parsed = parse([segment(step()), segment(step(2), **OWN, http=http)])
    assert [span.names_owner for span in parsed.spans] == [False, answers]
