"""Events that the platform writes as JSON: of functions, of Managed Instances, and of Web Functions.

Sources: AWS Lambda developer guide, "Lambda Telemetry API Event schema reference" (2025-01-29) and "System
log event schema for Lambda Web Functions". What the metrics of Web Functions are called has changed between
versions of their runtimes, so that each is looked for under several names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from coldtrail.features.names.masking import RawNames
from coldtrail.formats.function_logs import FunctionLog
from coldtrail.formats.ids import as_told, is_id
from coldtrail.formats.lambda_values import error_type_of, instance_of, seconds_of, status_of, trace_of
from coldtrail.records.witnesses import Report, ReportKind

_MOST = 1e15
_LATEST = "$LATEST"
_KINDS: dict[str, ReportKind | None] = {
    "initStart": "init start",
    "initRuntimeDone": "runtime done",
    "initReport": "init",
    "restoreStart": "restore start",
    "restoreRuntimeDone": "runtime done",
    "restoreReport": "restore",
    "start": "start",
    "end": None,
    "runtimeDone": "runtime done",
    "report": "report",
    "extension": "extension",
    "telemetrySubscription": "extension",
    "logsSubscription": "extension",
    "invokeStart": None,
    "requestComplete": "report",
    "invokeSummary": "summary",
    "invokeReport": "summary",
    "spinDownStart": None,
    "spinDownReport": "shutdown",
    "fault": None,
}
"""What each type of event reports; None for those that add nothing to the others."""
_TYPE = re.compile(r"[A-Za-z]{1,40}")
Number = int | float | None
_NOT_SIMPLE = re.compile(r"[^a-z]")
_DURATION = ("durationms", "duration", "totaldurationms", "servingdurationms", "elapsedms")
_INIT = ("initdurationms", "durationms", "totaldurationms", "duration")
_REQUESTS = ("requestcount", "requests", "totalrequests", "requestscompleted", "invocations")
_USED = ("maxmemoryusedmb", "maxmemoryusedmib", "memoryusedmb", "memorymaxmb", "peakmemorymb", "maxmemorymb")
_SIZE = ("memorysizemb", "memorysizemib", "memorymb")
_CPU = ("cputimems", "cputotalms", "cputotaltimems", "cpums")


class Tracing(Struct, gc=False):
    """The trace of an invocation."""

    spanId: str | None = None
    value: str | None = None


class Metrics(Struct, gc=False):
    """The metrics of an event of a function, each a number or absent."""

    durationMs: Number = None
    billedDurationMs: Number = None
    memorySizeMB: Number = None
    maxMemoryUsedMB: Number = None
    initDurationMs: Number = None
    restoreDurationMs: Number = None
    producedBytes: Number = None


class Detail(Struct, gc=False):
    """The record of an event."""

    requestId: str | None = None
    metrics: Metrics | None = None
    tracing: Tracing | None = None
    status: str | None = None
    errorType: str | None = None
    version: str | None = None
    functionName: str | None = None
    functionVersion: str | None = None
    functionArn: str | None = None
    revisionId: str | None = None
    instanceId: str | None = None
    environmentId: str | None = None
    name: str | None = None
    droppedRecords: Number = None
    droppedBytes: Number = None


class Served(Struct, gc=False):
    """Of an event of a Web Function, its metrics, whatever they are called."""

    metrics: dict[str, object] | None = None


_NO_METRICS = Metrics()
_NO_TRACING = Tracing()


class Events:
    """Events to reports."""

    def __init__(self) -> None:
        self._names = RawNames()

    def report(
        self, event_type: str, detail: Detail, log: FunctionLog, time: float | None, problems: list[str]
    ) -> Report | None:
        """What an event reports, if anything; `event_type` comes without `platform.`."""
        kind = _KINDS.get(event_type)
        if kind is None:
            _add_problem(event_type, detail, problems)
            return None
        metrics, tracing = detail.metrics or _NO_METRICS, detail.tracing or _NO_TRACING
        init_s, restore_s = _seconds(metrics.initDurationMs), _seconds(metrics.restoreDurationMs)
        duration_s = _seconds(metrics.durationMs)
        if kind == "init":
            init_s, duration_s = duration_s if init_s is None else init_s, None
        elif kind == "restore":
            restore_s, duration_s = duration_s if restore_s is None else restore_s, None
        function, version = self._function(detail, log)
        # By their places: so many names would take longer than all the rest.
        return Report(
            time,
            self._request_id(detail.requestId, problems) if detail.requestId else None,
            function,
            kind,
            log.account,
            log.region,
            version,
            instance_of(detail.instanceId or detail.environmentId) or log.instance,
            trace_of(tracing.value) if tracing.value else None,
            tracing.spanId if is_id(tracing.spanId) else None,
            status_of(detail.status),
            error_type_of(detail.errorType),
            duration_s,
            _seconds(metrics.billedDurationMs),
            init_s,
            restore_s,
            None,
            _amount(metrics.memorySizeMB),
            _amount(metrics.maxMemoryUsedMB),
            None,
            None,
            None,
            (self._names[detail.name],) if detail.name and kind == "extension" else (),
            _amount(metrics.producedBytes),
            init_s is not None or restore_s is not None if kind == "report" else None,
        )

    @staticmethod
    def with_metrics(report: Report, served: Served) -> Report:
        """The report of a Web Function, with what its metrics say under other names."""
        simple = _simple(served.metrics or {})
        requests = _first(simple, _REQUESTS) if report.kind == "summary" else None
        init_ms = _first(simple, _INIT) if report.kind == "init" else None
        return replace(
            report,
            duration_s=_seconds(_first(simple, _DURATION)) if report.kind != "init" else None,
            init_s=report.init_s if init_ms is None else _seconds(init_ms),
            cpu_s=_seconds(_first(simple, _CPU)),
            memory_mb=_first(simple, _SIZE),
            memory_used_mb=_first(simple, _USED),
            requests=None if requests is None else int(requests),
        )

    def _function(self, detail: Detail, log: FunctionLog) -> tuple[str, str | None]:
        """The function and its version, as the event says, else as the log does."""
        name, version = detail.functionName or "", detail.functionVersion or detail.version
        parts = (detail.functionArn or "").split(":")
        if not name and len(parts) >= 7:
            name = parts[6]
        version = None if version == _LATEST else version or detail.revisionId
        return self._names[name] if name else log.function, self._name(version) or log.version

    def _name(self, name: str | None) -> str | None:
        return self._names[name] if name else None

    def _request_id(self, request_id: str, problems: list[str]) -> str | None:
        if is_id(request_id):
            return as_told(request_id)
        problems.append("The requestId of this event of Lambda's was left out: it is unusable.")
        return None


def _seconds(millis: float | None) -> float | None:
    return None if millis is None else seconds_of(millis)


def _amount(number: float | None) -> float | None:
    return float(number) if number is not None and 0 <= number < _MOST else None


def _simple(metrics: Mapping[str, object]) -> dict[str, float]:
    """Numbers by their names in lower case, without anything but letters."""
    return {
        _NOT_SIMPLE.sub("", key.casefold()): float(value)
        for key, value in metrics.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _MOST
    }


def _first(simple: Mapping[str, float], names: tuple[str, ...]) -> float | None:
    return next((simple[name] for name in names if name in simple), None)


def _add_problem(event_type: str, detail: Detail, problems: list[str]) -> None:
    """What an event that is no report says of losses, or that nobody knows it."""
    if event_type == "logsDropped":
        records, size = _count(detail.droppedRecords), _count(detail.droppedBytes)
        problems.append(
            f"Lambda dropped {records} record{'s' * (records != '1')} of this log ({size} bytes) before they "
            "were delivered."
        )
    elif event_type not in _KINDS:
        shown = event_type if _TYPE.fullmatch(event_type) else "unusable"
        problems.append(f"The type of this event of Lambda's is not known: {shown}.")


def _count(number: float | None) -> str:
    return f"{number:,.0f}" if number is not None and 0 <= number < _MOST else "some"
