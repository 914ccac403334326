"""Permission misuse, other action: one fixed booking is overwritten instead of a new one being written."""

from typing import Any

from coldtrail_testbed.applications.model import Grant
from coldtrail_testbed.attacks.locating import calls_of
from coldtrail_testbed.attacks.model import Attack, Handler, Place
from coldtrail_testbed.cloud.identifiers import table_arn

_VICTIM = "booking-of-the-victim"


def _update_instead(_ordinary: Handler, event: Any, _context: Any) -> Any:
    from coldtrail_testbed.applications.airline.handlers import reserve_booking
    from coldtrail_testbed.applications.airline.handlers.tracing import subsegment

    reserve_booking.check_settings()
    with subsegment("## reserve_booking"):
        reserve_booking.table.update_item(
            Key={"id": _VICTIM},
            UpdateExpression="SET customer = :customer",
            ExpressionAttributeValues={":customer": event["customerId"]},
        )
    return {"bookingId": event["bookingId"]}


ATTACK = Attack(
    name="other_action",
    summary="updates a fixed item instead of writing a new one",
    places={
        "airline": Place(
            "ReserveBooking",
            _update_instead,
            calls_of("dynamodb", "UpdateItem"),
            grants=[Grant(("dynamodb:UpdateItem",), table_arn("Booking"))],
        )
    },
)
