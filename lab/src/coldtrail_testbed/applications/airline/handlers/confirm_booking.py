"""ConfirmBooking: confirms the booking and returns its reference."""

import os
import secrets
from typing import Any

from coldtrail_testbed.applications.airline.handlers.chance import happens
from coldtrail_testbed.applications.airline.handlers.configuration import read_setting
from coldtrail_testbed.applications.airline.handlers.tracing import traced

import boto3  # isort: skip

table = boto3.resource("dynamodb").Table(os.environ["BOOKING_TABLE"])


class BookingConfirmationException(Exception):  # noqa: N818 - named as in the state machine
    """The confirmation failed; another attempt may succeed."""


class BookingRejectedException(Exception):  # noqa: N818 - named as in the state machine
    """The confirmation is refused for good."""


def check_settings() -> int:
    """The bytes of a booking reference; raises when this attempt fails or the booking is refused."""
    failure_share = read_setting("ConfirmBooking", "failureShare")
    rejection_share = read_setting("ConfirmBooking", "rejectionShare")
    reference_bytes = int(read_setting("ConfirmBooking", "referenceBytes"))
    if happens(failure_share):
        raise BookingConfirmationException("the confirmation failed")
    if happens(rejection_share):
        raise BookingRejectedException("the confirmation is refused")
    return reference_bytes


def confirm(booking_id: str, reference: str) -> None:
    """None; the booking is confirmed under `reference`."""
    table.update_item(
        Key={"id": booking_id},
        UpdateExpression="SET bookingReference = :reference, #status = :status",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":reference": reference, ":status": "CONFIRMED"},
    )


def read_booking(booking_id: str) -> dict[str, Any]:
    """The stored booking, empty when there is none."""
    booking: dict[str, Any] = table.get_item(Key={"id": booking_id}).get("Item", {})
    return booking


@traced("## confirm_booking")
def confirm_and_read(booking_id: str, reference: str) -> str:
    """The reference as stored."""
    confirm(booking_id, reference)
    return str(read_booking(booking_id)["bookingReference"])


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The reference of the confirmed booking."""
    reference = secrets.token_urlsafe(check_settings())
    return {"bookingReference": confirm_and_read(event["bookingId"], reference)}
