"""What roles allow, and the refusal of a call that goes beyond it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from coldtrail_testbed.applications.model import Application, Grant
from coldtrail_testbed.cloud.answers import error_answer
from coldtrail_testbed.cloud.http_server import HttpResponse
from coldtrail_testbed.cloud.identifiers import STATE_MACHINE, Identifiers, session_arn
from coldtrail_testbed.cloud.operations import Operation

# Where an operation's permission has another name (Service Authorization Reference, one page a service).
_ACTIONS = {
    "s3:HeadObject": "s3:GetObject",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:CopyObject": "s3:PutObject",
    "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:UploadPart": "s3:PutObject",
    "s3:UploadPartCopy": "s3:PutObject",
    "s3:CompleteMultipartUpload": "s3:PutObject",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:PutBucketNotificationConfiguration": "s3:PutBucketNotification",
    "s3:GetBucketNotificationConfiguration": "s3:GetBucketNotification",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "lambda:Invoke": "lambda:InvokeFunction",
    "lambda:InvokeAsync": "lambda:InvokeFunction",
}
_COPIES = ("CopyObject", "UploadPartCopy")
# Tracing and logs are in every role here; who one is may always be asked (STS API reference).
_ALWAYS_ALLOWED = ("xray", "logs")
_NEEDS_NO_PERMISSION = "sts:GetCallerIdentity"
_JSON_STATUS = 400
_STATUS = 403


@dataclass(frozen=True)
class Demand:
    """What one call needs: an action on a resource, `*` where it names none."""

    action: str
    resource: str


class Permissions:
    """The grants of each role; one to which none were given may trace and log, and nothing else."""

    def __init__(self) -> None:
        self._roles: dict[str, dict[str, list[re.Pattern[str]]]] = {}

    def give(self, role: str, grants: Sequence[Grant]) -> None:
        """None; `role` (a function's or a state machine's name) may do so much more."""
        for grant in grants:
            actions = self._roles.setdefault(role, {})
            for action in grant.actions:
                actions.setdefault(action.lower(), []).append(_pattern(grant.resource))

    def missing(self, role: str, operation: Operation) -> Demand | None:
        """The first demand of `operation` that `role` does not meet; None when it is allowed."""
        if operation.service in _ALWAYS_ALLOWED:
            return None
        granted = self._roles.get(role, {})
        return next((demand for demand in demands(operation) if not _allows(granted, demand)), None)


def give_all(permissions: Permissions, application: Application) -> None:
    """None; `permissions` hold the grants of all functions and state machines of `application`."""
    for function in (*application.functions, *application.later):
        permissions.give(function.name, function.grants)
    for machine in application.state_machines:
        permissions.give(machine_role(machine.name), machine.grants)


def machine_role(machine: str) -> str:
    """The role of a state machine, told by its name or its ARN: never that of a function of the same name."""
    return machine.rsplit(":", 1)[-1] + STATE_MACHINE


def action_of(service: str, operation: str) -> str:
    """The action that a policy must allow for an operation: `s3:ListAllMyBuckets` for S3's ListBuckets."""
    called = f"{service}:{operation}"
    return _ACTIONS.get(called, called)


def demands(operation: Operation) -> Iterator[Demand]:
    """All that a caller of `operation` must be allowed."""
    action = action_of(operation.service, operation.name)
    if action == _NEEDS_NO_PERMISSION:
        return
    if operation.service == "dynamodb":
        index = operation.parameters.get("indexName")
        suffix = f"/index/{index}" if index else ""
        for table in operation.resources or ("*",):
            yield Demand(action, table + suffix)
        return
    yield Demand(action, operation.resources[0] if operation.resources else "*")
    if operation.service == "s3" and operation.name in _COPIES:
        yield Demand("s3:GetObject", operation.resources[-1])


def refusal(operation: Operation, role: str, demand: Demand, identifiers: Identifiers) -> HttpResponse:
    """The error with which the service answers `role`, which lacks `demand`, in its own form."""
    message = (
        f"User: {session_arn(role)} is not authorized to perform: {demand.action} on resource: "
        f"{demand.resource} because no identity-based policy allows the {demand.action} action"
    )
    status, code = _refusal_kind(operation)
    return error_answer(operation, status, code, message, identifiers)


def _refusal_kind(operation: Operation) -> tuple[int, str]:
    """Status and code of a refusal (each API's common errors)."""
    if operation.service == "sns":
        return _STATUS, "AuthorizationError"
    if operation.style in ("query", "rest-xml") or operation.service == "sqs":
        return _STATUS, "AccessDenied"
    return _JSON_STATUS if operation.style == "json" else _STATUS, "AccessDeniedException"


def _allows(granted: dict[str, list[re.Pattern[str]]], demand: Demand) -> bool:
    action = demand.action.lower()
    service = action.partition(":")[0]
    for name in (action, f"{service}:*", "*"):
        if any(pattern.fullmatch(demand.resource) for pattern in granted.get(name, ())):
            return True
    return False


@lru_cache(maxsize=1024)
def _pattern(resource: str) -> re.Pattern[str]:
    """The pattern of a policy's resource: `*` stands for any characters, `?` for one."""
    text = re.escape(resource).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(text, re.DOTALL)
