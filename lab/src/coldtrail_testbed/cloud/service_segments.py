"""The segments that AWS services write themselves, key by key like the recorded real ones."""

import math
from dataclasses import dataclass
from typing import Any

from coldtrail_testbed.cloud.identifiers import ACCOUNT, REGION, api_host, api_id, function_arn, function_of
from coldtrail_testbed.cloud.tracing import TraceContext

Document = dict[str, Any]
Times = dict[str, float]


def whole_ms(start: float, end: float) -> Times:
    """Start and end in whole milliseconds, as services write them, with all that happened inside."""
    return {"start_time": math.floor(start * 1000) / 1000, "end_time": math.ceil(end * 1000) / 1000}


def parent_of(context: TraceContext) -> dict[str, str]:
    """The `parent_id` entry of a segment, absent for the root of a trace."""
    return {"parent_id": context.parent} if context.parent else {}


def function_part(identifier: str, name: str, arn: str, start: float, end: float) -> Document:
    """Initialization, Invocation or Overhead of a run of the version whose ARN is `arn`."""
    return {
        "id": identifier,
        "name": name,
        "start_time": start,
        "end_time": end,
        "aws": {"function_arn": arn},
    }


def function_segment(
    identifier: str, arn: str, context: TraceContext, parts: list[Document], *, failed: bool
) -> Document:
    """The `AWS::Lambda::Function` segment around `parts`; Initialization lies before it.

    `arn` is that of the version that ran.
    """
    function = function_of(arn)
    inside = [part for part in parts if part["name"] != "Initialization"]
    return {
        "id": identifier,
        "name": function,
        "start_time": min(part["start_time"] for part in inside) - 0.00004,
        "trace_id": context.root,
        "end_time": max(part["end_time"] for part in inside) + 0.00003,
        **parent_of(context),
        **({"error": True} if failed else {}),
        "aws": {"account_id": ACCOUNT, "function_arn": arn, "resource_names": [function]},
        "origin": "AWS::Lambda::Function",
        "subsegments": parts,
    }


def lambda_segment(
    identifier: str, function: str, context: TraceContext, request_id: str, times: Times, status: int
) -> Document:
    """The `AWS::Lambda` segment of one synchronous (200) or asynchronous (202) invocation."""
    return {
        "id": identifier,
        "name": function,
        **times,
        "trace_id": context.root,
        **parent_of(context),
        "http": {"response": {"status": status}},
        "aws": {"request_id": request_id},
        "origin": "AWS::Lambda",
        "resource_arn": function_arn(function),
    }


def dwell_subsegment(identifier: str, arrival: float, begin: float) -> Document:
    """The wait of an asynchronous invocation for its first attempt; it outlasts the segment, as on AWS."""
    return {"id": identifier, "name": "Dwell Time", **whole_ms(arrival, begin)}


def attempt_subsegment(identifier: str, number: int, begin: float, end: float, *, failed: bool) -> Document:
    """One attempt of an asynchronous invocation; it lies behind the segment's end, as on AWS."""
    failure = {"error": True} if failed else {}
    attempt = {"id": identifier, "name": f"Attempt #{number}", **whole_ms(begin, end), **failure}
    return {**attempt, "http": {"response": {"status": 200}}}


@dataclass(frozen=True)
class StageCall:
    """One call of a stage of a REST API."""

    api: str
    path: str
    method: str
    user_agent: str
    address: str
    request_id: str
    extended_request_id: str
    status: int


def stage_segment(
    identifier: str, call: StageCall, context: TraceContext, times: Times, integration: Document
) -> Document:
    """The `AWS::ApiGateway::Stage` segment of `call`."""
    status, identity = call.status, api_id(call.api)
    failure = {"fault": status >= 500, "error": 400 <= status < 500, "throttle": status == 429}
    gateway = {"account_id": ACCOUNT, "rest_api_id": identity, "stage": "Prod", "request_id": call.request_id}
    request_ids = {"extended_request_id": call.extended_request_id, "request_id": call.request_id}
    return {
        "id": identifier,
        "name": f"{call.api}/Prod",
        **times,
        "trace_id": context.root,
        **parent_of(context),
        **(failure if status >= 400 else {}),
        "http": {"request": _stage_request(call), "response": {"status": status, "content_length": 0}},
        "aws": {"api_gateway": gateway},
        "annotations": {"aws:api_id": identity, "aws:api_stage": "Prod"},
        "metadata": {"default": request_ids},
        "origin": "AWS::ApiGateway::Stage",
        "resource_arn": f"arn:aws:apigateway:{REGION}::/restapis/{identity}/stages/Prod",
        "subsegments": [integration],
    }


def _stage_request(call: StageCall) -> Document:
    return {
        "url": f"https://{api_host(call.api)}/Prod{call.path}",
        "method": call.method,
        "user_agent": call.user_agent,
        "client_ip": call.address,
        "x_forwarded_for": True,
    }


def integration_subsegment(
    identifier: str, function: str, times: Times, method: str, content_length: int | None
) -> Document:
    """The `Lambda` subsegment of a stage: its call of the function, with no response when it was given up."""
    path = f"2015-03-31/functions/{function_arn(function)}/invocations"
    response = (
        {} if content_length is None else {"response": {"status": 200, "content_length": content_length}}
    )
    return {
        "id": identifier,
        "name": "Lambda",
        **times,
        "http": {
            "request": {"url": f"https://lambda.{REGION}.amazonaws.com/{path}", "method": method},
            **response,
        },
        "aws": {
            "function_name": function,
            "region": REGION,
            "operation": "Invoke",
            "resource_names": [function],
        },
        "namespace": "aws",
    }


def table_subsegment(identifier: str, times: Times, response: dict[str, int]) -> Document:
    """The `DynamoDB` subsegment of a stage that queries a table itself.

    After a recorded real one of a stage that starts executions of a state machine by itself, which holds the
    region alone; the name is our reading of its `STEPFUNCTIONS`, which no public trace tells for DynamoDB.
    """
    url = f"https://dynamodb.{REGION}.amazonaws.com/?Action=Query"
    return {
        "id": identifier,
        "name": "DynamoDB",
        **times,
        "http": {"request": {"url": url, "method": "POST"}, "response": response},
        "aws": {"region": REGION},
        "namespace": "aws",
    }


def state_machine_segment(
    identifier: str, machine_arn: str, execution_arn: str, context: TraceContext, times: Times
) -> Document:
    """The `AWS::StepFunctions::StateMachine` segment of one execution, still without its states."""
    return {
        "id": identifier,
        "name": machine_arn.rsplit(":", 1)[-1],
        **times,
        "trace_id": context.root,
        **parent_of(context),
        "aws": {"resource_arn": execution_arn},
        "origin": "AWS::StepFunctions::StateMachine",
        "resource_arn": machine_arn,
        "cause": {},
    }


def state_call_subsegment(
    identifier: str, service: str, times: Times, aws: Document, response: dict[str, int]
) -> Document:
    """The subsegment of one call that a state of a state machine makes."""
    return {
        "id": identifier,
        "name": service,
        **times,
        "http": {"response": response},
        "aws": aws,
        "namespace": "aws",
        "cause": {},
    }


def state_invocation(function: str, request_id: str) -> Document:
    """The `aws` part of a state's call of `function`."""
    return {
        "retries": 0,
        "log_type": "Tail",
        "status_code": 200,
        "account_id": ACCOUNT,
        "function_name": function_arn(function),
        "invocation_type": "RequestResponse",
        "region": REGION,
        "operation": "Invoke",
        "request_id": request_id,
        "resource_names": [function],
    }
