"""Amazon EventBridge: each message as an event of source `coldtrail`.

Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from coldtrail.notifiers.aws import AwsSettings, Caller, region_of
from coldtrail.notifiers.bounds import bounded, fitted, moment_of
from coldtrail.notifiers.document import document
from coldtrail.records.delivery import Message
from coldtrail.records.intake import Permission

_MOST_BYTES = 200_000
_DETAIL_TYPES = {
    "trigger": "Coldtrail Alert",
    "update": "Coldtrail Alert Update",
    "resolve": "Coldtrail Alert Resolved",
    "digest": "Coldtrail Digest",
}


class EventBridgeSettings(AwsSettings, frozen=True, kw_only=True):
    """`[[notify]] kind = "eventbridge"`"""

    event_bus: str = "default"
    """Name or ARN of the bus."""


class EventBridgeNotifier:
    """Puts each message as one event."""

    Settings: ClassVar[type[EventBridgeSettings]] = EventBridgeSettings
    digests: ClassVar[bool] = True

    def __init__(self, settings: EventBridgeSettings, environment: Mapping[str, str]) -> None:
        self._bus = settings.event_bus
        self._caller = Caller(settings, environment, "EventBridge", region_of(settings.event_bus))

    def send(self, message: Message) -> None:
        """Puts the event."""
        told = bounded(message)
        entry: dict[str, Any] = {
            "Source": "coldtrail",
            "DetailType": _DETAIL_TYPES[told.what],
            "Detail": fitted(document, told, _MOST_BYTES).decode(),
            "EventBusName": self._bus,
            "Time": moment_of(told.at),
        }
        answer = self._caller.call("events", "put_events", Entries=[entry])
        if answer.get("FailedEntryCount"):
            raise self._caller.refused(str(answer["Entries"][0].get("ErrorCode", "")))

    def needs(self) -> Sequence[Permission]:
        """To put events on the bus."""
        arn = self._bus
        if not arn.startswith("arn:"):
            arn = f"arn:{self._caller.partition}:events:{self._caller.region}:*:event-bus/{arn}"
        return [*self._caller.needs(), Permission(("events:PutEvents",), (arn,), "to tell alerts")]
