"""ConfirmBooking, the next version: also writes a record of the confirmation."""

from datetime import UTC, datetime
from typing import Any

from coldtrail_testbed.applications.airline.handlers import confirm_booking
from coldtrail_testbed.applications.airline.handlers.tracing import traced


@traced("## write_record")
def write_record(booking_id: str, reference: str) -> None:
    """None; the confirmation has its own item beside the booking."""
    confirm_booking.table.put_item(
        Item={
            "id": f"confirmation-{booking_id}",
            "bookingReference": reference,
            "confirmedAt": datetime.now(UTC).isoformat(),
        }
    )


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The reference of the confirmed booking."""
    result = confirm_booking.handler(event, context)
    write_record(event["bookingId"], result["bookingReference"])
    return result
