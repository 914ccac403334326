"""Data leakage: the booking is read again after the normal work and copied to a public bucket."""

import json
from functools import cache
from typing import Any

from coldtrail_testbed.attacks.model import Attack, Handler, Place
from coldtrail_testbed.flows import Flow

_BUCKET = "public-airline-assets"


def _leak_booking(ordinary: Handler, event: Any, context: Any) -> Any:
    from coldtrail_testbed.applications.airline.handlers import confirm_booking

    result = ordinary(event, context)
    booking_id = event["bookingId"]
    confirm_booking.confirm(booking_id, result["bookingReference"])
    booking = confirm_booking.read_booking(booking_id)
    _s3().put_object(Bucket=_BUCKET, Key=f"{booking_id}.json", Body=json.dumps(booking, default=str).encode())
    return result


@cache
def _s3() -> Any:
    import boto3

    return boto3.client("s3")


def _locate(flow: Flow) -> list[str]:
    if not any(call.operation == "PutObject" for call in flow.calls):
        return []
    return [call.event_id for call in flow.calls[-3:]]


ATTACK = Attack(
    name="data_leakage",
    summary="reads the data again and writes it to a public bucket",
    places={"airline": Place("ConfirmBooking", _leak_booking, _locate)},
)
