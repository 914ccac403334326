"""Denial of wallet, repeated operation: the same write twenty times, then failure into the cancel path."""

from typing import Any

from coldtrail_testbed.attacks.model import Attack, Handler, Place
from coldtrail_testbed.flows import Flow

REPETITIONS = 20


def _reserve_again_and_again(_ordinary: Handler, event: Any, _context: Any) -> Any:
    from coldtrail_testbed.applications.airline.handlers import reserve_booking
    from coldtrail_testbed.applications.airline.handlers.tracing import subsegment

    reserve_booking.check_settings()
    item = reserve_booking.unconfirmed_booking(event)
    with subsegment("## reserve_booking"):
        for _ in range(REPETITIONS):
            reserve_booking.table.put_item(Item=item)
        reserve_booking.refuse()


def _locate(flow: Flow) -> list[str]:
    writes = [call.event_id for call in flow.calls if call.operation == "PutItem"]
    return writes[1:]


ATTACK = Attack(
    name="repeated_operation",
    summary="repeats one write twenty times and then fails",
    places={"airline": Place("ReserveBooking", _reserve_again_and_again, _locate)},
)
