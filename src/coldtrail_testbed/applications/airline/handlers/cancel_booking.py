"""CancelBooking: marks the booking as cancelled."""

from typing import Any

from coldtrail_testbed.applications.airline.handlers.tracing import traced

import boto3  # isort: skip

_table = boto3.resource("dynamodb").Table("Booking")


@traced("## cancel_booking")
def handler(event: dict[str, Any], _context: Any) -> bool:
    """True; the booking is cancelled."""
    _table.update_item(
        Key={"id": event["bookingId"]},
        UpdateExpression="SET #status = :status",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":status": "CANCELLED"},
    )
    return True
