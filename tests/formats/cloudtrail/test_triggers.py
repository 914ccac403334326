from typing import Any

import pytest

from coldtrail.records.witnesses import Change
from tests.fixtures.witnesses import FUNCTION
from tests.formats.cloudtrail.test_parser import parse, record


def changes_of(service: str, name: str, asked: Any) -> tuple[Change, ...]:
    return parse(
        record(eventSource=f"{service}.amazonaws.com", eventName=name, requestParameters=asked)
    ).changes


@pytest.mark.parametrize(
    ("service", "name", "asked"),
    [
        ("events", "PutTargets", {"targets": [{"id": "1", "arn": FUNCTION}, {"arn": "arn:x"}, 7]}),
        ("sns", "Subscribe", {"protocol": "lambda", "endpoint": f"{FUNCTION}:live"}),
        ("logs", "PutSubscriptionFilter", {"logGroupName": "g", "destinationArn": FUNCTION}),
        (
            "s3",
            "PutBucketNotification",
            {"NotificationConfiguration": {"CloudFunctionConfiguration": {"CloudFunction": FUNCTION}}},
        ),
        (
            "apigateway",
            "PutIntegration",
            {"uri": f"arn:aws:apigateway:x:lambda:path/y/{FUNCTION}/invocations"},
        ),
        ("elasticloadbalancing", "RegisterTargets", {"targets": [{"id": FUNCTION}]}),
        ("scheduler", "CreateSchedule", {"name": "s", "target": {"arn": FUNCTION, "roleArn": "r"}}),
    ],
)
def test_a_new_trigger_of_a_function(service: str, name: str, asked: dict[str, Any]) -> None:
    assert [(one.family, one.function_name, one.operation) for one in changes_of(service, name, asked)] == [
        ("triggers", "ConfirmBooking", name)
    ]


@pytest.mark.parametrize(
    ("service", "name", "asked"),
    [
        ("events", "PutTargets", {"targets": [{"arn": "arn:aws:sqs:eu-west-1:1:q"}]}),
        ("events", "PutTargets", {"targets": {"arn": "arn:aws:lambda:eu-west-1:1:layer:x"}}),
        ("events", "PutTargets", None),
        ("sns", "Subscribe", {"protocol": "email", "endpoint": "eve@example.com"}),
        ("iam", "TagRole", {"roleName": "r"}),
    ],
)
def test_what_changes_nothing_of_a_function(service: str, name: str, asked: Any) -> None:
    assert changes_of(service, name, asked) == ()


def test_a_request_that_never_ends_is_looked_at_only_so_far() -> None:
    asked = {"targets": [*([[1]] * 3_000), {"arn": FUNCTION}]}
    assert changes_of("events", "PutTargets", asked) == ()
