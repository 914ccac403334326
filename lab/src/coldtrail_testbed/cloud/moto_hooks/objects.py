"""S3: what a bucket tells functions about its objects."""

from collections.abc import Callable
from typing import Any

import moto.s3.notifications as moto_notifications

from coldtrail_testbed.cloud.event_bodies import ObjectChange
from coldtrail_testbed.cloud.identifiers import function_of
from coldtrail_testbed.cloud.moto_hooks.events import CloudEvents
from coldtrail_testbed.cloud.moto_hooks.replacing import Replace


def install(replace: Replace, events: CloudEvents) -> None:
    """None; buckets tell `events` about the objects that match their notifications."""
    replace(moto_notifications, "send_event", _notify(events))


def _notify(events: CloudEvents) -> Callable[..., None]:
    """Moto's events of S3 lack who wrote and when, and it hides their failures: take only its filters."""

    def send_event(_account: str, name: str, bucket: Any, key: Any) -> None:
        configuration = bucket.notification_configuration
        for notification in configuration.cloud_function if configuration else ():
            if notification.matches(name, key.name):
                kind, etag = name.removeprefix("s3:"), key.etag.strip('"')
                change = ObjectChange(kind, notification.id, bucket.name, key.name, key.size, etag)
                events.object_changed(function_of(notification.arn), change)

    return send_event
