"""What witnesses of one invocation tell of it, put together; the same in whatever order they came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

from msgspec.structs import replace

from coldtrail.records.columns import AnyFlow
from coldtrail.records.facts import Facts, UnseenCall
from coldtrail.records.witnesses import Access, ApiCall, Report, ReportKind, Witness

T = TypeVar("T")
REPORT, INSIGHTS, CLOUDTRAIL, ACCESS = "lambda-report", "lambda-insights", "cloudtrail", "access-log"
"""The formats that tell of them."""
_KINDS: tuple[ReportKind, ...] = ("report", "runtime done", "insights", "start")
"""Of reports, the one whose word counts before that of the others first."""
_MS = 1_000.0


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

    @property
    def witnesses(self) -> set[str]:
        """The formats that told of it."""
        told = {INSIGHTS if report.kind == "insights" else REPORT for report in self.reports}
        if self.invokes or self.calls or self.unseen:
            told.add(CLOUDTRAIL)
        if self.accesses:
            told.add(ACCESS)
        return told


def sorted_out(witnesses: Iterable[Witness], calls: Iterable[ApiCall], unseen: Iterable[ApiCall]) -> Joined:
    """The witnesses that name the invocation by kind, and the calls that it made by time."""
    some = list(witnesses)
    return Joined(
        sorted([one for one in some if isinstance(one, Report)], key=_report_rank),
        sorted([one for one in some if isinstance(one, ApiCall)], key=by_time),
        sorted([one for one in some if isinstance(one, Access)], key=_access_rank),
        sorted(calls, key=by_time),
        sorted(unseen, key=by_time),
    )


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
    told = {*flow.witnesses, *joined.witnesses}
    return replace(
        flow,
        facts=facts_of(joined),
        witnesses=tuple(sorted(told)),
        request_id=flow.request_id or request_id_of(joined),
    )


def request_id_of(joined: Joined) -> str | None:
    """The platform's id of the invocation."""
    told = [one.request_id for one in joined.reports] + [one.request_id for one in joined.invokes]
    told += [one.function_request_id for one in joined.accesses]
    return _first(told)


def facts_of(joined: Joined, *, untraced: bool = False) -> Facts:
    """What witnesses tell, put together."""
    reports, calls = joined.reports, [*joined.calls, *joined.unseen]
    told: dict[str, Any] = {
        "memory_mb": _first([one.memory_mb for one in reports]),
        "memory_used_mb": _first([one.memory_used_mb for one in reports]),
        "billed_ms": _ms([one.billed_s for one in reports]),
        "duration_ms": _ms([one.duration_s for one in reports]),
        "init_ms": _ms([one.init_s for one in reports]),
        "restore_ms": _ms([one.restore_s for one in reports]),
        "cpu_ms": _ms([one.cpu_s for one in reports]),
        "rx_bytes": _first([one.rx_bytes for one in reports]),
        "tx_bytes": _first([one.tx_bytes for one in reports]),
        "tmp_used_bytes": _first([one.tmp_used_bytes for one in reports]),
        "bytes_in": _sum([one.bytes_in for one in calls]),
        "bytes_out": _sum([one.bytes_out for one in calls]),
        "status": _first([one.status for one in reports]),
        "error_type": _first([one.error_type for one in reports]),
        "instance": _first([one.instance for one in reports]),
        "version": _version(joined),
        "access_key": _first([one.access_key for one in calls]),
        "unseen": tuple(map(_unseen, joined.unseen)),
        "untraced": untraced,
    }
    return Facts(**told | _caller(joined) | _gateway(joined.accesses))


def _caller(joined: Joined) -> dict[str, Any]:
    """Who called: as the audit log has it, else as the gateway has it."""
    invokes, accesses = joined.invokes, joined.accesses
    if not invokes and not accesses:
        return {}
    either: list[ApiCall | Access] = [*invokes, *accesses]
    return {
        "principal": _first([one.principal for one in either]),
        "principal_kind": _first([one.principal_kind for one in invokes]),
        "source_ip": _first([one.source_ip for one in either]),
        "user_agent": _first([one.user_agent for one in either]),
        "invoked_by": _first([one.invoked_by or one.source_service for one in invokes]),
    }


def _gateway(accesses: Sequence[Access]) -> dict[str, Any]:
    if not accesses:
        return {}
    return {
        "gateway": _first([one.gateway or None for one in accesses]),
        "route": _first([one.route for one in accesses]),
        "method": _first([one.method for one in accesses]),
        "http_status": _first([one.status for one in accesses]),
    }


def _version(joined: Joined) -> str | None:
    told = [one.version for one in joined.reports] + [one.function_version for one in joined.invokes]
    return _first(told)


def _unseen(call: ApiCall) -> UnseenCall:
    return UnseenCall(call.service, call.operation, call.target, call.time, call.error_code)


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value is not None), None)


def _ms(seconds: Iterable[float | None]) -> float | None:
    first = _first(seconds)
    # To a nanosecond: `0.0123 * 1000` is 12.299999999999999.
    return None if first is None else round(first * _MS, 6)


def _sum(numbers: Iterable[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None
