"""Words for what a function did."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from coldtrail.alerts.showing.plain import short
from coldtrail.features.vocabulary import is_end
from coldtrail.records.finding import StepKey

_TIMES = "\N{MULTIPLICATION SIGN}"
_TIMES = "\N{MULTIPLICATION SIGN}"
_WEB = "web address"
_NOUNS = {
    "s3": "S3 bucket",
    "dynamodb": "DynamoDB table",
    "sqs": "SQS queue",
    "sns": "SNS topic",
    "kinesis": "Kinesis stream",
    "firehose": "Firehose stream",
    "eventbridge": "event bus",
    "lambda": "Lambda function",
    "stepfunctions": "state machine",
    "secretsmanager": "secret",
    "ssm": "parameter",
    "kms": "key",
    "sts": "role",
    "remote": _WEB,
    "http": _WEB,
}
_DEEDS = (
    (
        (
            "put",
            "post",
            "update",
            "batchwrite",
            "transactwrite",
            "create",
            "upload",
            "copy",
            "write",
            "insert",
        ),
        "wrote to",
    ),
    (("delete", "remove", "purge"), "deleted from"),
    (
        ("get", "batchget", "query", "scan", "list", "head", "describe", "read", "select", "transactget"),
        "read from",
    ),
    (("publish", "send"), "sent to"),
    (("receive",), "received from"),
    (("invoke",), "invoked"),
    (("start", "run", "execute"), "started"),
    (("assume",), "assumed"),
    (("decrypt", "encrypt"), "used"),
)
THE_END = "the end of the run"
NO_ONE = "nobody on record"


def step(event_name: str, target: str | None) -> str:
    """A step by its name and what it was done to: `PutObject on booking-public`."""
    name = short(event_name) or "a step without a name"
    return f"{name} on {short(target)}" if target else name


def deed(event_name: str, event_type: str, target: str | None) -> str:
    """What was done, as a verb and its object: `wrote to S3 bucket booking-public`."""
    if not target:
        return f"called {step(event_name, None)}"
    noun = _NOUNS.get(event_type.rpartition("::")[2].casefold(), "")
    verb = "called" if noun == _WEB else _verb(event_name)
    thing = f"{noun} {short(target)}" if noun else short(target)
    return f"{verb} {thing}" if verb else f"called {short(event_name)} on {thing}"


def event_words(name: str, kind: str, target: str | None) -> str:
    """An event in words: `PutItem on DynamoDB Booking`, `Invocation`, `POST to api.payments.example`."""
    if kind in ("lifecycle", "function"):
        return name
    if kind == "remote":
        return f"{name} to {target}" if target else name
    return f"{name} on {kind} {target}" if target else f"{kind} {name}".strip()


def collapsed(names: Iterable[str]) -> list[str]:
    """The names, each row of equal ones told once, with how often."""
    return [repeated(name, sum(1 for _ in row)) for name, row in groupby(names)]


def repeated(name: str, times: int) -> str:
    """The name with how often it came, where that is more than once."""
    return f"{name} {_TIMES}{times:,}" if times > 1 else name


def step_words(step: StepKey | None) -> str:
    """A step in words, as `event_words`; a resource by its type and name."""
    if step is None or is_end(step.action, step.type):
        return THE_END
    if not step.action and step.target is not None:
        return f"{step.type} {step.target}"
    return event_words(step.action, step.type, step.target)


def _verb(event_name: str) -> str:
    name = event_name.casefold()
    return next((verb for starts, verb in _DEEDS if name.startswith(starts)), "")
