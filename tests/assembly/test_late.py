"""Pieces and twins, in any format, that come in a call after the one that gave their run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from coldtrail.assembly.assembling import Assembling, straight
from coldtrail.config import Settings
from coldtrail.formats.aws_spans.parser import AwsSpansParser
from coldtrail.formats.xray.parser import XRayParser
from coldtrail.records.columns import AnyFlow, WholeTrace
from coldtrail.records.flow import Flow
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document, Observations
from coldtrail.testing import START

Json = dict[str, Any]
ARN = "arn:aws:lambda:eu-west-1:111122223333:function:Pay"
TRACE = f"1-{int(START):08x}-000000000000000000000000"
ID, INVOKED = "000000000000000b", "000000000000000c"
REQUEST = "aaaaaaaa-0000-4000-8000-000000000001"
GAPS = pytest.mark.parametrize("minutes", [2, 4, 17, 39])


def timed(record: Json, at: float, seconds: float) -> Json:
    return {**record, "start_time": START + at, "end_time": START + at + seconds}


def call(step_id: str, service: str, operation: str, at: float, **resource: str) -> Json:
    aws = {"operation": operation, **resource}
    return timed({"id": step_id, "name": service, "namespace": "aws", "aws": aws}, at, 0.01)


GET = call("00000000000000e1", "DynamoDB", "GetItem", 0.05, table_name="Cards")
PUT = call("00000000000000e2", "S3", "PutObject", 0.07, bucket_name="usual")
LEAK = call("00000000000000e3", "S3", "PutObject", 0.09, bucket_name="never-met")


def segments(*calls: Json, trace: str = TRACE, later: float = 0.0) -> list[Json]:
    """The records of one invocation in X-Ray."""
    outer: Json = {"id": "000000000000000a", "name": "Pay", "origin": "AWS::Lambda", "resource_arn": ARN}
    outer["aws"] = {"request_id": REQUEST}
    invoked = timed({"id": INVOKED, "name": "Invocation", "subsegments": list(calls)}, later + 0.02, 0.16)
    own: Json = {"id": ID, "name": "Pay", "parent_id": outer["id"], "origin": "AWS::Lambda::Function"}
    own |= {"aws": {"function_arn": ARN}, "subsegments": [invoked]}
    return [
        {**timed(outer, later, 0.2), "trace_id": trace},
        {**timed(own, later + 0.01, 0.18), "trace_id": trace},
    ]


def span(span_id: str, at: float, seconds: float, parent: str | None = None, **attributes: Any) -> Json:
    """A span of `aws/spans`."""
    cloud = {"provider": "aws", "platform": "aws_lambda", "region": "eu-west-1", "resource_id": ARN}
    start = int((START + at) * 1e9)
    return {
        "resource": {
            "attributes": {"faas.name": "Pay", **{f"cloud.{name}": value for name, value in cloud.items()}}
        },
        "traceId": TRACE[2:].replace("-", ""),
        "spanId": span_id,
        **({} if parent is None else {"parentSpanId": parent}),
        "name": "Pay",
        "kind": "SERVER" if "faas.invocation_id" in attributes else "CLIENT",
        "startTimeUnixNano": start,
        "endTimeUnixNano": start + int(seconds * 1e9),
        "attributes": attributes,
        "status": {"code": "UNSET"},
    }


def spans(run_id: str, parent: str | None, *calls: Json, begins: float = 0.01, ids: str = "") -> list[Json]:
    """The same invocation as the tracer in the function tells it; `ids` begins other ids of its calls."""
    out = [span(run_id, begins, 0.15, parent, **{"faas.invocation_id": REQUEST})]
    for one in calls:
        aws = one["aws"]
        told = {"rpc.system": "aws-api", "rpc.service": one["name"], "rpc.method": aws["operation"]}
        if "bucket_name" in aws:
            told["aws.s3.bucket"] = aws["bucket_name"]
        else:
            told["aws.dynamodb.table_names"] = [aws["table_name"]]
        out.append(span(ids + one["id"][len(ids) :], one["start_time"] - START, 0.01, run_id, **told))
    return out


def parsed(document: Document) -> Observations | WholeTrace:
    parser = AwsSpansParser(Settings()) if b"spanId" in document.payload else XRayParser(Settings())
    return straight(parser)(document)


def called(*calls: Sequence[Json]) -> tuple[list[list[AnyFlow]], Tally]:
    """What each of several calls with a state gives for good, and the counts of the last."""
    told: list[list[AnyFlow]] = []
    tally, state = Tally(), None
    for number, some in enumerate(calls):
        tally = Tally()
        line = Assembling(parsed, Settings(), tally)
        if state is not None:
            line.restore(state)
        line.push(
            [Document(json.dumps(one).encode(), f"call {number}", str(n)) for n, one in enumerate(some)]
        )
        told.append(list(line.advance(line.now)))
        state = line.snapshot()
    return told, tally


def clock(minutes: float) -> list[Json]:
    """Another invocation, so much later."""
    later = 60.0 * minutes
    return segments(trace=f"1-{int(START + later):08x}-000000000000000000000001", later=later)


OWN = {"id": "00000000000000f1", "name": "Pay", "trace_id": TRACE, "aws": {"span.kind": "SERVER"}}
INNER = timed({**OWN, "parent_id": ID, "subsegments": [LEAK]}, 0.03, 0.1)
ALONE = {**LEAK, "type": "subsegment", "trace_id": TRACE, "parent_id": INVOKED}
PIECES = {
    "a segment of the function's own tracer": [INNER],
    "the same below the platform's Invocation": [{**INNER, "parent_id": INVOKED}],
    "a subsegment alone": [ALONE],
    "a subsegment alone below the run": [{**ALONE, "parent_id": ID}],
    "the run once more, with other steps": segments(LEAK),
    "a call's span": spans(ID, None, LEAK)[1:],
    "the same run's span with other steps": spans(ID, None, LEAK),
    "a run of the function's own tracer within": spans("00000000000000f2", ID, LEAK, begins=0.03),
}


@GAPS
@pytest.mark.parametrize("form", PIECES)
def test_a_piece_that_comes_too_late_is_told_and_never_judged_as_a_run(form: str, minutes: float) -> None:
    first = [*segments(GET, PUT), *clock(minutes)]
    told, tally = called(first, PIECES[form])
    assert [flow.function_flow_id for flow in told[0]][:1] == [ID]
    assert told[1] == []
    assert tally.losses == {"late piece": 1}
    assert "limits.lateness_s" in tally.sentences()[0]
    (_, again), tally = called(first, [*PIECES[form], *PIECES[form]])
    assert (again, tally.losses) == ([], {"late piece": 1})


@pytest.mark.parametrize("form", PIECES)
def test_a_piece_that_comes_within_the_time_is_part_of_its_run(form: str) -> None:
    told, tally = called([*segments(GET, PUT), *clock(1)], [*PIECES[form], *clock(30)])
    assert told[0] == []
    run = next(flow for flow in told[1] if flow.application_flow_id == TRACE)
    assert isinstance(run, Flow)
    assert "never-met" in str([event.event_target_resource for event in run.events])
    assert tally.losses == {}


TWINS = {
    "the same": segments(GET, PUT),
    "a part of it": segments(GET),
    "spans of the same ids": spans(ID, None, GET, PUT),
    "a part of these": spans(ID, None, PUT),
    "a call's span": spans(ID, None, PUT)[1:],
    "spans of other ids with the request": spans("00000000000000f2", None, GET, PUT, begins=0.03, ids="f"),
    "spans below the run": spans("00000000000000f2", ID, GET, PUT, begins=0.03, ids="f"),
}


@GAPS
@pytest.mark.parametrize("form", TWINS)
def test_a_twin_of_a_run_that_was_told_is_a_repeat(form: str, minutes: float) -> None:
    told, tally = called([*segments(GET, PUT), *clock(minutes)], TWINS[form], TWINS[form])
    assert told[1:] == [[], []]
    assert tally.losses == {}


@GAPS
def test_a_twin_that_tells_the_platforms_steps_besides_is_a_repeat(minutes: float) -> None:
    told, tally = called([*spans(ID, None, GET, PUT), *clock(minutes)], segments(GET, PUT))
    assert told[1] == []
    assert tally.losses == {}


def test_what_was_told_comes_with_more_and_is_judged_anew() -> None:
    told, tally = called([*segments(GET), *clock(4)], segments(GET, LEAK))
    (run,) = told[1]
    assert (run.function_flow_id, tally.losses) == (ID, {})


@GAPS
@pytest.mark.parametrize("first", [[ALONE], [INNER], spans(ID, None, LEAK)[1:]])
def test_a_run_that_comes_after_its_pieces_were_let_go_is_incomplete(
    first: list[Json], minutes: float
) -> None:
    told, tally = called([*first, *clock(minutes)], segments(GET, PUT))
    assert not any(flow.application_flow_id == TRACE for flow in told[0])
    (run,) = told[1]
    assert not run.complete
    assert tally.losses["late run"] == 1
    assert any("limits.lateness_s" in one for one in tally.sentences())


def test_another_run_of_the_trace_that_comes_late_is_judged_as_ever() -> None:
    other = segments(GET, PUT)[1]
    other |= {"id": "00000000000000d1", "parent_id": "00000000000000d0"}
    other |= {"start_time": START + 5, "end_time": START + 6}
    other["subsegments"] = []
    told, tally = called([*segments(GET, PUT), *clock(4)], [other])
    (run,) = told[1]
    assert run.complete
    assert "late run" not in tally.losses
