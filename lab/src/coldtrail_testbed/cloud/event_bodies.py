"""The events that services send to functions, as AWS documents them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus

from coldtrail_testbed.cloud.identifiers import ACCOUNT, REGION, queue_arn

_OWNER = "A3NL1KOZZKExample"


@dataclass(frozen=True)
class ObjectChange:
    """Something that happened to an object; `name` such as `ObjectCreated:Put`, `size` in bytes."""

    name: str
    configuration: str
    bucket: str
    key: str
    size: int
    etag: str


@dataclass(frozen=True)
class Request:
    """The request that changed an object: who made it, from where, and S3's two ids of it."""

    principal: str
    address: str
    id: str
    extended_id: str


@dataclass(frozen=True)
class TopicMessage:
    """A message that a topic has for one of its subscriptions."""

    topic_arn: str
    subscription_arn: str
    id: str
    text: str
    subject: str | None
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class BusEvent:
    """An event on the default event bus; `resources` are ARNs."""

    id: str
    source: str
    detail_type: str
    resources: Sequence[str]
    detail: Mapping[str, Any]


def object_event(change: ObjectChange, request: Request, time: float) -> dict[str, Any]:
    """The event of one changed object (S3 user guide, "Event message structure", version 2.1)."""
    bucket = {
        "name": change.bucket,
        "ownerIdentity": {"principalId": _OWNER},
        "arn": f"arn:aws:s3:::{change.bucket}",
    }
    stored = {
        "key": quote_plus(change.key, safe="/"),
        "size": change.size,
        "eTag": change.etag,
        "sequencer": sequencer(time),
    }
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": REGION,
                "eventTime": iso_time(time),
                "eventName": change.name,
                "userIdentity": {"principalId": request.principal},
                "requestParameters": {"sourceIPAddress": request.address},
                "responseElements": {
                    "x-amz-request-id": request.id,
                    "x-amz-id-2": request.extended_id,
                },
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "configurationId": change.configuration,
                    "bucket": bucket,
                    "object": stored,
                },
            }
        ]
    }


def sequencer(time: float) -> str:
    """Eighteen hexadecimal digits that grow with `time`, as S3 orders the changes of one key."""
    seconds, fraction = divmod(time, 1)
    return f"{int(seconds):010X}{int(fraction * 2**32):08X}"


def iso_time(time: float) -> str:
    """`time` in UTC with milliseconds, such as 2026-01-01T06:00:00.000Z."""
    moment = datetime.fromtimestamp(time, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def topic_event(message: TopicMessage, time: float) -> dict[str, Any]:
    """The event that SNS sends to a function (Lambda developer guide, "Using Lambda with Amazon SNS")."""
    host = f"https://sns.{REGION}.amazonaws.com"
    body = {
        "SignatureVersion": "1",
        "Timestamp": iso_time(time),
        "Signature": "EXAMPLE",
        "SigningCertUrl": f"{host}/SimpleNotificationService-ac565b8b1a6c5d002d285f9598aa1d9b.pem",
        "MessageId": message.id,
        "Message": message.text,
        "MessageAttributes": message.attributes,
        "Type": "Notification",
        "UnsubscribeUrl": f"{host}/?Action=Unsubscribe&SubscriptionArn={message.subscription_arn}",
        "TopicArn": message.topic_arn,
        "Subject": message.subject,
    }
    record = {
        "EventVersion": "1.0",
        "EventSubscriptionArn": message.subscription_arn,
        "EventSource": "aws:sns",
    }
    return {"Records": [{**record, "Sns": body}]}


def bus_event(event: BusEvent, time: float) -> dict[str, Any]:
    """What EventBridge sends to a target (EventBridge user guide, "Event structure reference")."""
    moment = datetime.fromtimestamp(time, UTC)
    return {
        "version": "0",
        "id": event.id,
        "detail-type": event.detail_type,
        "source": event.source,
        "account": ACCOUNT,
        "time": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "region": REGION,
        "resources": list(event.resources),
        "detail": dict(event.detail),
    }


def topic_notification(message: TopicMessage, time: float) -> str:
    """The body under which SNS sends a message to a queue (its developer guide, "Message formats")."""
    [record] = topic_event(message, time)["Records"]
    names = {"SigningCertUrl": "SigningCertURL", "UnsubscribeUrl": "UnsubscribeURL"}
    body = {names.get(name, name): value for name, value in record["Sns"].items()}
    return json.dumps({name: value for name, value in body.items() if value is not None and value != {}})


def queue_record(
    queue: str,
    identifier: str,
    receipt: str,
    body: str,
    md5: str,
    attributes: Mapping[str, str],
    message_attributes: Mapping[str, Any],
) -> dict[str, Any]:
    """One record of the event that a queue wakes a function with (Lambda developer guide, "Amazon SQS")."""
    return {
        "messageId": identifier,
        "receiptHandle": receipt,
        "body": body,
        "attributes": dict(attributes),
        "messageAttributes": {
            name: {
                "stringValue": value.get("StringValue", value.get("string_value")),
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": value.get("DataType", value.get("data_type")),
            }
            for name, value in message_attributes.items()
        },
        "md5OfBody": md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn(queue),
        "awsRegion": REGION,
    }
