"""Lambda's own reports: the `platform.*` events as JSON and the START, END and REPORT lines as text.

After "Lambda Telemetry API Event schema reference" and "Log formats" of the Lambda developer guide; a
function writes one or the other, here both are there. Each line is a CloudWatch log event with its log
group and stream.

Not certain: the `tracing` objects carry no `Parent`; the text of a raised exception, which the function
itself logs, is left out; the JSON report of one has the status `error`, its REPORT line has none, which
that line keeps for timeouts and for runtimes that died.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from coldtrail_testbed.facts import Facts, FunctionRun
from coldtrail_testbed.telemetry.billing import billed_ms, rounded_ms
from coldtrail_testbed.telemetry.model import Writer, compact_json, whole_ms

PLATFORM_FILE = "lambda_platform.jsonl.gz"
TEXT_FILE = "lambda_reports.jsonl.gz"
_ON_DEMAND = {"initializationType": "on-demand", "phase": "init"}
_EXTENSION_EVENTS = ["INVOKE", "SHUTDOWN"]
Message = tuple[float, str]


class LambdaReports(Writer):
    """The log groups `/aws/lambda/<function>`, in both log formats."""

    name = "lambda-reports"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._open(PLATFORM_FILE)
        self._open(TEXT_FILE)

    def facts(self, facts: Facts) -> None:
        """None; the reports of each run are written."""
        for run in facts.runs:
            for time, event in platform_events(run):
                self._line(PLATFORM_FILE, _log_event(run, time, compact_json(event).decode()))
            for time, text in report_lines(run):
                self._line(TEXT_FILE, _log_event(run, time, text))


def _log_event(run: FunctionRun, time: float, message: str) -> dict[str, Any]:
    """A log event as `FilterLogEvents` and subscriptions give it; the time is in milliseconds."""
    return {
        "logGroup": f"/aws/lambda/{run.function}",
        "logStream": run.log_stream,
        "timestamp": whole_ms(time),
        "message": message,
    }


def platform_events(run: FunctionRun) -> list[tuple[float, dict[str, Any]]]:
    """The events of one run in order, each with its time."""
    tracing = {
        "spanId": run.flow_id,
        "type": "X-Amzn-Trace-Id",
        "value": f"Root={run.trace_id};Sampled=1",
    }
    status = _status(run)
    request = {"requestId": run.request_id}
    duration = {"durationMs": rounded_ms(run.duration_s)}
    start = {**request, "version": run.version, "tracing": tracing}
    done = {**request, **status, "metrics": duration, "tracing": tracing}
    report = {**request, "metrics": _report_metrics(run), **status, "tracing": tracing}
    return [
        *_init_events(run),
        _event(run.start, "platform.start", start),
        _event(run.end, "platform.runtimeDone", done),
        _event(run.end, "platform.report", report),
    ]


def _init_events(run: FunctionRun) -> list[tuple[float, dict[str, Any]]]:
    if run.init_s is None:
        return []
    began = run.start - run.init_s
    metrics = {"durationMs": rounded_ms(run.init_s)}
    return [
        _event(
            began,
            "platform.initStart",
            {**_ON_DEMAND, "functionName": run.function, "functionVersion": run.version},
        ),
        *(
            _event(began, "platform.extension", {"name": name, "state": "Ready", "events": _EXTENSION_EVENTS})
            for name in run.extensions
        ),
        _event(run.start, "platform.initRuntimeDone", {**_ON_DEMAND, "status": "success"}),
        _event(run.start, "platform.initReport", {**_ON_DEMAND, "status": "success", "metrics": metrics}),
    ]


def _event(time: float, kind: str, record: dict[str, Any]) -> tuple[float, dict[str, Any]]:
    stamp = datetime.fromtimestamp(whole_ms(time) / 1000, UTC).isoformat(timespec="milliseconds")
    return time, {"time": stamp.replace("+00:00", "Z"), "type": kind, "record": record}


def _status(run: FunctionRun) -> dict[str, str]:
    return {"status": run.status} | ({"errorType": run.error_type} if run.error_type else {})


def _report_metrics(run: FunctionRun) -> dict[str, float]:
    metrics = {
        "durationMs": rounded_ms(run.duration_s),
        "billedDurationMs": billed_ms(run),
        "memorySizeMB": run.memory_mb,
        "maxMemoryUsedMB": run.memory_used_mb,
    }
    return metrics | ({"initDurationMs": rounded_ms(run.init_s)} if run.init_s is not None else {})


def report_lines(run: FunctionRun) -> list[Message]:
    """The text lines of one run in order, each with its time."""
    return [
        (run.start, f"START RequestId: {run.request_id} Version: {run.version}\n"),
        (run.end, f"END RequestId: {run.request_id}\n"),
        (run.end, _report(run)),
    ]


def _report(run: FunctionRun) -> str:
    parts = [
        f"REPORT RequestId: {run.request_id}",
        f"Duration: {rounded_ms(run.duration_s):.2f} ms",
        f"Billed Duration: {billed_ms(run)} ms",
        f"Memory Size: {run.memory_mb} MB",
        f"Max Memory Used: {run.memory_used_mb} MB",
    ]
    if run.init_s is not None:
        parts.append(f"Init Duration: {rounded_ms(run.init_s):.2f} ms")
    parts += _reported_failure(run) or [""]
    traced = f"XRAY TraceId: {run.trace_id}\tSegmentId: {run.flow_id}\tSampled: true\t"
    return "\t".join(parts) + f"\n{traced}\n"


def _reported_failure(run: FunctionRun) -> list[str]:
    """What a REPORT line says of a timeout or of a runtime that died; it is silent on exceptions."""
    if run.status == "timeout":
        return ["Status: timeout"]
    if run.error_type and run.error_type.startswith("Runtime."):
        return ["Status: error", f"Error Type: {run.error_type}"]
    return []
