"""What started a run, as its own span tells it: `AWS::SQS orders`, `http /orders/{id}`, `timer`.

Where a platform's record of the caller is in the trace, that says more; so what is only known to be a request
or a message, but not by whom, is left out on Lambda, where the trace leads on.
"""

from __future__ import annotations

from coldtrail.formats.otel import attributes as known
from coldtrail.formats.otel.attributes import Attributes, first
from coldtrail.formats.otel.owners import Owner
from coldtrail.formats.services import host_of
from coldtrail.records.flow import ASYNCHRONOUS, SYNCHRONOUS, InvocationType

_QUEUES = {
    "aws_sqs": "AWS::SQS",
    "aws.sqs": "AWS::SQS",
    "amazonsqs": "AWS::SQS",
    "sqs": "AWS::SQS",
    "aws_sns": "AWS::SNS",
    "aws.sns": "AWS::SNS",
    "amazonsns": "AWS::SNS",
    "sns": "AWS::SNS",
    "aws.kinesis": "AWS::Kinesis",
    "kafka": "Kafka",
    "rabbitmq": "RabbitMQ",
    "servicebus": "Service Bus",
    "eventhubs": "Event Hubs",
    "gcp_pubsub": "Pub/Sub",
}
_DESTINATIONS = (*known.DESTINATION, *known.TARGETS["SQS"], *known.TARGETS["SNS"])
_HOSTS = {"execute-api": "AWS::ApiGateway::Stage", "lambda-url": "AWS::Lambda::Url"}
_COARSE = frozenset(("http", "pubsub", "other", "datasource", "timer"))
"""The conventions' own kinds, which a trace through Lambda tells more exactly."""
_TYPES: dict[str, InvocationType] = {"http": SYNCHRONOUS, "timer": ASYNCHRONOUS}


def trigger_of(told: Attributes, owner: Owner, is_root: bool) -> str | None:
    """What started the run, as its span says; None where it says nothing that others could not say better."""
    queue = _queue(told)
    if queue is not None:
        return queue
    kind = first(known.TRIGGER, told)
    if kind == "http" or (kind is None and first(known.METHOD, told) is not None):
        return _request(told, owner) if is_root else None
    if kind is None or (owner.is_lambda and kind in _COARSE):
        return None
    source = first((*known.DESTINATION, *known.TRIGGER_RESOURCE), told)
    return f"{kind} {source}" if source else kind


def invocation_type_by(told: Attributes) -> InvocationType | None:
    """Whether somebody waits for the answer: of a request, but not of a timer. Messages may be taken off a
    queue by a poller, which waits, or left by a topic, which does not."""
    return _TYPES.get(first(known.TRIGGER, told) or "")


def _queue(told: Attributes) -> str | None:
    system = first(known.MESSAGING_SYSTEM, told)
    destination = first(_DESTINATIONS, told)
    if system is None or destination is None:
        return None
    system = system.casefold()
    kind = _QUEUES.get(system, system)
    if kind.startswith("AWS::"):
        destination = destination.rstrip("/").rpartition("/")[2].rpartition(":")[2]
    return f"{kind} {destination}"


def _request(told: Attributes, owner: Owner) -> str | None:
    host = first(known.URL, told) or first(known.OWN_HOST, told)
    if host is not None:
        own, _, rest = host_of(host).partition(".")
        kind = _HOSTS.get(rest.partition(".")[0]) if rest.endswith((".amazonaws.com", ".on.aws")) else None
        if kind is not None:
            return f"{kind} {own}"
    if owner.is_lambda:
        return None
    route = first(known.ROUTE, told)
    shown = route or (None if host is None else host_of(host))
    return "http" if shown is None else f"http {shown}"
