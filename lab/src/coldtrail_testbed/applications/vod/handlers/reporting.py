"""Tells the error handler of a failed function, as the functions of video-on-demand-on-aws do."""

import functools
import json
import os
from collections.abc import Callable
from typing import Any

from coldtrail_testbed.applications.vod.handlers import tracing  # noqa: F401  # isort: skip
import boto3

Handler = Callable[[Any, Any], Any]

_lambda = boto3.client("lambda")


def report(function: str, event: dict[str, Any], error: Exception) -> None:
    """None; the error handler runs later."""
    report = {"guid": event.get("guid"), "function": function, "error": f"{type(error).__name__}: {error}"}
    _lambda.invoke(
        FunctionName=os.environ["ERROR_HANDLER"], InvocationType="Event", Payload=json.dumps(report).encode()
    )


def reporting(function: str) -> Callable[[Handler], Handler]:
    """A decorator: what a handler raises is reported under the name of its function, and raised again."""

    def decorate(handler: Handler) -> Handler:
        @functools.wraps(handler)
        def handle(event: Any, context: Any) -> Any:
            try:
                return handler(event, context)
            except Exception as error:
                report(function, event, error)
                raise

        return handle

    return decorate
