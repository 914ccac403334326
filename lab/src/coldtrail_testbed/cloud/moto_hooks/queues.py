"""SQS: messages that wait for the pollers of functions."""

from collections.abc import Callable
from typing import Any

from moto.sqs.models import Queue, sqs_backends

from coldtrail_testbed.cloud.identifiers import ACCOUNT, REGION, function_of
from coldtrail_testbed.cloud.moto_hooks.events import CloudEvents
from coldtrail_testbed.cloud.moto_hooks.replacing import Replace
from coldtrail_testbed.cloud.queues import QueueMessage


def install(replace: Replace, events: CloudEvents) -> None:
    """None; queues tell `events` of their messages."""
    replace(Queue, "add_message", _queue(events, Queue.add_message))


def take_messages(queue: str, limit: int) -> list[QueueMessage]:
    """The oldest messages of `queue`, which holds them no longer."""
    held = sqs_backends[ACCOUNT][REGION].queues[queue]._messages
    taken, held[:limit] = held[:limit], []
    return [
        QueueMessage(
            id=message.id,
            body=message.body,
            md5=message.body_md5,
            sent=(message.sent_timestamp or 0) / 1000,
            attributes=message.message_attributes,
            trace_header=message.system_attributes.get("AWSTraceHeader", {}).get("StringValue"),
        )
        for message in taken
    ]


def _queue(events: CloudEvents, original: Callable[..., None]) -> Callable[..., None]:
    """Moto invokes the functions of a queue inside SendMessage, with made-up records: let pollers do it."""

    def add_message(queue: Any, message: Any) -> None:
        header = events.trace_header()
        if header:
            value = {"DataType": "String", "StringValue": header}
            message.system_attributes = {"AWSTraceHeader": value, **(message.system_attributes or {})}
        mappings, queue.lambda_event_source_mappings = queue.lambda_event_source_mappings, {}
        try:
            original(queue, message)
        finally:
            queue.lambda_event_source_mappings = mappings
        for arn, mapping in mappings.items():
            events.message_queued(queue.name, function_of(arn), mapping.batch_size)

    return add_message
