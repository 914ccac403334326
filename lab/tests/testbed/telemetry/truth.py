"""A truth of two function runs made by hand: a cold one that succeeds behind an API, a warm one that fails.

`GetLoyalty` is called through a stage and queries a table; `IngestLoyalty` is woken by SNS, puts an object,
is denied a secret and fails.
"""

from typing import Any

from coldtrail_testbed.cloud.identifiers import function_arn, topic_arn
from coldtrail_testbed.cloud.service_segments import (
    StageCall,
    attempt_subsegment,
    dwell_subsegment,
    function_part,
    function_segment,
    integration_subsegment,
    lambda_segment,
    stage_segment,
)
from coldtrail_testbed.cloud.tracing import TraceContext
from coldtrail_testbed.facts import Call, Caller, Facts, FunctionRun, GatewayRequest

START = 1_770_000_000.0
FIRST, SECOND = "1-69806900-0000000000000000000000a1", "1-69806903-0000000000000000000000b2"
AGENT = "Boto3/1.40.0 md/Botocore#1.40.0 exec-env/AWS_Lambda_python3.11"
Document = dict[str, Any]
_TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/LoyaltyData"


def caller(function: str) -> Caller:
    """The session of a function's role."""
    return Caller("function", function, "192.0.2.7", AGENT, f"ASIA{function.upper():X<16.16}")


def run(**changes: Any) -> FunctionRun:
    """The cold, successful run of the small truth, with `changes`."""
    values: dict[str, Any] = {
        "flow_id": "00000000000000f1",
        "trace_id": FIRST,
        "request_id": "11111111-1111-4111-8111-111111111111",
        "function": "GetLoyalty",
        "version": "$LATEST",
        "memory_mb": 256,
        "log_stream": "2026/02/02/[$LATEST]0123456789abcdef0123456789abcdef",
        "trigger": "apigateway",
        "start": START + 0.61234,
        "end": START + 0.69876,
        "init_s": 0.30512,
        "status": "success",
        "error_type": None,
        "memory_used_mb": 81,
        "cpu_s": 0.045,
        "received_bytes": 2000,
        "sent_bytes": 900,
        "tmp_used_bytes": 4096,
    }
    return FunctionRun(**values | changes)


def failed_run(**changes: Any) -> FunctionRun:
    """The warm, failed run of the small truth, with `changes`."""
    values: dict[str, Any] = {
        "flow_id": "00000000000000f2",
        "trace_id": SECOND,
        "request_id": "22222222-2222-4222-8222-222222222222",
        "function": "IngestLoyalty",
        "trigger": "sns",
        "start": START + 3.1,
        "end": START + 3.25,
        "init_s": None,
        "status": "error",
        "error_type": "ValueError",
    }
    return run(**values | changes)


def request(**changes: Any) -> GatewayRequest:
    """The request of the small truth, with `changes`."""
    values: dict[str, Any] = {
        "time": START,
        "api": "airline",
        "method": "GET",
        "route": "/loyalty/{id}",
        "path": "/loyalty/c-1",
        "status": 200,
        "latency_s": 0.71,
        "integration_latency_s": 0.706,
        "address": "203.0.113.10",
        "user_agent": "Mozilla/5.0",
        "request_id": "33333333-3333-4333-8333-333333333333",
        "extended_request_id": "DlOhKDT6QqNjw5M=",
        "response_bytes": 86,
        "trace_id": FIRST,
        "function": "GetLoyalty",
    }
    return GatewayRequest(**values | changes)


def calls() -> list[Call]:
    """The calls of the small truth, each with its X-Ray subsegment."""
    first, second = caller("GetLoyalty"), caller("IngestLoyalty")
    query = {"tableName": "LoyaltyData", "indexName": "customer-flag"}
    return [
        Call(START + 0.62, "dynamodb", "Query", first, "Q1", (_TABLE,), query, FIRST, "00000000000000c1"),
        Call(
            START + 3.11,
            "s3",
            "PutObject",
            second,
            "P1",
            ("arn:aws:s3:::loyalty-reports/c-1.json", "arn:aws:s3:::loyalty-reports"),
            {"bucketName": "loyalty-reports", "key": "c-1.json"},
            SECOND,
            "00000000000000c2",
        ),
        Call(
            START + 3.2,
            "secretsmanager",
            "GetSecretValue",
            second,
            "G1",
            ("arn:aws:secretsmanager:us-east-1:123456789012:secret:partner-key",),
            {"secretId": "partner-key"},
            SECOND,
            "00000000000000c3",
            error_code="AccessDeniedException",
            attack="secret_read",
        ),
    ]


