"""Messages of a queue: what S3 and CloudTrail tell of new objects, straight, through SNS or EventBridge, and
what these put around telemetry.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/configure-cloudtrail-to-send-notifications.html
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote_plus

import msgspec
from msgspec import Raw, Struct, field

from coldtrail.sources.aws.objects import ObjectName

_DEEPEST = 3
_CREATED = "ObjectCreated:"
_CREATED_EVENT = "Object Created"
_BY_CLOUDTRAIL = " via CloudTrail"
_BROKEN = (msgspec.DecodeError, RecursionError)


class Told(NamedTuple):
    """What a message tells."""

    objects: list[ObjectName]
    is_notification: bool
    """Whether it is one at all, though it may tell of nothing new."""


class _Wrapped(Struct):
    kind: str | None = field(name="Type", default=None)
    message: str | None = field(name="Message", default=None)


class _Named(Struct, frozen=True):
    name: str = ""
    key: str = ""


class _S3(Struct, frozen=True):
    bucket: _Named = _Named()
    object: _Named = _Named()


class _Record(Struct, frozen=True):
    event: str = field(name="eventName", default="")
    s3: _S3 = _S3()


class _Message(Struct):
    records: list[_Record] | None = field(name="Records", default=None)
    test: str | None = field(name="Event", default=None)
    detail_type: str | None = field(name="detail-type", default=None)
    detail: _S3 | None = None
    trail_bucket: str | None = field(name="s3Bucket", default=None)
    trail_keys: list[str] | None = field(name="s3ObjectKey", default=None)


class _Event(Struct):
    kind: str = field(name="detail-type")
    detail: Raw


_decode_event = msgspec.json.Decoder(_Event).decode
_decode_wrapped = msgspec.json.Decoder(_Wrapped).decode
_decode = msgspec.json.Decoder(_Message).decode


def unwrapped(body: str) -> str:
    """What SNS put into a message, or the message itself."""
    for _ in range(_DEEPEST):
        if '"Notification"' not in body:
            return body
        try:
            wrapped = _decode_wrapped(body)
        except _BROKEN:
            return body
        if wrapped.kind != "Notification" or wrapped.message is None:
            return body
        body = wrapped.message
    return body


def telemetry_in(body: str) -> bytes:
    """What a message is about, without what SNS and EventBridge put around it: calls that CloudTrail recorded
    come through EventBridge within seconds.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
    """
    body = unwrapped(body)
    if _BY_CLOUDTRAIL not in body:
        return body.encode("utf-8", "replace")
    try:
        event = _decode_event(body)
    except _BROKEN:
        return body.encode("utf-8", "replace")
    return bytes(event.detail) if event.kind.endswith(_BY_CLOUDTRAIL) else body.encode("utf-8", "replace")


def told_by(body: str) -> Told:
    """The objects that a message tells of."""
    try:
        message = _decode(unwrapped(body))
    except _BROKEN:
        return Told([], False)
    if message.records is not None:
        # Here, and only here, keys are written as in an address.
        objects = [
            ObjectName(record.s3.bucket.name, unquote_plus(record.s3.object.key))
            for record in message.records
            if record.event.removeprefix("s3:").startswith(_CREATED)
        ]
        return Told([one for one in objects if one.bucket and one.key], True)
    if message.detail is not None and message.detail_type is not None:
        one = ObjectName(message.detail.bucket.name, message.detail.object.key)
        is_new = message.detail_type == _CREATED_EVENT and bool(one.bucket and one.key)
        return Told([one] if is_new else [], True)
    if message.trail_bucket and message.trail_keys is not None:
        return Told([ObjectName(message.trail_bucket, key) for key in message.trail_keys], True)
    return Told([], message.test == "s3:TestEvent")
