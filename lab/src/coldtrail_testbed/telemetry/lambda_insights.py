"""Lambda Insights: one record in the embedded metric format an invocation, as in `/aws/lambda-insights`.

After "Example telemetry event in CloudWatch Lambda Insights" and "Metrics collected by Lambda Insights"
(CloudWatch user guide). The split of the CPU time, threads, file descriptors and the agent's own use are
not known here and are left out, as is what only a shutdown writes.
"""

from pathlib import Path
from typing import Any

from coldtrail_testbed.facts import Facts, FunctionRun
from coldtrail_testbed.telemetry.billing import billed_ms, rounded_ms
from coldtrail_testbed.telemetry.model import Writer, whole_ms

FILE = "lambda_insights.jsonl.gz"
# What the 512 MB of /tmp leave free at the start, from the guide's example event.
_TMP_BYTES = 551_346_176
_UNITS = {
    "memory_utilization": "Percent",
    "total_memory": "Megabytes",
    "used_memory_max": "Megabytes",
    "cpu_total_time": "Milliseconds",
    "tx_bytes": "Bytes",
    "rx_bytes": "Bytes",
    "total_network": "Bytes",
}


class LambdaInsights(Writer):
    """The log group `/aws/lambda-insights`."""

    name = "lambda-insights"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._open(FILE)

    def facts(self, facts: Facts) -> None:
        """None; one record is written for each run of a function."""
        for run in facts.runs:
            self._line(FILE, insights_event(run))


def insights_event(run: FunctionRun) -> dict[str, Any]:
    """The record of one invocation: durations and CPU time in milliseconds, memory in megabytes."""
    billed = billed_ms(run)
    event: dict[str, Any] = {
        "_aws": _metadata(run),
        "event_type": "performance",
        "function_name": run.function,
        "version": run.version,
        "request_id": run.request_id,
        "trace_id": run.trace_id,
        "duration": rounded_ms(run.duration_s),
        "billed_duration": billed,
        "billed_mb_ms": billed * run.memory_mb,
        "cold_start": run.init_s is not None,
        "tmp_free": _TMP_BYTES - run.tmp_used_bytes,
        "tmp_max": _TMP_BYTES,
        "used_memory_max": run.memory_used_mb,
        "total_memory": run.memory_mb,
        "memory_utilization": round(100 * run.memory_used_mb / run.memory_mb),
        "cpu_total_time": round(run.cpu_s * 1000),
        "tx_bytes": run.sent_bytes,
        "rx_bytes": run.received_bytes,
        "total_network": run.sent_bytes + run.received_bytes,
    }
    if run.init_s is not None:
        event["init_duration"] = rounded_ms(run.init_s)
    if run.status == "timeout":
        event |= {"timeout": True, "shutdown_reason": "Timeout"}
    return event


def _metadata(run: FunctionRun) -> dict[str, Any]:
    units = _UNITS | ({"init_duration": "Milliseconds"} if run.init_s is not None else {})
    metrics = {
        "Namespace": "LambdaInsights",
        "Dimensions": [["function_name"], ["function_name", "version"]],
        "Metrics": [{"Name": name, "Unit": unit} for name, unit in units.items()],
    }
    return {
        "Timestamp": whole_ms(run.end),
        "CloudWatchMetrics": [metrics],
        "LambdaInsights": {"ShareTelemetry": True},
    }
