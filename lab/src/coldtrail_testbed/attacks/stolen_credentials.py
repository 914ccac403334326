"""Stolen credentials: the credentials of the function's role are used from somewhere else."""

import json
from collections.abc import Iterator
from random import Random

from coldtrail_testbed.applications.model import Grant
from coldtrail_testbed.attacks.locating import nothing
from coldtrail_testbed.attacks.model import Attack, Intruder, Intrusion
from coldtrail_testbed.cloud.identifiers import bucket_arn

_PAUSE_S = (3.0, 45.0)
_FORGED_ENTRIES = 8
_MOST_VIDEOS = 12
_AUDIT_BUCKET, _SOURCE_BUCKET = "airline-payment-audit", "vod-source"
_SAME = "the function itself does nothing: only CloudTrail shows the calls, the address and the user agent"


def _forge_audit_entries(intruder: Intruder, generator: Random) -> Iterator[float]:
    role = "CapturePayment"
    intruder.call_as(role, "sts", "GetCallerIdentity")
    yield generator.uniform(*_PAUSE_S)
    for operation, parameters in (("ListBuckets", {}), ("ListObjectsV2", {"Bucket": _AUDIT_BUCKET})):
        intruder.call_as(role, "s3", operation, **parameters)
        yield generator.uniform(*_PAUSE_S)
    for _ in range(_FORGED_ENTRIES):
        charge = f"ch_{generator.getrandbits(128):032x}"
        entry = json.dumps({"chargeId": charge, "captured": True}).encode()
        key = f"captures/{charge}.json"
        intruder.call_as(role, "s3", "PutObject", Bucket=_AUDIT_BUCKET, Key=key, Body=entry)
        yield generator.uniform(*_PAUSE_S)


def _take_videos(intruder: Intruder, generator: Random) -> Iterator[float]:
    role = "mediainfo"
    intruder.call_as(role, "sts", "GetCallerIdentity")
    yield generator.uniform(*_PAUSE_S)
    intruder.call_as(role, "s3", "ListBuckets")
    yield generator.uniform(*_PAUSE_S)
    found = intruder.call_as(role, "s3", "ListObjectsV2", Bucket=_SOURCE_BUCKET, MaxKeys=_MOST_VIDEOS)
    for video in (found or {}).get("Contents", []):
        yield generator.uniform(*_PAUSE_S)
        intruder.call_as(role, "s3", "GetObject", Bucket=_SOURCE_BUCKET, Key=video["Key"])


ATTACK = Attack(
    name="stolen_credentials",
    summary="has its role's credentials used from outside, seen in CloudTrail alone",
    places={
        "airline": Intrusion("CapturePayment", _forge_audit_entries, nothing, same_as_benign=_SAME),
        "vod": Intrusion(
            "mediainfo",
            _take_videos,
            nothing,
            grants=[Grant(("s3:ListBucket",), bucket_arn(_SOURCE_BUCKET))],
            same_as_benign=_SAME,
        ),
    },
)
