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


def _list_before_read(_ordinary: Handler, event: Any, context: Any) -> Any:
    from coldtrail_testbed.applications.vod.handlers import output_validate
    from coldtrail_testbed.applications.vod.handlers.reporting import reporting
    from coldtrail_testbed.applications.vod.handlers.tracing import subsegment

    @reporting("output-validate")
    def validate(event: Any, _context: Any) -> Any:
        fewest = output_validate.check_settings()
        with subsegment("## output_validate"):
            outputs = output_validate.list_outputs(event["guid"])
            asset = output_validate.read_asset(event["guid"])
        return output_validate.complete(event, asset, outputs, fewest)

    return validate(event, context)


def _swapped(first: str, second: str) -> Locate:
    def locate(flow: Flow) -> list[str]:
        pair = [call for call in flow.calls if call.operation in (first, second)]
        swapped = [call.operation for call in pair[:1]] == [first]
        return [call.event_id for call in pair] if swapped else []

    return locate


ATTACK = Attack(
    name="changed_order",
    summary="makes two ordinary calls in the other order",
    places={
        "airline": Place("ConfirmBooking", _read_before_update, _swapped("GetItem", "UpdateItem")),
        "vod": Place("output-validate", _list_before_read, _swapped("ListObjectsV2", "GetItem")),
    },
)
