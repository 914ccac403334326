"""The least that an account has to allow, as IAM policies: what the sources and channels say they need."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from coldtrail.config import LimitSettings
from coldtrail.errors import ConfigError
from coldtrail.records.intake import Permission
from coldtrail.records.tally import Tally
from coldtrail.registry import LIVE_SOURCES, NOTIFIERS, load
from coldtrail.service.feeds import is_pushed
from coldtrail.service.settings import LiveSettings, NotifyTable, SourceTable
from coldtrail.sources.context import SourceContext

OWN = ""
"""What the service itself runs as."""
_ASSUME = ("sts:AssumeRole",)
_MOST_SID = 120
_ARN_PARTS = 6
_ACCOUNT_PART = 4


class Need(NamedTuple):
    """What one source or channel needs."""

    whose: str
    """Name of its table."""
    role: str
    """ARN of the role that needs it; empty for what the service itself runs as."""
    permission: Permission


class Needs(NamedTuple):
    """All that settings need."""

    needs: tuple[Need, ...]
    unknown: tuple[str, ...]
    """Sentences on what could not be asked what it needs."""


def needs_of(settings: LiveSettings, environment: Mapping[str, str] | None = None) -> Needs:
    """What the sources and channels of settings need; nothing is asked of an account.

    Secrets that the environment lacks are stood in for: what is needed does not depend on them."""
    around = _StoodIn(environment or {})
    needs: list[Need] = []
    unknown: list[str] = []
    tables: list[SourceTable | NotifyTable] = [*settings.sources, *settings.notify]
    for table in tables:
        try:
            permissions = _asked(table, around)
        except ConfigError as error:
            unknown.append(f"{table.name}: what it needs cannot be told yet: {error}")
            continue
        role = getattr(table.settings, "role_arn", "")
        needs += [Need(table.name, OWN if one.actions == _ASSUME else role, one) for one in permissions]
    return Needs(tuple(needs), tuple(unknown))


def policy_of(needs: Sequence[Need], account: str = "") -> dict[str, Any]:
    """The policy document that allows these needs; `account` stands where a source knows none."""
    statements: dict[tuple[tuple[str, ...], tuple[str, ...]], dict[str, Any]] = {}
    for need in needs:
        resources = tuple(_with_account(one, account) for one in need.permission.resources)
        key = (need.permission.actions, resources)
        if key not in statements:
            sid = _sid(need, [one["Sid"] for one in statements.values()])
            statements[key] = {
                "Sid": sid,
                "Effect": "Allow",
                "Action": list(need.permission.actions),
                "Resource": list(resources),
            }
    return {"Version": "2012-10-17", "Statement": list(statements.values())}


def policies_of(needs: Sequence[Need], account: str = "") -> dict[str, dict[str, Any]]:
    """The policy of each role that needs any, by its ARN; what the service runs as comes first.

    A role reads its own account."""
    roles = sorted({need.role for need in needs})
    return {
        role: policy_of([one for one in needs if one.role == role], _account_of(role) or account)
        for role in roles
    }


def _account_of(role: str) -> str:
    return "".join(role.split(":")[_ACCOUNT_PART : _ACCOUNT_PART + 1])


class _StoodIn(Mapping[str, str]):
    """An environment in which every variable is set."""

    def __init__(self, real: Mapping[str, str]) -> None:
        self._real = real

    def __getitem__(self, name: str) -> str:
        return self._real.get(name) or "https://stood-in.example.org/"

    def __iter__(self) -> Iterator[str]:
        return iter(self._real)

    def __len__(self) -> int:
        return len(self._real)


def _asked(table: SourceTable | NotifyTable, environment: Mapping[str, str]) -> Sequence[Permission]:
    found: Sequence[Permission]
    if isinstance(table, NotifyTable):
        notifier = load(NOTIFIERS, table.kind, "notifier")(table.settings, environment)
        found = notifier.needs()
        return found
    if is_pushed(table):
        return ()
    member = load(LIVE_SOURCES, table.kind, "source")
    source = member(table.settings, SourceContext(table.name, LimitSettings(), Tally(), environment, Path()))
    try:
        found = source.needs()
    finally:
        source.close()
    return found


def _with_account(arn: str, account: str) -> str:
    parts = arn.split(":", _ARN_PARTS - 1)
    if account and len(parts) == _ARN_PARTS and parts[_ACCOUNT_PART] == "*":
        parts[_ACCOUNT_PART] = account
    return ":".join(parts)


def _sid(need: Need, taken: Sequence[str]) -> str:
    """A name of a statement, of letters and digits as IAM asks for: who needs it, and why."""
    words = re.findall(r"[A-Za-z0-9]+", f"{need.whose} {need.permission.why.partition('(')[0]}")
    sid = "".join(word[:1].upper() + word[1:] for word in words)[:_MOST_SID]
    number = 2
    found = sid
    while found in taken:
        found, number = f"{sid}{number}", number + 1
    return found
