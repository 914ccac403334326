"""What a call sends data to, whose that is, and which names are one host's."""

from __future__ import annotations

import re

from coldtrail.records.traits import TraitKind
from coldtrail.records.witnesses import ApiCall

REMOTE = "remote"
"""The type of steps that call a host."""
_KINDS: dict[str, TraitKind] = {"S3": "bucket", "SNS": "topic", "SQS": "queue", REMOTE: "host"}
_READS = ("Get", "List", "Describe", "Head", "Query", "Scan", "BatchGet", "Receive", "Select")
_OWNER = re.compile(r"(?:^arn:[a-z-]+:[a-z0-9-]*:[a-z0-9-]*:(\d{12}):)|(?:^https?://[^/]+/(\d{12})/)")
_OF_CLOUD = (".amazonaws.com", ".on.aws", ".amazonaws.com.cn")
_NOT_OUTSIDE = ("internal", "local", "arpa", "localhost")
_SECOND = frozenset(("co", "com", "org", "net", "ac", "gov", "edu", "or", "ne", "gob"))
LONG = 30
"""Letters before the domain, from which on a name may carry data."""


def kind_of(service: str) -> TraitKind:
    """What the targets of a service are."""
    return _KINDS.get(service, "resource")


def is_write(call: ApiCall) -> bool:
    """Whether a call moves data to its target, and not from it."""
    if call.read_only is not None:
        return not call.read_only
    return not call.operation.startswith(_READS)


def owner_of(target: str | None, told: str | None = None) -> str | None:
    """The account that a target belongs to, where the record or its name says."""
    if told or not target:
        return told
    found = _OWNER.match(target)
    return None if found is None else found[1] or found[2]


def domain_of(name: str) -> tuple[str, str] | None:
    """What somebody registered, and what stands before it; None for names that lead nowhere outside. Names of
    the cloud itself are taken whole: what stands before belongs to a customer (a bucket, an API)."""
    name = name.rstrip(".").casefold()
    labels = name.split(".")
    if len(labels) < 2 or labels[-1] in _NOT_OUTSIDE:
        return None
    if name.endswith(_OF_CLOUD):
        return name, ""
    number = 3 if len(labels[-1]) == 2 and labels[-2] in _SECOND else 2
    return ".".join(labels[-number:]), ".".join(labels[:-number])
