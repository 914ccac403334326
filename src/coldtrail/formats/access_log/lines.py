"""Lines of text of gateways: API Gateway's Common Log Format, and load balancers.

Sources: Amazon API Gateway developer guide, "Set up HTTP API access logging"; Elastic Load Balancing user
guide for Application Load Balancers, "Access log entries". The fields of the latter are taken by their place,
whatever is appended to them.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from coldtrail.formats.access_log.keys import number_of
from coldtrail.formats.lambda_values import trace_of
from coldtrail.formats.moments import moment_of, within

BALANCER = re.compile(r"(?:https?|h2|grpcs|wss?) \d{4}-\d\d-\d\dT[\d:.]{8,20}Z (?:app/)?[\w./-]{1,200} ")
COMMON = re.compile(
    r"(?P<ip>[0-9A-Fa-f:.]{2,45}) (?P<caller>\S{1,512}) (?P<user>\S{1,512}) \[(?P<time>[^\]\n]{1,64})\] ?"
    r'"(?P<method>[A-Z]{1,16}) (?P<route>\S{1,2048}) ?(?P<protocol>[^"\s]{0,32})" (?P<status>\d{3}|-) '
    r"(?P<size>\d{1,15}|-) (?P<id>[A-Za-z0-9_=+/-]{8,128})(?: (?P<extended>\S{1,128}))?\s*"
)
_FIELD = re.compile(r'"([^"]{0,8192})"|(\S{1,8192})')
_TIME = "%d/%b/%Y:%H:%M:%S %z"
_GROUP = re.compile(r"arn:aws[a-z-]*:elasticloadbalancing:([a-z0-9-]{1,32}):(\d{12}):targetgroup/.{1,99}")
_FIRST_PART = re.compile(r"/(?:[A-Za-z_-]{1,32})?(?=/|\?|$| )")
_METHOD = re.compile(r"[A-Z]{1,16}")
_REASON = re.compile(r"(?!AKIA|ASIA)[A-Za-z0-9]{1,64}")
_FEWEST_FIELDS = 13
_MOST_FIELDS = 64
_MOST_FIELD_CHARS = 8_192
_OPEN = ("-",) * 25
"""Stand for the fields that older lines lack."""
_MOST_GROUPS = 10_000
_MOST_ARN_CHARS = 256


class Balanced(NamedTuple):
    """A line of a load balancer, field by field."""

    time: float
    balancer: str
    address: str
    latency_s: float | None
    status: int | None
    received: int | None
    sent: int | None
    method: str | None
    route: str | None
    user_agent: str
    account: str | None
    region: str | None
    trace_id: str | None
    error: str | None


def balanced(text: str) -> Balanced | None:
    """The line's fields; None where it is cut off, or has no time."""
    fields = _fields(text)
    if len(fields) < _FEWEST_FIELDS or text.count('"') % 2:
        return None
    fields += _OPEN[len(fields) :]
    time = moment_of(fields[21]) or moment_of(fields[1])
    if time is None:
        return None
    group = _groups[fields[16]]
    status = number_of(fields[8])
    return Balanced(
        time,
        fields[2],
        fields[3].rpartition(":")[0].strip("[]"),
        _latency(fields[5:8]),
        None if status is None else int(status),
        _count(fields[10]),
        _count(fields[11]),
        _method(fields[12]),
        _route(fields[12]),
        fields[13] if fields[13] != "-" else "",
        group.account,
        group.region,
        trace_of(fields[17]),
        fields[24] if _REASON.fullmatch(fields[24]) else None,
    )


def _fields(text: str) -> list[str]:
    """The fields of a line; blanks part them where they are not in quotes."""
    if len(text) > _MOST_FIELD_CHARS:
        return _fields_one_by_one(text)
    fields: list[str] = []
    *parts, last = text.split('"')
    for bare, quoted in zip(parts[::2], parts[1::2], strict=False):
        if bare and not bare[-1].isspace():
            return _fields_one_by_one(text)
        fields += bare.split()
        fields.append(quoted)
    return [*fields, *last.split()][:_MOST_FIELDS]


def _fields_one_by_one(text: str) -> list[str]:
    """The same, where quotes stand inside fields or a field is longer than any."""
    return [quoted or bare for quoted, bare in _FIELD.findall(text)[:_MOST_FIELDS]]


class _Group(NamedTuple):
    """Where a group of targets is."""

    region: str | None = None
    account: str | None = None


class _Groups(dict[str, _Group]):
    """Groups by their ARN, each looked at once."""

    def __missing__(self, arn: str) -> _Group:
        found = _GROUP.fullmatch(arn)
        group = _Group() if found is None else _Group(*found.groups())
        if len(arn) <= _MOST_ARN_CHARS:
            if len(self) >= _MOST_GROUPS:
                self.clear()
            self[arn] = group
        return group


_groups = _Groups()


def common_time(text: str) -> float | None:
    """Of a time as the Common Log Format has it: `30/Nov/2026:12:00:00 +0000`."""
    try:
        return within(datetime.strptime(text, _TIME).timestamp())
    except (ValueError, OverflowError):
        return None


def _latency(times: list[str]) -> float | None:
    """The three times that a request took; -1 where it did not come so far."""
    known = [seconds for seconds in map(number_of, times) if seconds is not None]
    return sum(known) if known else None


def _count(text: str) -> int | None:
    number = number_of(text)
    return None if number is None else int(number)


def _method(request: str) -> str | None:
    method = request.partition(" ")[0]
    return method if _METHOD.fullmatch(method) else None


def _route(request: str) -> str | None:
    """The first part of the path alone, and only where it is a word: further ones may be anybody's ids."""
    address = request.partition(" ")[2].partition(" ")[0]
    _, has_host, after = address.partition("://")
    found = _FIRST_PART.match(f"/{after.partition('/')[2]}" if has_host else address)
    return None if found is None else found[0]
