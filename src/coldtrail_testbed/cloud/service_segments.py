"""The segments that AWS services write themselves, key by key like the recorded real ones."""

import math
from typing import Any

from coldtrail_testbed.cloud.identifiers import ACCOUNT, REGION, api_host, api_id, function_arn
from coldtrail_testbed.cloud.tracing import TraceContext

Document = dict[str, Any]


def whole_ms(start: float, end: float) -> dict[str, float]:
    """Start and end in whole milliseconds, as services write them, never shorter than what happened inside."""
    return {"start_time": math.floor(start * 1000) / 1000, "end_time": math.ceil(end * 1000) / 1000}


def parent_of(context: TraceContext) -> dict[str, str]:
    """The `parent_id` entry of a segment, absent for the root of a trace."""
    return {"parent_id": context.parent} if context.parent else {}


def function_part(identifier: str, name: str, function: str, start: float, end: float) -> Document:
    """Initialization, Invocation or Overhead of a function's segment."""
    arn = {"function_arn": function_arn(function)}
    return {"id": identifier, "name": name, "start_time": start, "end_time": end, "aws": arn}


def function_segment(
    identifier: str, function: str, context: TraceContext, parts: list[Document], *, failed: bool
) -> Document:
    """The `AWS::Lambda::Function` segment around `parts`."""
    arn = function_arn(function)
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
    identifier: str, function: str, context: TraceContext, request_id: str, times: dict[str, float], status: int
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


def stage_segment(
    identifier: str,
    api: str,
    context: TraceContext,
    times: dict[str, float],
    request: dict[str, Any],
    status: int,
    request_ids: tuple[str, str],
    subsegments: list[Document],
) -> Document:
    """The `AWS::ApiGateway::Stage` segment of one REST call; `request_ids` are the request's and the extended one."""
    request_id, extended_id = request_ids
    failure = {"fault": status >= 500, "error": 400 <= status < 500, "throttle": status == 429}
    api_gateway = {"account_id": ACCOUNT, "rest_api_id": api_id(api), "stage": "Prod", "request_id": request_id}
    return {
        "id": identifier,
        "name": f"{api}/Prod",
        **times,
        "trace_id": context.root,
        **parent_of(context),
        **(failure if status >= 400 else {}),
        "http": {"request": request, "response": {"status": status, "content_length": 0}},
        "aws": {"api_gateway": api_gateway},
        "annotations": {"aws:api_id": api_id(api), "aws:api_stage": "Prod"},
        "metadata": {"default": {"extended_request_id": extended_id, "request_id": request_id}},
        "origin": "AWS::ApiGateway::Stage",
        "resource_arn": f"arn:aws:apigateway:{REGION}::/restapis/{api_id(api)}/stages/Prod",
        "subsegments": subsegments,
    }


def stage_request(api: str, path: str, method: str, user_agent: str, address: str) -> Document:
    """The `http.request` part of a stage's segment."""
    return {
        "url": f"https://{api_host(api)}/Prod{path}",
        "method": method,
        "user_agent": user_agent,
        "client_ip": address,
        "x_forwarded_for": True,
    }


def integration_subsegment(
    identifier: str, function: str, times: dict[str, float], method: str, content_length: int
) -> Document:
    """The `Lambda` subsegment of a stage: its call of the function."""
    path = f"2015-03-31/functions/{function_arn(function)}/invocations"
    return {
        "id": identifier,
        "name": "Lambda",
        **times,
        "http": {
            "request": {"url": f"https://lambda.{REGION}.amazonaws.com/{path}", "method": method},
            "response": {"status": 200, "content_length": content_length},
        },
        "aws": {
            "function_name": function,
            "region": REGION,
            "operation": "Invoke",
            "resource_names": [function],
        },
        "namespace": "aws",
    }


def state_call_subsegment(
    identifier: str, service: str, times: dict[str, float], aws: dict[str, Any], response: dict[str, int]
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
