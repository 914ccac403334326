"""Events that the platform writes as JSON: of functions, of Managed Instances, and of Web Functions.

Sources: AWS Lambda developer guide, "Lambda Telemetry API Event schema reference" (2025-01-29) and "System
log event schema for Lambda Web Functions". What the metrics of Web Functions are called has changed between
versions of their runtimes, so that each is looked for under several names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from coldtrail.features.names.masking import RawNames
from coldtrail.formats.function_logs import FunctionLog
from coldtrail.formats.lambda_values import error_type_of, seconds_of, status_of, trace_of
from coldtrail.records.witnesses import Report, ReportKind

_MAX_ID_CHARS = 256
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


class Detail(Struct, gc=False):
    """The record of an event."""

    requestId: str | None = None
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
    tracing: Tracing | None = None
    metrics: dict[str, object] | None = None
    droppedRecords: int | float | None = None
    droppedBytes: int | float | None = None


class Events:
    """Events to reports."""

    def __init__(self) -> None:
        self._names = RawNames()

    def report(
        self, event_type: str, detail: Detail, log: FunctionLog, time: float | None, problems: list[str]
    ) -> Report | None:
        """What an event reports, if anything; `event_type` comes without `platform.`."""
        if event_type == "logsDropped":
            problems.append(_dropped(detail))
            return None
        if event_type not in _KINDS:
            shown = event_type if _TYPE.fullmatch(event_type) else "unusable"
            problems.append(f"The type of this event of Lambda's is not known: {shown}.")
            return None
        kind = _KINDS[event_type]
        if kind is None:
            return None
        request_id = self._request_id(detail.requestId, problems)
        values = _metrics(kind, detail.metrics or {})
        if kind == "report":
            values["cold_start"] = values.get("init_s") is not None or values.get("restore_s") is not None
        function, version = self._function(detail, log)
        return Report(
            time,
            request_id,
            function,
            kind,
            account=log.account,
            region=log.region,
            version=version,
            instance=self._name(detail.instanceId or detail.environmentId) or log.instance,
            trace_id=trace_of(detail.tracing.value) if detail.tracing is not None else None,
            span_id=self._name(detail.tracing.spanId) if detail.tracing is not None else None,
            status=status_of(detail.status),
            error_type=error_type_of(detail.errorType),
            extensions=(self._names[detail.name],) if kind == "extension" and detail.name else (),
            **values,
        )

    def _function(self, detail: Detail, log: FunctionLog) -> tuple[str, str | None]:
        name, version = detail.functionName or "", detail.functionVersion or detail.version
        parts = (detail.functionArn or "").split(":")
        if not name and len(parts) >= 7:
            name = parts[6]
        version = None if version == _LATEST else version or detail.revisionId
        return self._names[name] if name else log.function, self._name(version) or log.version

    def _name(self, name: str | None) -> str | None:
        return self._names[name] if name else None

    def _request_id(self, request_id: str | None, problems: list[str]) -> str | None:
        if not request_id:
            return None
        if len(request_id) <= _MAX_ID_CHARS and request_id.isprintable():
            return request_id
        problems.append("The requestId of this event of Lambda's was left out: it is unusable.")
        return None


def _metrics(kind: ReportKind, metrics: Mapping[str, object]) -> dict[str, Any]:
    """The listed metrics by the report's names for them."""
    simple = {
        _NOT_SIMPLE.sub("", key.casefold()): float(value)
        for key, value in metrics.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e15
    }
    if kind == "init":
        return {"init_s": _seconds(simple, _INIT)}
    if kind == "restore":
        return {"restore_s": _seconds(simple, ("restoredurationms", *_DURATION))}
    requests = _first(simple, _REQUESTS) if kind == "summary" else None
    return {
        "duration_s": _seconds(simple, _DURATION),
        "billed_s": _seconds(simple, ("billeddurationms",)),
        "init_s": _seconds(simple, ("initdurationms",)),
        "restore_s": _seconds(simple, ("restoredurationms",)),
        "cpu_s": _seconds(simple, _CPU),
        "memory_mb": _first(simple, _SIZE),
        "memory_used_mb": _first(simple, _USED),
        "produced_bytes": simple.get("producedbytes"),
        "requests": None if requests is None else int(requests),
    }


def _first(simple: Mapping[str, float], names: tuple[str, ...]) -> float | None:
    return next((simple[name] for name in names if name in simple), None)


def _seconds(simple: Mapping[str, float], names: tuple[str, ...]) -> float | None:
    millis = _first(simple, names)
    return None if millis is None else seconds_of(millis)


def _dropped(detail: Detail) -> str:
    records, size = _count(detail.droppedRecords), _count(detail.droppedBytes)
    return f"Lambda dropped {records} records of this log ({size} bytes) before they were delivered."


def _count(number: float | None) -> str:
    return f"{number:,.0f}" if number is not None and 0 <= number < 1e15 else "some"
