"""The formats of telemetry besides X-Ray's: to add one, write its file and add its line here."""

from collections.abc import Sequence

from coldtrail_testbed.errors import TestbedError
from coldtrail_testbed.telemetry.access_logs import AccessLogs
from coldtrail_testbed.telemetry.aws_spans import AwsSpans
from coldtrail_testbed.telemetry.cloudtrail import CloudTrail
from coldtrail_testbed.telemetry.cloudwatch_metrics import CloudWatchMetrics
from coldtrail_testbed.telemetry.lambda_insights import LambdaInsights
from coldtrail_testbed.telemetry.lambda_reports import LambdaReports
from coldtrail_testbed.telemetry.model import Writer
from coldtrail_testbed.telemetry.otlp import Otlp

WRITERS: dict[str, type[Writer]] = {
    writer.name: writer
    for writer in (
        Otlp,
        AwsSpans,
        CloudTrail,
        LambdaReports,
        LambdaInsights,
        CloudWatchMetrics,
        AccessLogs,
    )
}


def find_writers(names: Sequence[str]) -> list[type[Writer]]:
    """The writers called `names`; TestbedError names the known ones otherwise.

    `none` and `all` are names too, and `xray`, which the recording itself always writes.
    """
    groups = {"none": (), "all": tuple(WRITERS), "xray": ()}
    for name in names:
        if name not in WRITERS and name not in groups:
            choices = ", ".join([*groups, *WRITERS])
            raise TestbedError(f"there is no telemetry {name!r}; choose from: {choices}")
    wanted = [one for name in names for one in groups.get(name, (name,))]
    return [WRITERS[name] for name in dict.fromkeys(wanted)]
