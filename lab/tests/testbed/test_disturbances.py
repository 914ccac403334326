from random import Random
from typing import Any

import pytest
from botocore.exceptions import ClientError

from coldtrail_testbed.applications.model import Grant
from coldtrail_testbed.cloud.clients import local_client
from coldtrail_testbed.cloud.disturbances import Disturbances
from coldtrail_testbed.cloud.foundation import Foundation

from .conftest import START
from .endpoints import endpoint_of


def test_what_is_slow_is_slow_for_a_while() -> None:
    disturbances = Disturbances(Random(1))
    disturbances.slow_down("payments", 1.3, START + 10)
    assert disturbances.slowness("payments", START) == 1.3
    assert disturbances.slowness("payments", START + 10) == 1.0
    assert disturbances.slowness("airline", START) == 1.0


def test_a_share_of_the_calls_is_throttled_for_a_while() -> None:
    disturbances = Disturbances(Random(1))
    disturbances.throttle("dynamodb", 0.25, START + 10)
    throttled = [disturbances.throttles("dynamodb", START) for _ in range(2000)]
    assert 0.22 < sum(throttled) / 2000 < 0.28
    assert not any(disturbances.throttles("dynamodb", START + 10) for _ in range(50))
    assert not any(disturbances.throttles("s3", START) for _ in range(50))


def test_nothing_is_drawn_when_nothing_is_wrong() -> None:
    generator = Random(1)
    before = generator.getstate()
    Disturbances(generator).throttles("dynamodb", START)
    assert generator.getstate() == before


@pytest.mark.parametrize(
    ("client", "signing_name", "method", "parameters", "status", "code"),
    [
        ("dynamodb", "dynamodb", "list_tables", {}, 400, "ProvisionedThroughputExceededException"),
        ("ssm", "ssm", "get_parameter", {"Name": "/a"}, 400, "ThrottlingException"),
        ("s3", "s3", "get_object", {"Bucket": "b", "Key": "k"}, 503, "SlowDown"),
        ("sns", "sns", "publish", {"TopicArn": "t", "Message": "m"}, 400, "Throttling"),
        ("lambda", "lambda", "invoke", {"FunctionName": "f"}, 429, "TooManyRequestsException"),
    ],
)
def test_boto3_is_throttled_in_the_services_own_form(
    foundation: Foundation,
    client: str,
    signing_name: str,
    method: str,
    parameters: dict[str, Any],
    status: int,
    code: str,
) -> None:
    foundation.disturbances.throttle(signing_name, 1.0, START + 60)
    with endpoint_of(foundation) as (url, behind):
        caller = local_client(client, url, access_key="function-key")
        with pytest.raises(ClientError) as throttled:
            getattr(caller, method)(**parameters)
        caller.close()
    answer = throttled.value.response
    assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]) == (status, code)
    assert (behind.reached, foundation.facts.calls[-1].error_code) == (0, code)


def test_the_deployment_is_never_throttled(foundation: Foundation) -> None:
    foundation.disturbances.throttle("dynamodb", 1.0, START + 60)
    with endpoint_of(foundation) as (url, behind):
        client = local_client("dynamodb", url)
        client.list_tables()
        client.close()
    assert behind.reached == 1


def test_calls_of_a_slow_service_take_longer(foundation: Foundation) -> None:
    foundation.permissions.give("F", [Grant(("dynamodb:ListTables",), "*")])
    with endpoint_of(foundation) as (url, _):
        client = local_client("dynamodb", url, access_key="function-key")
        foundation.disturbances.slow_down("dynamodb", 1000.0, START + 5)
        client.list_tables()
        slow = foundation.clock.now() - START
        client.list_tables()
        usual = foundation.clock.now() - START - slow
        client.close()
    assert slow > 1.0 > usual > 0
