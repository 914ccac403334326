import statistics
from collections.abc import Callable
from random import Random

import pytest

from coldtrail_testbed.cloud.latency import LatencyModel


def _milliseconds(draw: Callable[[], float]) -> list[float]:
    return sorted(draw() * 1000 for _ in range(4000))


@pytest.mark.parametrize(
    ("service", "operation", "low", "high"),
    [
        ("dynamodb", "GetItem", 6, 74),
        ("dynamodb", "UpdateItem", 6, 74),
        ("sns", "Publish", 22, 29),
        ("sqs", "SendMessage", 25, 31),
        ("s3", "GetObject", 16, 120),
        ("s3", "PutObject", 26, 340),
    ],
)
def test_calls_lie_where_real_ones_do(service: str, operation: str, low: float, high: float) -> None:
    model = LatencyModel(Random(1))
    times = _milliseconds(lambda: model.aws_call(service, operation, first_in_instance=False))
    assert low <= statistics.median(times) <= high
    assert sum(low * 0.5 <= time <= high * 1.2 for time in times) > 0.93 * len(times)


@pytest.mark.parametrize(
    ("service", "operation", "low", "high"),
    [
        ("lambda", "Invoke", 5, 15),
        ("s3", "HeadObject", 8, 40),
        ("s3", "ListObjectsV2", 15, 60),
        ("s3", "PutObjectTagging", 15, 60),
        ("secretsmanager", "GetSecretValue", 10, 40),
        ("events", "PutEvents", 8, 40),
        ("ses", "SendEmail", 40, 200),
        ("iam", "ListUsers", 30, 150),
        ("sts", "AssumeRole", 10, 60),
        ("mediaconvert", "GetJobTemplate", 40, 200),
        ("mediaconvert", "CreateJob", 120, 600),
        ("mediapackage-vod", "CreateAsset", 120, 700),
    ],
)
def test_other_services_lie_in_their_usual_order(
    service: str, operation: str, low: float, high: float
) -> None:
    model = LatencyModel(Random(1))
    times = _milliseconds(lambda: model.aws_call(service, operation, first_in_instance=False))
    assert low <= times[400] <= times[3600] <= high


def test_first_call_of_an_instance_is_slower() -> None:
    warm, cold = LatencyModel(Random(1)), LatencyModel(Random(1))
    usual = warm.aws_call("ssm", "GetParameter", first_in_instance=False)
    assert cold.aws_call("ssm", "GetParameter", first_in_instance=True) > usual + 0.03


def test_lambda_times_lie_where_real_ones_do() -> None:
    model = LatencyModel(Random(1))
    overheads = _milliseconds(model.runtime_overhead)
    initializations = _milliseconds(model.initialization)
    assert overheads[40] >= 0.18
    assert overheads[-1] <= 1.3
    assert initializations[0] >= 230
    assert initializations[-1] <= 3000
    assert 0.05 < sum(time > 1000 for time in initializations) / 4000 < 0.12


def test_same_seed_same_times() -> None:
    assert _milliseconds(LatencyModel(Random(3)).dwell) == _milliseconds(LatencyModel(Random(3)).dwell)
