"""Lambda Insights records."""

from pathlib import Path

from coldtrail_testbed.facts import Facts
from coldtrail_testbed.telemetry.lambda_insights import FILE, LambdaInsights, insights_event

from .conftest import lines, write
from .truth import failed_run, run

# Every key of the example event of the CloudWatch user guide.
_DOCUMENTED = {
    "_aws",
    "event_type",
    "function_name",
    "version",
    "request_id",
    "trace_id",
    "duration",
    "billed_duration",
    "billed_mb_ms",
    "cold_start",
    "init_duration",
    "tmp_free",
    "tmp_max",
    "threads_max",
    "used_memory_max",
    "total_memory",
    "memory_utilization",
    "cpu_user_time",
    "cpu_system_time",
    "cpu_total_time",
    "fd_use",
    "fd_max",
    "tx_bytes",
    "rx_bytes",
    "timeout",
    "shutdown_reason",
    "total_network",
    "agent_version",
    "agent_memory_avg",
    "agent_memory_max",
}


def test_a_cold_run() -> None:
    event = insights_event(run())
    assert event["cold_start"] is True
    assert event["init_duration"] == 305.12
    assert event["duration"] == 86.42
    assert event["billed_duration"] == 392
    assert event["billed_mb_ms"] == 392 * 256
    assert event["memory_utilization"] == 32
    assert event["cpu_total_time"] == 45
    assert event["total_network"] == event["tx_bytes"] + event["rx_bytes"] == 2900


def test_a_warm_run_has_no_init_duration() -> None:
    event = insights_event(failed_run())
    assert event["cold_start"] is False
    assert "init_duration" not in event
    assert "init_duration" not in {
        metric["Name"] for metric in event["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    }


def test_a_timeout_shuts_the_instance_down() -> None:
    event = insights_event(run(status="timeout"))
    assert (event["timeout"], event["shutdown_reason"]) == (True, "Timeout")


def test_keys_are_documented_and_every_metric_has_its_value() -> None:
    for event in (insights_event(run()), insights_event(run(status="timeout"))):
        assert event.keys() <= _DOCUMENTED
        assert {metric["Name"] for metric in event["_aws"]["CloudWatchMetrics"][0]["Metrics"]} <= event.keys()


def test_the_file(tmp_path: Path, facts: Facts) -> None:
    writer = write(LambdaInsights, tmp_path, facts, [])
    assert lines(tmp_path / FILE) == [insights_event(run()), insights_event(failed_run())]
    assert writer.counts == {FILE: 2}
