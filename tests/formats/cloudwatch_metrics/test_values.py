import pytest

from coldtrail.formats.cloudwatch_metrics.values import is_statistic, kept_as, metric_of


@pytest.mark.parametrize(
    ("name", "statistic", "kept"),
    [
        ("Invocations", "Sum", ("invocations", 5_000.0)),
        ("Duration", "Maximum", ("duration_s_max", 5.0)),
        ("Duration", "p50", ("duration_s_median", 5.0)),
        ("Duration", "", ("duration_s_max", 5.0)),
        ("used_memory_max", "max", ("memory_mb_max", 5_000.0)),
        ("cpu_total_time", "sum", ("cpu_s", 5.0)),
        ("Duration", "Average", None),
        ("Invocations", "Maximum", None),
        ("ConcurrentExecutions", "Maximum", None),
    ],
)
def test_what_is_kept_under_which_name(name: str, statistic: str, kept: tuple[str, float] | None) -> None:
    assert kept_as(metric_of(name), statistic, 5_000.0) == kept


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf"), 1e300])
def test_what_is_no_value(value: float) -> None:
    assert kept_as("invocations", "Sum", value) is None


def test_statistics() -> None:
    assert is_statistic("p99.9")
    assert is_statistic("Sum")
    assert not is_statistic("pay")
