"""CloudWatch metrics by function and minute."""

from pathlib import Path

from coldtrail_testbed.facts import Facts
from coldtrail_testbed.telemetry.cloudwatch_metrics import FILE, CloudWatchMetrics, minute_line

from .conftest import lines, write
from .truth import START, failed_run, run

_MINUTE = int(START // 60) * 60


def test_a_minute_counts_its_runs_their_errors_and_their_longest_time() -> None:
    slow = run(end=START + 2.61234, memory_used_mb=90)
    line = minute_line("GetLoyalty", _MINUTE, [run(), slow, run(status="error"), run(status="timeout")])
    assert (line["invocations"], line["errors"], line["throttles"]) == (4, 2, 0)
    assert (line["duration_ms_p50"], line["duration_ms_max"]) == (86.42, 2000.0)
    assert line["memory_mb_max"] == 90
    assert (line["account"], line["region"], line["period_s"]) == ("123456789012", "us-east-1", 60)
    assert line["trigger"] == "AWS::ApiGateway::Stage"


def test_a_minute_of_several_triggers_names_none() -> None:
    assert "trigger" not in minute_line("GetLoyalty", _MINUTE, [run(), run(trigger="events")])


def test_runs_that_come_late_are_in_their_own_minute_and_lines_are_in_order(tmp_path: Path) -> None:
    late = run(start=START + 1.0, end=START + 1.5)
    facts = Facts([run(start=START + 120, end=START + 121), failed_run(), late])
    written = write(CloudWatchMetrics, tmp_path / "run", facts, [])
    told = lines(tmp_path / "run" / FILE)
    assert written.counts == {FILE: 3}
    assert [(one["start_time"] - _MINUTE, one["function_name"], one["invocations"]) for one in told] == [
        (0, "GetLoyalty", 1),
        (0, "IngestLoyalty", 1),
        (120, "GetLoyalty", 1),
    ]
