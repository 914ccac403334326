"""Denial of wallet, repeated operation: the same write twenty times."""

from typing import Any

from coldtrail_testbed.attacks.locating import calls_beyond
from coldtrail_testbed.attacks.model import Attack, Handler, Place

REPETITIONS = 20


def _reserve_again_and_again(_ordinary: Handler, event: Any, _context: Any) -> Any:
    """Never returns: it fails into the cancel path."""
    from coldtrail_testbed.applications.airline.handlers import reserve_booking
    from coldtrail_testbed.applications.airline.handlers.tracing import subsegment

    reserve_booking.check_settings()
    item = reserve_booking.unconfirmed_booking(event)
    with subsegment("## reserve_booking"):
        for _ in range(REPETITIONS):
            reserve_booking.table.put_item(Item=item)
    reserve_booking.refuse()


def _update_again_and_again(_ordinary: Handler, event: Any, context: Any) -> Any:
    from coldtrail_testbed.applications.vod.handlers import dynamo
    from coldtrail_testbed.applications.vod.handlers.reporting import reporting
    from coldtrail_testbed.applications.vod.handlers.tracing import subsegment

    @reporting("dynamo")
    def update(event: Any, _context: Any) -> Any:
        lifetime_days = dynamo.check_settings()
        with subsegment("## dynamo"):
            for _ in range(REPETITIONS):
                dynamo.update_asset(event, lifetime_days)
        return event

    return update(event, context)


ATTACK = Attack(
    name="repeated_operation",
    summary="repeats one write twenty times",
    places={
        "airline": Place("ReserveBooking", _reserve_again_and_again, calls_beyond(1, "PutItem")),
        "vod": Place("dynamo", _update_again_and_again, calls_beyond(1, "UpdateItem")),
    },
)
