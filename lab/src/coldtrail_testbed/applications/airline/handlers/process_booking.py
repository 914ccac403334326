"""ProcessBooking: starts the booking process for a REST request."""

import json
import os
import uuid
from typing import Any

from coldtrail_testbed.applications.airline.handlers import tracing  # noqa: F401  # isort: skip
import boto3

_states = boto3.client("stepfunctions")


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The HTTP response that carries the booking's id."""
    order = json.loads(event["body"])
    booking_id = str(uuid.uuid4())
    _states.start_execution(
        stateMachineArn=os.environ["PROCESS_BOOKING_STATE_MACHINE"],
        name=booking_id,
        input=json.dumps({**order, "bookingId": booking_id}),
    )
    return {"statusCode": 202, "body": json.dumps({"bookingId": booking_id})}
