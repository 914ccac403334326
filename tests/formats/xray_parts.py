"""Parts of X-Ray documents that tests put together."""

import json
from typing import Any

from coldtrail.config import Settings
from coldtrail.formats.xray.parser import XRayParser
from coldtrail.records.flow import Event
from coldtrail.records.telemetry import Document, Observations
from tests.fixtures.telemetry import ACCOUNT, START, arn_of

FUNCTION = "shop-prod-pay"


def parse(value: Any, settings: Settings | None = None) -> Observations:
    payload = value if isinstance(value, bytes) else json.dumps(value).encode()
    return XRayParser(settings or Settings())(Document(payload, "test"))


def segment(*subsegments: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": "a000000000000001",
        "trace_id": "1-6b0023b1-374e13551aec24967b10d634",
        "name": FUNCTION,
        "start_time": START,
        "end_time": START + 1,
        "origin": "AWS::Lambda::Function",
        "aws": {"account_id": ACCOUNT, "function_arn": arn_of(FUNCTION)},
        "subsegments": list(subsegments),
        **more,
    }


def step(number: int = 1, name: str = "DynamoDB", **more: Any) -> dict[str, Any]:
    return {
        "id": f"b{number:015x}",
        "name": name,
        "start_time": START + 0.1,
        "end_time": START + 0.2,
        **more,
    }


def only_event(parsed: Observations) -> Event:
    assert parsed.problems == []
    (span,) = parsed.spans
    (event,) = span.steps
    return event
