"""Lambda handlers for the tests of the local cloud; they run in worker processes."""

import os
import random
import signal
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from aws_xray_sdk.core import xray_recorder

from coldtrail_testbed.worker.computing import compute


def echo(event: Any, context: Any) -> dict[str, Any]:
    """What the handler sees of its invocation."""
    return {
        "event": event,
        "request_id": context.aws_request_id,
        "function": context.function_name,
        "version": context.function_version,
        "memory": context.memory_limit_in_mb,
        "arn": context.invoked_function_arn,
        "remaining_ms": context.get_remaining_time_in_millis(),
        "trace_header": os.environ["_X_AMZN_TRACE_ID"],
        "attack": context.client_context.custom.get("attack") if context.client_context else None,
    }


def echo_again(event: Any, context: Any) -> dict[str, Any]:
    """What `echo` answers, as a later version of it."""
    return {**echo(event, context), "again": True}


def identity(_event: Any, _context: Any) -> dict[str, str]:
    """The credentials of the instance, and the user agent of its calls."""
    import boto3

    client = boto3.client("sts")
    return {
        "access_key": os.environ["AWS_ACCESS_KEY_ID"],
        "token": os.environ["AWS_SESSION_TOKEN"],
        "log_stream": os.environ["AWS_LAMBDA_LOG_STREAM_NAME"],
        "user_agent": client._client_config.user_agent,
    }


def randomness(_event: Any, _context: Any) -> list[Any]:
    """Draws from every source of randomness that handlers use."""
    return [str(uuid.uuid4()), os.urandom(4).hex(), random.random(), random.SystemRandom().random()]


def clocks(_event: Any, _context: Any) -> dict[str, float]:
    """All clocks before and after a sleep."""
    before = time.time()
    time.sleep(25)
    return {"before": before, "after": time.time(), "datetime": datetime.now(UTC).timestamp()}


def fail(_event: Any, _context: Any) -> None:
    """Never returns."""
    raise ValueError("no luck")


def fail_first(event: Any, context: Any) -> str:
    """Whether it was tried again: it fails until the file that the event names holds two lines."""
    with open(event["attempts"], "a+") as attempts:
        attempts.write(f"{context.aws_request_id} {time.time()}\n")
        attempts.seek(0)
        if len(attempts.readlines()) < event["needed"]:
            raise ValueError("not yet")
    return "done"


def sleep_too_long(_event: Any, _context: Any) -> None:
    """Never returns: one subsegment ends, one is open when the time is over, one would follow."""
    with xray_recorder.in_subsegment("before"):
        time.sleep(1)
    with xray_recorder.in_subsegment("across"):
        with xray_recorder.in_subsegment("inside"):
            time.sleep(0.5)
        time.sleep(3600)
    with xray_recorder.in_subsegment("after"):
        time.sleep(1)


def compute_long(event: Any, _context: Any) -> None:
    """Nothing, after computing and sleeping for as long as the event says."""
    compute(event["compute_s"])
    time.sleep(event["sleep_s"])


def hang(_event: Any, _context: Any) -> None:
    """Never returns, and makes no virtual time pass."""
    while True:
        pass


def leave(event: Any, _context: Any) -> None:
    """Never returns: the process ends with the event's status."""
    os._exit(event["status"])


def be_killed(_event: Any, _context: Any) -> None:
    """Never returns: the process is killed, as the kernel does when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(1)