def small_facts() -> Facts:
    """Two runs, three calls, one request."""
    return Facts([run(), failed_run()], calls(), [request()])


def small_traces() -> list[Document]:
    """The two traces of the small truth, as the trace store gives them."""
    return [{"id": FIRST, "segments": _first()}, {"id": SECOND, "segments": _second()}]


def _times(start: float, end: float) -> dict[str, float]:
    return {"start_time": START + start, "end_time": START + end}


def _call(identifier: str, name: str, start: float, end: float, **aws: Any) -> Document:
    return {
        "id": identifier,
        "name": name,
        **_times(start, end),
        "http": {"response": {"status": 200}},
        "aws": {"region": "us-east-1", **aws},
        "namespace": "aws",
    }


def _first() -> list[Document]:
    function = "GetLoyalty"
    initialization = function_part(
        "00000000000000a1", "Initialization", function_arn(function), START + 0.3, START + 0.60512
    )
    invocation = function_part(
        "00000000000000a2", "Invocation", function_arn(function), START + 0.61234, START + 0.69876
    )
    table = {"table_name": "LoyaltyData", "resource_names": ["LoyaltyData"]}
    query = _call("00000000000000c1", "dynamodb", 0.62, 0.66, operation="Query", request_id="Q1", **table)
    invocation["subsegments"] = [query]
    overhead = function_part(
        "00000000000000a3", "Overhead", function_arn(function), START + 0.6988, START + 0.6993
    )
    context = TraceContext(FIRST, "00000000000000d1")
    parts = [initialization, invocation, overhead]
    segment = function_segment("00000000000000f1", function_arn(function), context, parts, failed=False)
    service = lambda_segment(
        "00000000000000d1",
        function,
        TraceContext(FIRST, "00000000000000e2"),
        run().request_id,
        _times(0.002, 0.701),
        200,
    )
    stage = StageCall(
        "airline",
        "/loyalty/c-1",
        "GET",
        "Mozilla/5.0",
        "203.0.113.10",
        request().request_id,
        request().extended_request_id,
        200,
    )
    integration = integration_subsegment("00000000000000e2", function, _times(0.002, 0.708), "GET", 86)
    front = stage_segment("00000000000000e1", stage, TraceContext(FIRST), _times(0, 0.71), integration)
    inferred = {
        **{key: value for key, value in query.items() if key != "namespace"},
        "id": "00000000000000c9",
        "trace_id": FIRST,
        "parent_id": query["id"],
        "inferred": True,
        "origin": "AWS::DynamoDB::Table",
    }
    return [segment, service, front, inferred]


def _second() -> list[Document]:
    function = "IngestLoyalty"
    invocation = function_part(
        "00000000000000b2", "Invocation", function_arn(function), START + 3.1, START + 3.25
    )
    bucket = {"bucket_name": "loyalty-reports", "key": "c-1.json", "resource_names": ["loyalty-reports"]}
    put = _call("00000000000000c2", "s3", 3.11, 3.19, operation="PutObject", request_id="P1", **bucket)
    secret = _call(
        "00000000000000c3", "secretsmanager", 3.2, 3.22, operation="GetSecretValue", request_id="G1"
    )
    secret |= {"error": True, "http": {"response": {"status": 400}}}
    invocation |= {"subsegments": [put, secret], "error": True}
    overhead = function_part(
        "00000000000000b3", "Overhead", function_arn(function), START + 3.2501, START + 3.2507
    )
    context = TraceContext(SECOND, "00000000000000d3")
    segment = function_segment(
        "00000000000000f2", function_arn(function), context, [invocation, overhead], failed=True
    )
    segment["cause"] = {"exceptions": [{"type": "ValueError", "message": "no such booking"}]}
    service = lambda_segment(
        "00000000000000d2",
        function,
        TraceContext(SECOND, "00000000000000e4"),
        failed_run().request_id,
        _times(3.04, 3.045),
        202,
    )
    service["subsegments"] = [
        dwell_subsegment("00000000000000d4", START + 3.04, START + 3.08),
        attempt_subsegment("00000000000000d3", 1, START + 3.08, START + 3.252, failed=True),
    ]
    service["error"] = True
    topic = {"topic_arn": topic_arn("BookingTopic"), "resource_names": [topic_arn("BookingTopic")]}
    publish = _call("00000000000000e4", "sns", 3.0, 3.03, operation="Publish", request_id="S1", **topic)
    publish |= {"trace_id": SECOND, "origin": "AWS::SNS", "inferred": True}
    del publish["namespace"]
    service["resource_arn"] = function_arn(function)
    return [segment, service, publish]
