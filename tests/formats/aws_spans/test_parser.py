import json
from pathlib import Path
from typing import Any

import pytest

from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.formats.aws_spans.parser import AwsSpansParser
from coldtrail.records.telemetry import Document, Observations
from tests.fixtures.otel import START_NS, as_record, some_spans

REAL = Path(__file__).parents[4] / "shared" / "data" / "aws-spans" / "coralogix-fixture.json"
ARN = "arn:aws:lambda:eu-west-1:111122223333:function:Orders"
TRACE = "5f84c7a10123456789abcdef01234567"
Json = dict[str, Any]


def converted(
    number: int, parent: int | None, name: str, attributes: Json | None = None, **xray: str
) -> Json:
    """A record that X-Ray's part of that name was converted to."""
    return {
        "resource": {"attributes": {}},
        "traceId": TRACE,
        "spanId": f"{number:016x}",
        **({} if parent is None else {"parentSpanId": f"{parent:016x}"}),
        "name": "",
        "kind": "INTERNAL",
        "startTimeUnixNano": START_NS + number,
        "endTimeUnixNano": START_NS + 1_000_000,
        "attributes": attributes or {},
        "status": {"code": "UNSET"},
        "_aws": {"xray": {"name": name, "type": "subsegment", **xray}},
    }


INVOCATION = [
    converted(1, None, "Orders/LambdaService",
              {"aws.xray.origin": "AWS::Lambda", "aws.resource_arn": ARN, "aws.request_id": "R1"},
              type="segment"),
    converted(2, 1, "Orders/LambdaExecutionEnvironment",
              {"aws.xray.origin": "AWS::Lambda::Function", "cloud.resource_id": ARN, "aws.xray.fault": True},
              type="segment"),
    converted(3, 2, "Initialization"),
    converted(4, 2, "Invocation"),
    converted(5, 4, "DynamoDB", {"aws.operation": "GetItem", "aws.table_name": "Stock"}, namespace="aws"),
    converted(6, 4, "api.example", {"http.method": "GET", "http.url": "https://api.example/a"},
              namespace="remote"),
    converted(7, 2, "Overhead/LambdaExecutionEnvironment"),
]  # fmt: skip


def parsed(*documents: Any) -> list[Observations]:
    parser = AwsSpansParser(Settings())
    return [parser(Document(json.dumps(one).encode(), "test")) for one in documents]


def test_converted_records_mean_what_segments_mean() -> None:
    (found,) = parsed(INVOCATION)
    (run,), (invocation,) = found.spans, found.links
    assert (run.function_name, run.account, run.region, run.error) == (
        "Orders",
        "111122223333",
        "eu-west-1",
        True,
    )
    assert [(one.event_name, one.event_type, one.event_target_resource) for one in run.steps] == [
        ("Initialization", "lifecycle", None),
        ("Invocation", "lifecycle", None),
        ("GetItem", "DynamoDB", "Stock"),
        ("GET", "remote", "api.example"),
        ("Overhead", "lifecycle", None),
    ]
    assert run.cold_start
    assert (invocation.role, invocation.kind, invocation.name) == ("invocation", "AWS::Lambda", ARN)
    assert (invocation.request_id, invocation.failed) == ("R1", False)


def test_a_subsegment_alone_may_be_a_step_and_may_lead_on() -> None:
    found = parsed(*INVOCATION[2:])
    assert all(len(one.spans) == len(one.links) == 1 for one in found)
    assert {one.links[0].role for one in found} == {"hop"}
    assert [one.spans[0].parent_id for one in found][:2] == [f"{2:016x}", f"{2:016x}"]
    assert found[0].spans[0].cold_start


def test_a_segment_of_no_service_may_be_a_runs_own_work() -> None:
    (found,) = parsed([converted(8, 2, "Orders", type="segment"), converted(9, 8, "work")])
    (part,), (link,) = found.spans, found.links
    assert (part.span_id, part.function_name, [one.event_name for one in part.steps]) == (
        f"{8:016x}",
        "",
        ["work"],
    )
    assert (link.role, link.kind) == ("service", "segment")


def test_records_are_recognised_and_tell_their_trace() -> None:
    texts = [json.dumps(one).encode() for one in (INVOCATION[0], INVOCATION)]
    held = json.dumps({"Id": "1", "Spans": [{"Id": "a", "Document": texts[0].decode()}]}).encode()
    for text in (*texts, held):
        assert AwsSpansParser.matches(text)
        assert AwsSpansParser.trace_of(text) == TRACE.encode()
    assert AwsSpansParser.trace_of(texts[0].replace(b'"traceId"', b'"traceId":"x","traceId"')) is None
    assert not AwsSpansParser.matches(
        b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"","startTimeUnixNano":1}]}]}]}'
    )


def test_names_of_people_and_annotations_stay_outside() -> None:
    record = as_record(some_spans({})[0])
    record["attributes"] |= {"card": "hunter2", "aws.xray.annotation_keys": ["card"], "enduser.id": "hunter2"}
    record["_aws"] = {"xray": {"name": "x", "type": "subsegment", "cause.message": "hunter2"}}
    assert "hunter2" not in repr(parsed(record))


def test_a_document_without_a_usable_span_is_refused() -> None:
    with pytest.raises(DocumentError, match="trace id or its span id"):
        parsed({**INVOCATION[0], "traceId": "x"})


def test_many_losses_are_counted() -> None:
    (found,) = parsed([INVOCATION[0], *[{**INVOCATION[0], "traceId": "x"}] * 300])
    assert (len(found.problems), found.more_problems) == (200, 100)


@pytest.mark.real_data
@pytest.mark.skipif(not REAL.is_file(), reason="the real telemetry is not here")
def test_real_records_of_state_machines() -> None:
    """42 records are 24 spans, of which 18 are told twice: open, and complete."""
    (whole,) = parsed(json.loads(REAL.read_bytes()))
    alone = parsed(*json.loads(REAL.read_bytes()))
    assert len(whole.links) == 24
    assert {link.link_id for one in alone for link in one.links} == {link.link_id for link in whole.links}
    assert (whole.spans, whole.problems) == ([], [])
    assert {link.kind for link in whole.links} == {"AWS::StepFunctions::StateMachine", "subsegment"}
    assert {link.name for link in whole.links if link.role == "source"} == {"cx-span-sample"}
    assert all(link.end_time is not None for link in whole.links)
    assert sum(link.failed for link in whole.links if link.role == "source") == 3
    assert "assumed-role" not in repr(alone)


def test_records_with_the_same_attributes_are_told_apart_by_their_values() -> None:
    told = [{"aws.operation": "GetItem", "aws.table_name": name} for name in ("Stock", "Orders", "Stock")]
    found = parsed(*[converted(5, 4, "DynamoDB", attributes, namespace="aws") for attributes in told])
    targets = [step.event_target_resource for one in found for span in one.spans for step in span.steps]
    assert targets == ["Stock", "Orders", "Stock"]


def test_a_trace_id_may_be_spelt_as_x_ray_does() -> None:
    spelt = f"1-{TRACE[:8]}-{TRACE[8:]}"
    there = json.loads(json.dumps(INVOCATION).replace(TRACE, spelt))
    assert parsed(there) == parsed(INVOCATION)
    assert AwsSpansParser.trace_of(json.dumps(there).encode()) == spelt.encode()
