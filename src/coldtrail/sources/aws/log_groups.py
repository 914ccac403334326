"""The log groups that patterns name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from coldtrail.errors import SourceError
from coldtrail.sources.aws.account import Account
from coldtrail.sources.aws.refusals import asking, checked

MOST_GROUPS = 1_000


class LogGroup(NamedTuple):
    """A group, and whose it is."""

    name: str
    account: str


def groups_of(name: str, account: Account, patterns: Sequence[str]) -> list[LogGroup]:
    """The groups that match any pattern; raises `SourceError` where one that is named in full is missing."""
    found: dict[str, LogGroup] = {}
    for pattern in patterns:
        before = len(found)
        for group in _described(name, account, pattern.partition("*")[0]):
            if matches(pattern, group.name) and len(found) < MOST_GROUPS:
                found[group.name] = group
        if "*" not in pattern and len(found) == before and pattern not in found:
            raise SourceError(
                f"{name}: there is no log group {pattern}: correct `groups`, or wait for its first event."
            )
    return list(found.values())


def matches(pattern: str, name: str) -> bool:
    """Whether a name matches a pattern, in which `*` stands for anything."""
    return re.fullmatch(".*".join(re.escape(part) for part in pattern.split("*")), name) is not None


def _described(name: str, account: Account, prefix: str) -> Iterator[LogGroup]:
    asked = {"logGroupNamePrefix": prefix} if prefix else {}
    while True:
        with asking(name, "logs:DescribeLogGroups", account.arn("logs", "log-group:*")):
            answer = account.client("logs").describe_log_groups(**asked)
            page = checked(name, "logs:DescribeLogGroups", answer)
        for group in page["logGroups"]:
            owner = group.get("arn", "").split(":")[4:5]
            yield LogGroup(group["logGroupName"], owner[0] if owner else "")
        if not page.get("nextToken"):
            return
        asked["nextToken"] = page["nextToken"]
