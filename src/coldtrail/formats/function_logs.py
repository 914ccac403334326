"""Which function a log belongs to, by where the log stands: the group, the stream, or the path of an export.

Source: AWS Lambda developer guide, "Sending Lambda function logs to CloudWatch Logs".
"""

from __future__ import annotations

import re
from typing import NamedTuple

from coldtrail.formats.lambda_values import instance_of
from coldtrail.records.telemetry import Document

_NAME = r"(?:web/)?([A-Za-z0-9_-]{1,140})(?:\.local)?"
_GROUP = re.compile(rf"(?:.*:)?/aws/lambda/{_NAME}")
_IN_PATH = re.compile(rf"(?:^|[/_.])aws[/-]lambda[/-]{_NAME}(?=[/.]|$)")
_STREAM = re.compile(
    r"(?:^|[\s/])\d{4}[/-]\d\d[/-]\d\d[/-]([A-Za-z0-9_-]{0,140})\[(\$LATEST|\d{1,18})\]([0-9a-f]{8,64})"
    r"(?:-(\d{12})-([a-z]{2}(?:-[a-z0-9]{1,16}){2,3}))?(?=[\s/.]|$)"
)
"""`2026/11/30/[7]0af1…`; behind a log group of one's own with the function's name before the bracket, in the
home region of a Web Function with the account and the region that it ran in behind it."""
_ACCOUNT = re.compile(r"\d{12}")
_LATEST = "$LATEST"
_MAX_CACHED = 10_000


class FunctionLog(NamedTuple):
    """What is known of a function by its log alone; empty or None for what is not."""

    function: str = ""
    version: str | None = None
    """None also for `$LATEST`, which is no version of its own."""
    instance: str | None = None
    account: str | None = None
    region: str | None = None

    def or_else(self, other: FunctionLog) -> FunctionLog:
        """What this knows, and what the other does where this does not."""
        return FunctionLog(
            self.function or other.function,
            self.version or other.version,
            self.instance or other.instance,
            self.account or other.account,
            self.region or other.region,
        )


class FunctionLogs(dict[tuple[str, str, str], FunctionLog]):
    """Logs of functions by group, stream and account, or by the path of the file that holds them."""

    def of(self, document: Document) -> FunctionLog:
        """What the place of a document says."""
        log = document.log
        if log is None:
            return self["", document.origin, ""]
        known = self[log.group, log.stream, log.account]
        # Answers of `filter-log-events` do not say which group they are of.
        return known if log.group else known.or_else(self["", document.origin, ""])

    def __missing__(self, place: tuple[str, str, str]) -> FunctionLog:
        group, stream, account = place
        named = _GROUP.fullmatch(group) if group else _IN_PATH.search(stream)
        found = _STREAM.search(stream)
        if found is None:
            known = FunctionLog(named[1] if named else "", account=_account(account))
        else:
            inside, version, instance, ran_for, region = found.groups()
            known = FunctionLog(
                named[1] if named else inside,
                None if version == _LATEST else version,
                instance_of(instance),
                ran_for or _account(account),
                region,
            )
        if len(self) >= _MAX_CACHED:
            self.clear()
        self[place] = known
        return known


def _account(text: str) -> str | None:
    return text if _ACCOUNT.fullmatch(text) else None
