"""NotifyBooking: tells the booking topic how the booking ended."""

import json
import os
from typing import Any

from coldtrail_testbed.applications.airline.handlers.tracing import traced

import boto3  # isort: skip

_sns = boto3.client("sns")


@traced("## notify_booking")
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The id of the published message."""
    reference = event.get("confirmation", {}).get("bookingReference")
    status = "confirmed" if reference else "cancelled"
    message = {"customerId": event["customerId"], "price": event["price"], "bookingReference": reference}
    answer = _sns.publish(
        TopicArn=os.environ["BOOKING_TOPIC"],
        Subject=f"Booking {status}",
        Message=json.dumps(message),
        MessageAttributes={"Booking.Status": {"DataType": "String", "StringValue": status}},
    )
    return {"messageId": answer["MessageId"]}
