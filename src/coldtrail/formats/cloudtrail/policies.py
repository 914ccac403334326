"""What the documents of policies allow, and whom: of all that stands in one, no more is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from coldtrail.formats.cloudtrail.parameters import mapping

EVERYONE = "*"
_MOST_CHARS = 65_536
_MOST_STATEMENTS = 200
_MOST_NAMES = 100
_ACCOUNT = re.compile(r"(?:arn:[^:]*:(?:iam|sts):[^:]*:)?(\d{12})(?::.*)?", re.DOTALL)
_ALL = frozenset(("*", "*:*", "iam:*"))
"""Actions that, allowed on everything, allow everything: who may do all of IAM can give himself the rest."""
_RIGHTS_OF_ALL = ("/AdministratorAccess", "/PowerUserAccess", "/IAMFullAccess")
_NARROWS = re.compile(
    r"(?:aws:(?:source(?:account|arn|orgid|orgpaths|vpc|vpce)|principal(?:account|arn|orgid|orgpaths))"
    r"|lambda:eventsourcetoken|kms:(?:calleraccount|viaservice))",
    re.IGNORECASE,
)
"""Keys of conditions that keep everyone from being everyone."""
Statement = Mapping[str, object]


def statements(policy: str | None) -> Iterator[Statement]:
    """The statements of a policy that allow something."""
    text = (policy or "")[:_MOST_CHARS]
    try:
        whole = mapping(json.loads(unquote(text) if text.startswith("%7B") else text))
    except (ValueError, RecursionError):
        return
    found = whole.get("Statement")
    for one in (found if isinstance(found, list) else [found])[:_MOST_STATEMENTS]:
        if mapping(one).get("Effect") == "Allow":
            yield mapping(one)


def principals(statement: Statement) -> Iterator[str]:
    """Whom a statement lets in: accounts, roles, services, or everyone."""
    if "NotPrincipal" in statement:
        # Whoever is not named is let in.
        yield EVERYONE
    let_in = statement.get("Principal")
    for one in let_in.values() if isinstance(let_in, dict) else [let_in]:
        yield from _texts(one)


def accounts_let_in(policy: str | None) -> Iterator[str]:
    """The accounts that a policy lets in, and everyone where no condition narrows that down."""
    for statement in statements(policy):
        for name in principals(statement):
            account = account_of(name)
            if account is not None and (account != EVERYONE or not _is_narrowed(statement)):
                yield account


def account_of(principal: str) -> str | None:
    """The account that a principal is of, or everyone; None for a service."""
    if principal == EVERYONE:
        return EVERYONE
    found = _ACCOUNT.fullmatch(principal)
    return found and found[1]


def gives_all_rights(policy: str | None) -> bool:
    """Whether a policy allows everything, or everything of IAM, on everything."""
    return any(
        not _ALL.isdisjoint(action.casefold() for action in _texts(one.get("Action")))
        and "*" in _texts(one.get("Resource"))
        for one in statements(policy)
    )


def is_of_all_rights(arn: str | None) -> bool:
    """Whether it is one of the cloud's own policies that give all rights."""
    return (arn or "").endswith(_RIGHTS_OF_ALL)


def _is_narrowed(statement: Statement) -> bool:
    conditions = mapping(statement.get("Condition"))
    keys = (key for one in conditions.values() for key in mapping(one))
    return any(_NARROWS.fullmatch(key) for key in keys)


def _texts(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values[:_MOST_NAMES] if isinstance(one, str)]
