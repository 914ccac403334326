"""CloudWatch metrics: one plain line for each function and minute in which it ran.

The counts are whole, as CloudWatch's are where traces are sampled; a minute counts by the start of a run, as
after "Types of metrics for Lambda functions" (Lambda developer guide). The memory is that of Lambda Insights.
Throttles are zero: no function here has a limit to its concurrency. Lines are written at the end of a run,
in the order of minute and function.
"""

from collections.abc import Sequence
from pathlib import Path
from statistics import median_low
from typing import Any

from coldtrail_testbed.cloud.identifiers import ACCOUNT
from coldtrail_testbed.facts import Facts, FunctionRun
from coldtrail_testbed.telemetry.billing import rounded_ms
from coldtrail_testbed.telemetry.model import Writer

FILE = "cloudwatch_metrics.jsonl.gz"
_PERIOD_S = 60
_TRIGGERS = {
    "apigateway": "AWS::ApiGateway::Stage",
    "events": "AWS::Events",
    "lambda": "AWS::Lambda",
    "s3": "AWS::S3",
    "sns": "AWS::SNS",
    "sqs": "AWS::SQS",
    "states": "AWS::StepFunctions::StateMachine",
}
_Minute = tuple[int, str, str]


class CloudWatchMetrics(Writer):
    """What CloudWatch counts of every function, minute by minute."""

    name = "cloudwatch-metrics"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._open(FILE)
        self._minutes: dict[_Minute, list[FunctionRun]] = {}

    def facts(self, facts: Facts) -> None:
        """None; the runs wait for the others of their minute."""
        for run in facts.runs:
            minute = int(run.start // _PERIOD_S) * _PERIOD_S
            self._minutes.setdefault((minute, run.region, run.function), []).append(run)

    def close(self) -> None:
        """None; the file is complete."""
        for minute, region, function in sorted(self._minutes):
            runs = self._minutes[minute, region, function]
            self._line(FILE, minute_line(function, minute, runs))
        self._minutes = {}
        super().close()


def minute_line(function: str, minute: int, runs: Sequence[FunctionRun]) -> dict[str, Any]:
    """The line of one function and minute; durations in milliseconds, memory in megabytes."""
    durations = [rounded_ms(run.duration_s) for run in runs]
    triggers = {run.trigger for run in runs}
    line: dict[str, Any] = {
        "account": ACCOUNT,
        "region": runs[0].region,
        "function_name": function,
        "start_time": minute,
        "period_s": _PERIOD_S,
        "invocations": len(runs),
        "errors": sum(run.status != "success" for run in runs),
        "throttles": 0,
        "duration_ms_p50": median_low(durations),
        "duration_ms_max": max(durations),
        "memory_mb_max": max(run.memory_used_mb for run in runs),
    }
    if len(triggers) == 1:
        line["trigger"] = _TRIGGERS[triggers.pop()]
    return line
