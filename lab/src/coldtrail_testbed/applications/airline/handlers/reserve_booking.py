"""ReserveBooking: writes the unconfirmed booking."""

import os
from datetime import UTC, datetime
from typing import Any, NoReturn

from coldtrail_testbed.applications.airline.handlers.chance import happens
from coldtrail_testbed.applications.airline.handlers.configuration import read_setting
from coldtrail_testbed.applications.airline.handlers.tracing import traced

import boto3  # isort: skip

table = boto3.resource("dynamodb").Table(os.environ["BOOKING_TABLE"])


class BookingReservationException(Exception):  # noqa: N818 - named as in the state machine
    """The reservation failed; another attempt may succeed."""


class BookingRejectedException(Exception):  # noqa: N818 - named as in the state machine
    """The reservation is refused for good."""


def check_settings() -> None:
    """None; raises when this attempt fails or the booking is refused."""
    failure_share = read_setting("ReserveBooking", "failureShare")
    rejection_share = read_setting("ReserveBooking", "rejectionShare")
    if happens(failure_share):
        raise BookingReservationException("the reservation failed")
    if happens(rejection_share):
        refuse()


def refuse() -> NoReturn:
    """Never; the booking is refused for good."""
    raise BookingRejectedException("the reservation is refused")


def unconfirmed_booking(event: dict[str, Any]) -> dict[str, Any]:
    """The item of a new booking."""
    return {
        "id": event["bookingId"],
        "customer": event["customerId"],
        "bookingOutboundFlightId": event["outboundFlightId"],
        "paymentToken": event["chargeId"],
        "checkedIn": False,
        "status": "UNCONFIRMED",
        "createdAt": datetime.now(UTC).isoformat(),
    }


@traced("## reserve_booking")
def reserve(event: dict[str, Any]) -> str:
    """The id of the booking that was written."""
    table.put_item(Item=unconfirmed_booking(event))
    return str(event["bookingId"])


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The id of the reserved booking."""
    check_settings()
    return {"bookingId": reserve(event)}
