"""The Lambda API: its way to a function."""

from collections.abc import Callable
from typing import Any

from moto.awslambda.models import LambdaFunction

from coldtrail_testbed.cloud.answers import INVOCATION_HEADER
from coldtrail_testbed.cloud.moto_hooks.events import CloudEvents
from coldtrail_testbed.cloud.moto_hooks.replacing import Replace


def install(replace: Replace, events: CloudEvents) -> None:
    """None; functions that the API invokes run in the local cloud."""
    replace(LambdaFunction, "invoke", _invoke(events))


def _invoke(events: CloudEvents) -> Callable[..., bytes]:
    """The API's way to a function ends in `LambdaFunction.invoke`, with the headers of its caller."""

    def invoke(function: Any, body: Any, request_headers: Any, response_headers: Any) -> bytes:
        payload = body if isinstance(body, bytes) else body.encode()
        kind = request_headers.get("x-amz-invocation-type", "RequestResponse") if request_headers else "Event"
        if kind == "Event":
            request_id = events.function_queued(function.function_name, payload)
            if response_headers is not None:
                response_headers[INVOCATION_HEADER] = request_id
            return b""
        outcome, response_headers[INVOCATION_HEADER] = events.function_called(function.function_name, payload)
        if outcome.failed:
            response_headers["x-amz-function-error"] = "Unhandled"
        return outcome.body

    return invoke
