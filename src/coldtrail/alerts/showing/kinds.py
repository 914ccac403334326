"""Which names AWS allows for each kind of thing that a command may speak of.

A pattern may allow less than AWS does (never more): what it leaves out becomes a placeholder.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Kind(NamedTuple):
    """A kind of thing with a name."""

    placeholder: str
    """Stands in a command where the name may not."""
    noun: str
    allowed: re.Pattern[str]
    """Of a whole name."""


_PART = "arn:aws(?:-[a-z]{1,4}){0,2}"
_WHERE = "[a-z0-9-]{1,32}:[0-9]{12}"
_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def _kind(placeholder: str, noun: str, *forms: str) -> Kind:
    return Kind(placeholder, noun, re.compile("|".join(f"(?:{form})" for form in forms), re.ASCII))


# Sources: the page of each call in the API reference of its service (docs.aws.amazon.com), as of late 2026.
KINDS = {
    # Lambda, CreateFunction: FunctionName; a qualifier may follow.
    "function": _kind(
        "FUNCTION_NAME",
        "the function's name",
        r"[A-Za-z0-9_-]{1,64}(?::(?:\$LATEST|[A-Za-z0-9_-]{1,128}))?",
        rf"{_PART}:lambda:{_WHERE}:function:[A-Za-z0-9_-]{{1,64}}(?::(?:\$LATEST|[A-Za-z0-9_-]{{1,128}}))?",
    ),
    # DynamoDB, CreateTable: TableName.
    "table": _kind(
        "TABLE_NAME",
        "the table's name",
        r"[A-Za-z0-9_.-]{3,255}",
        rf"{_PART}:dynamodb:{_WHERE}:table/[A-Za-z0-9_.-]{{3,255}}",
    ),
    # S3 User Guide, General purpose bucket naming rules.
    "bucket": _kind(
        "BUCKET_NAME",
        "the bucket's name",
        r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
        rf"{_PART}:s3:::[a-z0-9][a-z0-9.-]{{1,61}}[a-z0-9]",
    ),
    # SQS, CreateQueue: QueueName; SQS Developer Guide, Queue URLs.
    "queue": _kind(
        "QUEUE_NAME",
        "the queue's name",
        r"[A-Za-z0-9_-]{1,80}(?:\.fifo)?",
        rf"{_PART}:sqs:{_WHERE}:[A-Za-z0-9_-]{{1,80}}(?:\.fifo)?",
    ),
    "queue_url": _kind(
        "QUEUE_URL",
        "the queue's URL",
        r"https://sqs\.[a-z0-9-]{1,32}\.amazonaws\.com(?:\.cn)?/[0-9]{12}/[A-Za-z0-9_-]{1,80}(?:\.fifo)?",
    ),
    # SNS, CreateTopic: Name.
    "topic": _kind(
        "TOPIC_NAME",
        "the topic's name",
        r"[A-Za-z0-9_-]{1,256}(?:\.fifo)?",
        rf"{_PART}:sns:{_WHERE}:[A-Za-z0-9_-]{{1,256}}(?:\.fifo)?",
    ),
    # IAM, CreateRole: RoleName; STS, AssumeRole: RoleSessionName has the same characters.
    "role": _kind("ROLE_NAME", "the role's name", r"[\w+=,.@-]{1,64}"),
    # X-Ray Developer Guide, Trace ID format.
    "trace": _kind("TRACE_ID", "the trace's id", r"1-[0-9a-f]{8}-[0-9a-f]{24}"),
    # Lambda Developer Guide, Using the Lambda context object: the request id is a UUID.
    "request": _kind("REQUEST_ID", "the request's id", _UUID),
    # CloudTrail User Guide, Record contents: eventID is a GUID.
    "event": _kind("EVENT_ID", "the event's id", _UUID),
    # AWS General Reference, Regional endpoints: `eu-west-1`, `us-gov-east-1`, `us-isob-east-1`.
    "region": _kind("REGION", "the region", r"[a-z]{2,4}-(?:[a-z]{2,5}-)?[a-z]{4,9}-[0-9]{1,2}"),
    # CloudWatch Logs, CreateLogGroup: logGroupName.
    "log_group": _kind("LOG_GROUP", "the log group's name", r"[A-Za-z0-9_./#-]{1,512}"),
    # Step Functions, CreateStateMachine: name. AWS allows more; CloudWatch logs only take these.
    "state_machine": _kind(
        "STATE_MACHINE",
        "the state machine's name",
        r"[A-Za-z0-9_-]{1,80}",
        rf"{_PART}:states:{_WHERE}:stateMachine:[A-Za-z0-9_-]{{1,80}}",
    ),
    # Secrets Manager, CreateSecret: Name.
    "secret": _kind(
        "SECRET_NAME",
        "the secret's name",
        r"[A-Za-z0-9/_+=.@-]{1,512}",
        rf"{_PART}:secretsmanager:{_WHERE}:secret:[A-Za-z0-9/_+=.@-]{{1,512}}",
    ),
    # Systems Manager, PutParameter: Name.
    "parameter": _kind("PARAMETER_NAME", "the parameter's name", r"[A-Za-z0-9_./-]{1,1011}"),
    # Kinesis, CreateStream: StreamName; Firehose has the same.
    "stream": _kind(
        "STREAM_NAME",
        "the stream's name",
        r"[A-Za-z0-9_.-]{1,128}",
        rf"{_PART}:(?:kinesis|firehose):{_WHERE}:(?:stream|deliverystream)/[A-Za-z0-9_.-]{{1,128}}",
    ),
    # EventBridge, CreateEventBus: Name.
    "event_bus": _kind("EVENT_BUS", "the event bus's name", r"[/.\-_A-Za-z0-9]{1,256}"),
    # KMS, DescribeKey: KeyId; CreateAlias: AliasName.
    "key": _kind(
        "KEY_ID",
        "the key's id",
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        r"mrk-[0-9a-f]{32}",
        r"alias/[A-Za-z0-9/_-]{1,250}",
    ),
    # RFC 1123, section 2.1; a port may follow.
    "host": _kind("HOST_NAME", "the host's name", r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}(?::[0-9]{1,5})?"),
    # Names of API calls are those of Smithy shapes (smithy.io, Shape ID).
    "call": _kind("EVENT_NAME", "the call's name", r"[A-Za-z][A-Za-z0-9_]{0,127}"),
    # Of a service that is not listed here: what the kinds above have in common.
    "resource": _kind("RESOURCE_NAME", "the resource's name", r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}"),
}

_OF_SERVICE = {
    "dynamodb": "table",
    "s3": "bucket",
    "sqs": "queue",
    "sns": "topic",
    "lambda": "function",
    "kinesis": "stream",
    "firehose": "stream",
    "eventbridge": "event_bus",
    "stepfunctions": "state_machine",
    "secretsmanager": "secret",
    "ssm": "parameter",
    "kms": "key",
    "sts": "role",
    "logs": "log_group",
    "remote": "host",
    "http": "host",
}


def kind_of(event_type: str) -> str:
    """The kind of what calls of a service are about: `table` for `DynamoDB`."""
    return _OF_SERVICE.get(event_type.rpartition("::")[2].casefold(), "resource")
