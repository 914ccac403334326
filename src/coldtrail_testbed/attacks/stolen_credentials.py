"""Stolen credentials: the credentials of the function's role are used from somewhere else."""

from collections.abc import Iterator
from random import Random

from coldtrail_testbed.attacks.locating import nothing
from coldtrail_testbed.attacks.model import Attack, Intruder, Intrusion

_PAUSE_S = (3.0, 45.0)
_SAME = "the function itself does nothing: only CloudTrail shows the calls, the address and the user agent"


def _look_around_as_confirm_booking(intruder: Intruder, generator: Random) -> Iterator[float]:
    role = "ConfirmBooking"
    intruder.call_as(role, "sts", "GetCallerIdentity")
    yield generator.uniform(*_PAUSE_S)
    intruder.call_as(role, "s3", "ListBuckets")
    yield generator.uniform(*_PAUSE_S)
    intruder.call_as(role, "dynamodb", "Scan", TableName="Booking")
    for number in range(10):
        key = {"id": {"S": f"guess-{number}"}}
        yield generator.uniform(*_PAUSE_S)
        intruder.call_as(role, "dynamodb", "GetItem", TableName="Booking", Key=key)


ATTACK = Attack(
    name="stolen_credentials",
    summary="has its role's credentials used from outside, seen in CloudTrail alone",
    places={
        "airline": Intrusion("ConfirmBooking", _look_around_as_confirm_booking, nothing, same_as_benign=_SAME)
    },
)
