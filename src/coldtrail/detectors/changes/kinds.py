"""What kind of change an operation makes, and which of them are dangerous whoever makes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from coldtrail.records.change import Change
from coldtrail.records.traits import Trait

OF_FUNCTIONS = frozenset(("functions", "web functions", "microvms", "triggers"))
"""Families of changes of which the name is that of a function."""
_REFUSED = ("AccessDenied", "Unauthorized", "UnauthorizedOperation", "Client.UnauthorizedOperation")
_MARKS = (
    ("Delete", "deletion"),
    ("FunctionUrl", "url"),
    ("WebFunctionEndpoint", "url"),
    ("Permission", "permission"),
    ("ResourcePolicy", "permission"),
    ("CodeSigning", "signing"),
    ("EventSourceMapping", "trigger"),
    ("Concurrency", "concurrency"),
    ("Scaling", "concurrency"),
    ("RuntimeManagement", "runtime"),
    ("Alias", "version"),
    ("PublishVersion", "version"),
    ("Tag", "tags"),
    ("Create", "creation"),
)
_OF_FAMILIES = {
    "triggers": "trigger",
    "roles": "rights",
    "identities": "rights",
    "keys": "keys",
    "logs": "logs",
}
_IMPORTANT = ("code", "layers", "environment", "role", "handler", "runtime", "network")
_REGISTRY = re.compile(r"(\d{12})\.dkr[.-]ecr")
WEAKENED = frozenset(("tags",))
"""Kinds that change nothing of what runs or who may run it."""


TOLD_AT_ONCE = frozenset(
    (
        *("open_to_everyone", "role_open_to_everyone", "foreign_account", "role_open_to_account"),
        *("code_before_code", "foreign_trigger", "foreign_output", "less_logging"),
    )
)
"""Dangers that need no knowledge of who usually does what."""
NOT_OF_THE_USUAL = frozenset(("foreign_layer", "foreign_image", "layer_shared", "all_rights", "other_role"))
"""Dangers that are weak where somebody brings them about who is usually trusted with changes."""


class Danger(NamedTuple):
    """What nobody should bring about unnoticed."""

    kind: str
    """Of the finding."""
    seen: Trait


def is_refused(change: Change) -> bool:
    """Whether it failed for want of rights: an attempt."""
    return (change.error_code or "").startswith(_REFUSED)


def kind_of(change: Change) -> str:
    """What kind of change it is, in one word."""
    if change.family in _OF_FAMILIES:
        return _OF_FAMILIES[change.family]
    for mark, kind in _MARKS:
        if mark in change.operation and not change.operation.startswith("CreateWebFunctionRevision"):
            return kind
    return next((part for part in _IMPORTANT if part in change.sets), "configuration")


def dangers(change: Change) -> Iterator[Danger]:
    """What of it is dangerous by itself; whose accounts are foreign is judged by the change's own."""
    of_role = change.family == "roles"
    for account in change.lets_in:
        if change.family == "layers" and account != change.account:
            yield Danger("layer_shared", Trait("account", account))
        elif account == "*":
            what = "role_open_to_everyone" if of_role else "open_to_everyone"
            yield Danger(what, Trait("url" if "Url" in change.operation else "permission", "*"))
        elif account != change.account:
            yield Danger("role_open_to_account" if of_role else "foreign_account", Trait("account", account))
    for layer in change.layers:
        if _account_in(layer) not in (None, change.account):
            yield Danger("foreign_layer", Trait("layer", layer))
    if change.code_from and _registry_in(change.code_from) not in (None, change.account):
        yield Danger("foreign_image", Trait("code", change.code_from))
    for name in change.results_to:
        if _account_in(name) not in (None, change.account):
            yield Danger("foreign_output", Trait("resource", name))
    for variable in change.variables:
        yield Danger("code_before_code", Trait("environment", variable))
    if change.operation.endswith("EventSourceMapping") or change.operation == "Subscribe":
        account = _account_in(change.target or "") or change.account
        if account != change.account:
            yield Danger("foreign_trigger", Trait("trigger", change.target or ""))
    if "less logging" in change.effects:
        yield Danger("less_logging", Trait("resource", change.target or change.operation))
    if "all rights" in change.effects:
        yield Danger("all_rights", Trait("permission", change.target or change.operation))
    if "unsigned code" in change.effects:
        yield Danger("unsigned_code", Trait("code", change.operation))


def _registry_in(image: str) -> str | None:
    """The account whose registry an image lies in."""
    found = _REGISTRY.match(image)
    return found[1] if found is not None else _account_in(image)


def _account_in(arn: str) -> str | None:
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 and len(parts[4]) == 12 and parts[4].isdigit() else None
