"""A handler for the tests of what wakes functions: it writes down its event and makes the calls asked for."""

import json
from typing import Any

from aws_xray_sdk.core import patch

patch(("botocore",))

import boto3  # noqa: E402 - patched first

SEEN = "Seen"


def handler(event: Any, context: Any) -> dict[str, Any]:
    """The answers of the calls that a REST body or a direct invocation lists, without their metadata."""
    item = {"id": context.aws_request_id, "function": context.function_name, "event": json.dumps(event)}
    boto3.resource("dynamodb").Table(SEEN).put_item(Item=item)
    order = _order(event)
    answers = [_call(*call) for call in order.get("calls", ())]
    if order.get("fail"):
        raise ValueError(order["fail"])
    return {"statusCode": 200, "body": json.dumps(answers, default=str)}


def _order(event: dict[str, Any]) -> dict[str, Any]:
    """What to do: the event itself, the body of a REST request, or that of a queue's first message."""
    [holder] = event.get("Records", [event])[:1]
    order: dict[str, Any] = json.loads(holder["body"]) if holder.get("body", "").startswith("{") else event
    return order


def _call(service: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
    answer = getattr(boto3.client(service), operation)(**parameters)
    answer.pop("ResponseMetadata")
    if "Payload" in answer:
        answer["Payload"] = answer["Payload"].read().decode()
    return answer
