"""Data leakage: the data are read again after the normal work and copied to a public bucket."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from coldtrail_testbed.applications.model import Grant
from coldtrail_testbed.attacks.model import Attack, Handler, Place
from coldtrail_testbed.cloud.identifiers import bucket_arn
from coldtrail_testbed.flows import Flow

_AIRLINE_BUCKET = "public-airline-assets"
_VOD_BUCKET = "vod-destination"


def leak_booking(ordinary: Handler, event: Any, context: Any) -> Any:
    """What the ordinary handler returns; the booking is in the public bucket, too."""
    from coldtrail_testbed.applications.airline.handlers import confirm_booking

    result = ordinary(event, context)
    booking_id = event["bookingId"]
    confirm_booking.confirm(booking_id, result["bookingReference"])
    _publish(_AIRLINE_BUCKET, booking_id, confirm_booking.read_booking(booking_id))
    return result


def leak_asset(ordinary: Handler, event: Any, context: Any) -> Any:
    """What the ordinary handler returns; the asset's record is in the public bucket, too."""
    from coldtrail_testbed.applications.vod.handlers import profiler

    result = ordinary(event, context)
    _publish(_VOD_BUCKET, event["guid"], profiler.read_asset(event["guid"]))
    return result


def _publish(bucket: str, key: str, data: Any) -> None:
    _s3().put_object(Bucket=bucket, Key=f"{key}.json", Body=json.dumps(data, default=str).encode())


@cache
def _s3() -> Any:
    import boto3

    return boto3.client("s3")


def last_calls(count: int) -> Callable[[Flow], list[str]]:
    """A way to find the leak: the last `count` calls, the last of which is the PutObject."""

    def locate(flow: Flow) -> list[str]:
        if not any(call.operation == "PutObject" for call in flow.calls):
            return []
        return [call.event_id for call in flow.calls[-count:]]

    return locate


AIRLINE = Place(
    "ConfirmBooking",
    leak_booking,
    last_calls(3),
    grants=[Grant(("s3:PutObject",), f"{bucket_arn(_AIRLINE_BUCKET)}/*")],
)
VOD = Place(
    "profiler",
    leak_asset,
    last_calls(2),
    grants=[Grant(("s3:PutObject",), f"{bucket_arn(_VOD_BUCKET)}/*")],
)
ATTACK = Attack(
    name="data_leakage",
    summary="reads the data again and writes it to a public bucket",
    places={"airline": AIRLINE, "vod": VOD},
)
