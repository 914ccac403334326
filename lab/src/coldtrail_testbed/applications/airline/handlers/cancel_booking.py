"""CancelBooking: marks a booking as cancelled; every quarter of an hour also those that were left behind."""

import os
from datetime import UTC, datetime, timedelta
from typing import Any

from coldtrail_testbed.applications.airline.handlers.tracing import traced

import boto3  # isort: skip
from botocore.exceptions import ClientError

_LARGEST_SWEEP = 25

_bookings = boto3.resource("dynamodb").Table(os.environ["BOOKING_TABLE"])
_flights = boto3.resource("dynamodb").Table(os.environ["FLIGHT_TABLE"])


@traced("## cancel_booking")
def cancel(booking_id: str) -> None:
    """None; the booking is cancelled."""
    _bookings.update_item(
        Key={"id": booking_id},
        UpdateExpression="SET #status = :status",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":status": "CANCELLED"},
    )


@traced("## sweep_bookings")
def sweep(older_than: timedelta) -> int:
    """The number of bookings that were left unconfirmed, as after a failed refund, and are cancelled now."""
    return sum(_expire(booking) for booking in _find_expired(datetime.now(UTC) - older_than))


def _find_expired(before: datetime) -> list[dict[str, Any]]:
    answer = _bookings.query(
        IndexName="status-createdAt",
        KeyConditionExpression="#status = :status AND createdAt < :before",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":status": "UNCONFIRMED", ":before": before.isoformat()},
        Limit=_LARGEST_SWEEP,
    )
    bookings: list[dict[str, Any]] = answer["Items"]
    return bookings


def _expire(booking: dict[str, Any]) -> bool:
    """Whether the booking was still unconfirmed; then it is cancelled and its seat is free again."""
    try:
        _bookings.update_item(
            Key={"id": booking["id"]},
            ConditionExpression="#status = :before",
            UpdateExpression="SET #status = :after",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={":before": "UNCONFIRMED", ":after": "CANCELLED"},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    _flights.update_item(
        Key={"id": booking["bookingOutboundFlightId"]},
        UpdateExpression="SET seatCapacity = seatCapacity + :one",
        ExpressionAttributeValues={":one": 1},
    )
    return True


def handler(event: dict[str, Any], _context: Any) -> bool | int:
    """True when the event's booking is cancelled; the number of cancelled ones when a timed event sweeps."""
    if event.get("task") == "sweep":
        return sweep(timedelta(minutes=event["olderThanMinutes"]))
    cancel(event["bookingId"])
    return True
