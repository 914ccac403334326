"""What witnesses of one invocation tell of it, put together; the same in whatever order they came."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar

from msgspec.structs import replace

from coldtrail.records.columns import AnyFlow
from coldtrail.records.facts import Facts, UnseenCall
from coldtrail.records.flow import InvocationType
from coldtrail.records.witnesses import Access, ApiCall, Report, ReportKind, Witness

T = TypeVar("T")
Told = TypeVar("Told", Report, ApiCall, Access)
REPORT, INSIGHTS, CLOUDTRAIL, ACCESS = "lambda-report", "lambda-insights", "cloudtrail", "access-log"
"""The formats that tell of them."""
_KINDS: tuple[ReportKind, ...] = ("report", "runtime done", "insights", "start")
"""Of reports, the one whose word counts before that of the others first."""
_MS = 1_000.0
_NO_REPORT, _NO_CALL, _NO_ACCESS = Report(None, None, ""), ApiCall("", 0.0, "", "", "", ""), Access(0.0, None)


class Joined(NamedTuple):
    """What was joined to one flow, each in an order that does not depend on how it came."""

    reports: Sequence[Report] = ()
    invokes: Sequence[ApiCall] = ()
    """Calls that began the invocation."""
    accesses: Sequence[Access] = ()
    calls: Sequence[ApiCall] = ()
    """Calls that the function made."""
    unseen: Sequence[ApiCall] = ()
    """Of these, those that no step tells of."""

    def witnesses(self, *others: str) -> tuple[str, ...]:
        """The formats that told of it, others included, in alphabetical order."""
        kinds = frozenset([report.kind == "insights" for report in self.reports])
        return _named(kinds, bool(self.invokes or self.calls or self.unseen), bool(self.accesses), others)


@cache
def _named(reports: frozenset[bool], calls: bool, accesses: bool, others: tuple[str, ...]) -> tuple[str, ...]:
    told = {*others, *[INSIGHTS if measured else REPORT for measured in reports]}
    told |= {CLOUDTRAIL} if calls else set()
    return tuple(sorted(told | {ACCESS} if accesses else told))


def sorted_out(witnesses: Iterable[Witness], calls: Sequence[ApiCall], unseen: Sequence[ApiCall]) -> Joined:
    """The witnesses that name the invocation by kind, and the calls that it made by time."""
    reports, invokes, accesses = list[Report](), list[ApiCall](), list[Access]()
    for one in witnesses:
        if isinstance(one, Report):
            reports.append(one)
        elif isinstance(one, ApiCall):
            invokes.append(one)
        else:
            accesses.append(one)
    return Joined(
        _in_order(reports, _report_rank),
        _in_order(invokes, by_time),
        _in_order(accesses, _access_rank),
        _in_order(calls, by_time),
        _in_order(unseen, by_time),
    )


def _in_order(some: Sequence[T], key: Callable[[T], Any]) -> Sequence[T]:
    return sorted(some, key=key) if len(some) > 1 else some


def by_time(call: ApiCall) -> tuple[float, str, str, str | None, str, str]:
    """Orders calls: those of one second by what they do, since the log does not tell which came first."""
    return call.time, call.service, call.operation, call.target or "", call.event_id, call.digest


def _report_rank(report: Report) -> tuple[int, float, str]:
    rank = _KINDS.index(report.kind) if report.kind in _KINDS else len(_KINDS)
    return rank, report.time or 0.0, repr(report)


def _access_rank(access: Access) -> tuple[float, str]:
    return access.time, repr(access)


def with_facts(flow: AnyFlow, joined: Joined) -> AnyFlow:
    """The flow with what others tell of it; its steps, and who it is of, stay."""
    return replace(
        flow,
        facts=facts_of(joined)
        if flow.facts is None
        else replace(facts_of(joined), outside=flow.facts.outside),
        witnesses=joined.witnesses(*flow.witnesses),
        request_id=flow.request_id or request_id_of(joined),
        invocation_type=flow.invocation_type or invocation_type_of(joined),
    )


def invocation_type_of(joined: Joined) -> InvocationType | None:
    """How the invocation was started."""
    return _first([one.invocation_type for one in joined.invokes])


def request_id_of(joined: Joined) -> str | None:
    """The platform's id of the invocation."""
    told = [one.request_id for one in joined.reports] + [one.request_id for one in joined.invokes]
    told += [one.function_request_id for one in joined.accesses]
    return _first(told)


def facts_of(joined: Joined, *, untraced: bool = False) -> Facts:
    """What witnesses tell, put together."""
    report = _as_one(joined.reports) if joined.reports else _NO_REPORT
    invoke = _as_one(joined.invokes) if joined.invokes else _NO_CALL
    access = _as_one(joined.accesses) if joined.accesses else _NO_ACCESS
    calls = [*joined.calls, *joined.unseen] if joined.unseen else joined.calls
    return Facts(
        report.memory_mb,
        report.memory_used_mb,
        _ms(report.billed_s),
        _ms(report.duration_s),
        _ms(report.init_s),
        _ms(report.restore_s),
        _ms(report.cpu_s),
        report.rx_bytes,
        report.tx_bytes,
        report.tmp_used_bytes,
        _sum([one.bytes_in for one in calls]),
        _sum([one.bytes_out for one in calls]),
        report.status,
        report.error_type,
        report.instance,
        report.version or invoke.function_version,
        invoke.principal or access.principal,
        invoke.principal_kind,
        invoke.source_ip or access.source_ip,
        invoke.user_agent or access.user_agent,
        invoke.invoked_by or invoke.source_service,
        _first([one.access_key for one in calls]),
        access.gateway or None,
        access.route,
        access.method,
        access.status,
        untraced,
        tuple([_unseen(call) for call in joined.unseen]) if joined.unseen else (),
    )


def _as_one(some: Sequence[Told]) -> Told:
    """What some records tell, as one: of each thing, what the first of them says that says anything."""
    first, *others = some
    if not others:
        return first
    lacking = [name for name in first.__struct_fields__ if getattr(first, name) is None]
    told: dict[str, Any] = {}
    for one in reversed(others):
        told |= {name: value for name in lacking if (value := getattr(one, name)) is not None}
    return replace(first, **told) if told else first


def _unseen(call: ApiCall) -> UnseenCall:
    return UnseenCall(call.service, call.operation, call.target, call.time, call.error_code)


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value is not None), None)


def _ms(seconds: float | None) -> float | None:
    # To a nanosecond: `0.0123 * 1000` is 12.299999999999999.
    return None if seconds is None else round(seconds * _MS, 6)


def _sum(numbers: Iterable[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None
