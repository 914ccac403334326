"""What `doctor` asks of an account, and no source: how much waits in a queue, which functions are traced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from coldtrail.sources.aws.account import Account
from coldtrail.sources.aws.lent import parts_of
from coldtrail.sources.aws.refusals import asking
from coldtrail.sources.context import SourceContext

MOST_FUNCTIONS = 2_000


class Depth(NamedTuple):
    """How much waits in a queue."""

    waiting: int
    may_receive: bool | None
    """None where it was not tried: it would count as an attempt for the messages that wait."""


class TracedFunction(NamedTuple):
    """A function of an account, and whether X-Ray traces it."""

    name: str
    is_traced: bool


def queue_depth(settings: Any, context: SourceContext) -> Depth:
    """How much waits in the queue that a source reads; raises `SourceError` where it may not be read."""
    account = Account(context.name, settings, context.environment, region=parts_of(settings.queue)[0])
    _, number, queue = parts_of(settings.queue)
    arn = account.arn("sqs", queue, account=number)
    try:
        with asking(context.name, "sqs:GetQueueAttributes", arn):
            answer = account.client("sqs").get_queue_attributes(
                QueueUrl=settings.queue, AttributeNames=["ApproximateNumberOfMessages"]
            )
        waiting = int(answer.get("Attributes", {}).get("ApproximateNumberOfMessages", 0))
        if waiting:
            return Depth(waiting, None)
        with asking(context.name, "sqs:ReceiveMessage", arn):
            account.client("sqs").receive_message(
                QueueUrl=settings.queue, MaxNumberOfMessages=1, VisibilityTimeout=0, WaitTimeSeconds=0
            )
        return Depth(0, True)
    finally:
        account.close()


def functions_of(settings: Any, context: SourceContext) -> list[TracedFunction]:
    """The functions of the account and region that a source reads; raises `SourceError`."""
    account = Account(context.name, settings, context.environment)
    try:
        with asking(context.name, "lambda:ListFunctions", "*"):
            return list(_listed(account.client("lambda")))
    finally:
        account.close()


def _listed(client: Any) -> Iterator[TracedFunction]:
    asked: dict[str, str] = {}
    given = 0
    while given < MOST_FUNCTIONS:
        page = client.list_functions(**asked)
        for one in page.get("Functions", ()):
            given += 1
            mode = one.get("TracingConfig", {}).get("Mode", "PassThrough")
            yield TracedFunction(one["FunctionName"], mode == "Active")
        if not page.get("NextMarker"):
            return
        asked["Marker"] = page["NextMarker"]
