"""Permission misuse, changed order: two ordinary calls change places."""

import secrets
from typing import Any

from coldtrail_testbed.attacks.model import Attack, Handler, Locate, Place
from coldtrail_testbed.flows import Flow


def _read_before_update(_ordinary: Handler, event: Any, _context: Any) -> Any:
    from coldtrail_testbed.applications.airline.handlers import confirm_booking
    from coldtrail_testbed.applications.airline.handlers.tracing import subsegment

    reference = secrets.token_urlsafe(confirm_booking.check_settings())
    with subsegment("## confirm_booking"):
        confirm_booking.read_booking(event["bookingId"])
        confirm_booking.confirm(event["bookingId"], reference)
    return {"bookingReference": reference}


def _swapped(first: str, second: str) -> Locate:
    def locate(flow: Flow) -> list[str]:
        pair = [call for call in flow.calls if call.operation in (first, second)]
        swapped = [call.operation for call in pair[:1]] == [first]
        return [call.event_id for call in pair] if swapped else []

    return locate


ATTACK = Attack(
    name="changed_order",
    summary="makes two ordinary calls in the other order",
    places={"airline": Place("ConfirmBooking", _read_before_update, _swapped("GetItem", "UpdateItem"))},
)
