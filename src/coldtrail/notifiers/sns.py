"""Amazon SNS: JSON for programs, text for mail, the title for phones.

Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html (256 KB with attributes, a subject of 100
ASCII characters)
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from coldtrail.errors import ConfigError
from coldtrail.notifiers.aws import AwsSettings, Caller, region_of
from coldtrail.notifiers.bounds import as_json, bounded, fitted
from coldtrail.notifiers.document import document
from coldtrail.notifiers.text import text_of
from coldtrail.records.delivery import Message
from coldtrail.records.intake import Permission

_MOST_BYTES = 200_000
_LONGEST_SUBJECT = 100


class SnsSettings(AwsSettings, frozen=True, kw_only=True):
    """`[[notify]] kind = "sns"`"""

    topic_arn: str
    """Of the topic that it is published to."""


class SnsNotifier:
    """Publishes each message; a FIFO topic gets them in order, each once."""

    Settings: ClassVar[type[SnsSettings]] = SnsSettings
    digests: ClassVar[bool] = True

    def __init__(self, settings: SnsSettings, environment: Mapping[str, str]) -> None:
        region = region_of(settings.topic_arn)
        if not region:
            raise ConfigError(f"topic_arn: {settings.topic_arn!r} is no ARN of a topic.")
        self._topic = settings.topic_arn
        self._caller = Caller(settings, environment, "SNS", region)

    def send(self, message: Message) -> None:
        """Publishes the message."""
        told = bounded(message)
        body = fitted(_body, told, _MOST_BYTES)
        given: dict[str, Any] = {
            "TopicArn": self._topic,
            "Subject": _subject(told),
            "Message": body.decode(),
            "MessageStructure": "json",
            "MessageAttributes": _attributes(told),
        }
        if self._topic.endswith(".fifo"):
            given["MessageGroupId"] = hashlib.sha256(told.dedup_key.encode()).hexdigest()
            given["MessageDeduplicationId"] = hashlib.sha256(body).hexdigest()
        self._caller.call("sns", "publish", **given)

    def needs(self) -> Sequence[Permission]:
        """To publish to the topic."""
        return [*self._caller.needs(), Permission(("sns:Publish",), (self._topic,), "to tell alerts")]


def _body(message: Message) -> bytes:
    plain = document(message).decode()
    return as_json({"default": plain, "email": text_of(message), "sms": message.title})


def _subject(message: Message) -> str:
    subject = f"{message.severity.upper()}: {message.title}".encode("ascii", "replace").decode()
    return subject[:_LONGEST_SUBJECT]


def _attributes(message: Message) -> dict[str, Any]:
    named = {
        "what": message.what,
        "severity": message.severity,
        "dedup_key": message.dedup_key,
        "account": message.account,
        "function": message.function,
    }
    return {
        name: {"DataType": "String", "StringValue": json.dumps(value)[1:-1]}
        for name, value in named.items()
        if value
    }
