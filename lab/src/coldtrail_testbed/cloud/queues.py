"""Queues that wake functions: Lambda's pollers take messages in batches and invoke the function with them."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from coldtrail_testbed.cloud.event_bodies import queue_record
from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.lambda_service import LambdaService
from coldtrail_testbed.cloud.tracing import TraceContext

# SQS's default visibility timeout; the testbed's queues have no redrive policy, so ours is the last word.
_VISIBLE_AGAIN_S = 30.0
_MOST_RECEIVES = 3


@dataclass
class QueueMessage:
    """A message taken from a queue; `sent` in UTC epoch seconds, `attributes` as SQS stores them."""

    id: str
    body: str
    md5: str
    sent: float
    attributes: Mapping[str, Any]
    trace_header: str | None
    receives: int = 0
    first_receive: float = 0.0


Take = Callable[[str, int], Sequence[QueueMessage]]


class QueuePollers:
    """The event source mappings of Lambda; `take` removes at most so many messages from a queue.

    A function that a queue wakes has a trace of its own: X-Ray only links it to the senders' traces (X-Ray
    developer guide, "Tracing event-driven applications"). The link itself is not written here.
    """

    def __init__(self, foundation: Foundation, lambdas: LambdaService, take: Take) -> None:
        self._base = foundation
        self._lambdas = lambdas
        self._take = take

    def message_queued(self, queue: str, function: str, batch_size: int) -> None:
        """None; a poller of `function` will look into `queue` in a moment."""
        moment = self._base.clock.now() + self._base.latency.delivery("sqs")
        self._base.agenda.add(moment, partial(self._poll, queue, function, batch_size))

    def _poll(self, queue: str, function: str, batch_size: int) -> None:
        messages = self._take(queue, batch_size)
        if messages:
            self._invoke(queue, function, messages)

    def _invoke(self, queue: str, function: str, messages: Sequence[QueueMessage]) -> None:
        now = self._base.clock.now()
        for message in messages:
            message.receives += 1
            message.first_receive = message.first_receive or now
        event = {"Records": [self._record(queue, message) for message in messages]}
        context = TraceContext(self._base.identifiers.trace(now))
        outcome, _ = self._lambdas.invoke(function, json.dumps(event).encode(), context, "sqs")
        if outcome.failed and messages[0].receives < _MOST_RECEIVES:
            again = partial(self._invoke, queue, function, messages)
            self._base.agenda.add(now + _VISIBLE_AGAIN_S, again)

    def _record(self, queue: str, message: QueueMessage) -> dict[str, Any]:
        attributes = {
            "ApproximateReceiveCount": str(message.receives),
            **({"AWSTraceHeader": message.trace_header} if message.trace_header else {}),
            "SentTimestamp": str(int(message.sent * 1000)),
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": str(int(message.first_receive * 1000)),
        }
        receipt = self._base.identifiers.extended(96)
        return queue_record(
            queue, message.id, receipt, message.body, message.md5, attributes, message.attributes
        )
