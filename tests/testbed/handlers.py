"""Lambda handlers for the tests of the local cloud; they run in worker processes."""

import os
import random
import time
import uuid
from datetime import UTC, datetime
from typing import Any


def echo(event: Any, context: Any) -> dict[str, Any]:
    """What the handler sees of its invocation."""
    return {
        "event": event,
        "request_id": context.aws_request_id,
        "function": context.function_name,
        "arn": context.invoked_function_arn,
        "remaining_ms": context.get_remaining_time_in_millis(),
        "trace_header": os.environ["_X_AMZN_TRACE_ID"],
        "attack": context.client_context.custom.get("attack") if context.client_context else None,
    }


def randomness(_event: Any, _context: Any) -> list[Any]:
    """Draws from every source of randomness that handlers use."""
    return [str(uuid.uuid4()), os.urandom(4).hex(), random.random(), random.SystemRandom().random()]


def clocks(_event: Any, _context: Any) -> dict[str, float]:
    """All clocks before and after a long sleep."""
    before = time.time()
    time.sleep(3600)
    return {"before": before, "after": time.time(), "datetime": datetime.now(UTC).timestamp()}


def fail(_event: Any, _context: Any) -> None:
    """Never returns."""
    raise ValueError("no luck")
