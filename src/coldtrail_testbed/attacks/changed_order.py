"""Permission misuse, changed order: the booking is read before it is updated instead of after."""

import secrets
from typing import Any

from coldtrail_testbed.attacks.model import Attack, Handler, Place
from coldtrail_testbed.flows import Flow


def _read_before_update(_ordinary: Handler, event: Any, _context: Any) -> Any:
    from coldtrail_testbed.applications.airline.handlers import confirm_booking
    from coldtrail_testbed.applications.airline.handlers.tracing import subsegment

    reference = secrets.token_urlsafe(confirm_booking.check_settings())
    with subsegment("## confirm_booking"):
        confirm_booking.read_booking(event["bookingId"])
        confirm_booking.confirm(event["bookingId"], reference)
    return {"bookingReference": reference}


def _locate(flow: Flow) -> list[str]:
    swapped = [call for call in flow.calls if call.operation in ("GetItem", "UpdateItem")]
    return [call.event_id for call in swapped]


ATTACK = Attack(
    name="changed_order",
    summary="reads an item before updating it instead of after",
    places={"airline": Place("ConfirmBooking", _read_before_update, _locate)},
)
