"""What CloudTrail makes of a call."""

import pytest

from coldtrail_testbed.facts import Call
from coldtrail_testbed.telemetry.cloudtrail_events import (
    denial,
    event_name,
    is_data_event,
    is_logged,
    is_read,
    resources,
)

from .truth import caller


def _call(service: str, operation: str, *arns: str, error: str | None = None) -> Call:
    return Call(0.0, service, operation, caller("GetLoyalty"), "R", arns, error_code=error)


@pytest.mark.parametrize(
    ("service", "operation", "data", "read"),
    [
        ("s3", "GetObject", True, True),
        ("s3", "PutObjectTagging", True, False),
        ("s3", "ListObjectsV2", True, True),
        ("s3", "PutBucketPolicy", False, False),
        ("dynamodb", "Query", True, True),
        ("dynamodb", "TransactWriteItems", True, False),
        ("dynamodb", "CreateTable", False, False),
        ("lambda", "Invoke", True, False),
        ("lambda", "UpdateFunctionCode", False, False),
        ("sns", "Publish", True, False),
        ("sns", "CreateTopic", False, False),
        ("sqs", "SendMessage", True, False),
        ("ses", "SendRawEmail", True, False),
        ("states", "StartExecution", False, False),
        ("ssm", "GetParameter", False, True),
        ("secretsmanager", "GetSecretValue", False, True),
        ("iam", "ListRoles", False, True),
        ("sts", "AssumeRole", False, True),
        ("mediaconvert", "CreateJob", False, False),
    ],
)
def test_kinds_of_events(service: str, operation: str, data: bool, read: bool) -> None:
    call = _call(service, operation)
    assert is_logged(call)
    assert (is_data_event(call), is_read(call)) == (data, read)


def test_what_no_page_says_that_it_is_logged_is_not() -> None:
    for service, operation in (
        ("events", "PutEvents"),
        ("xray", "PutTraceSegments"),
        ("logs", "PutLogEvents"),
    ):
        assert not is_logged(_call(service, operation))
    assert is_logged(_call("events", "PutRule"))


def test_names() -> None:
    assert event_name(_call("lambda", "UpdateFunctionCode")) == "UpdateFunctionCode20150331v2"
    assert event_name(_call("s3", "ListObjectsV2")) == "ListObjects"


def test_resources_have_their_types() -> None:
    objects = resources(_call("s3", "PutObject", "arn:aws:s3:::b/k", "arn:aws:s3:::b"))
    assert [one["type"] for one in objects] == ["AWS::S3::Object", "AWS::S3::Bucket"]
    parameter = resources(_call("ssm", "GetParameter", "arn:aws:ssm:us-east-1:123456789012:parameter/p"))
    assert parameter[0].keys() == {"accountId", "ARN"}
    assert resources(_call("states", "StartExecution", "arn:aws:states:us-east-1:1:stateMachine:M")) == []


def test_a_refusal_has_one_code_and_says_why() -> None:
    error = denial(_call("dynamodb", "PutItem", "arn:t", error="AccessDeniedException"), "arn:me")
    assert error["errorCode"] == "AccessDenied"
    assert error["errorMessage"] == (
        "User: arn:me is not authorized to perform: dynamodb:PutItem on resource: arn:t because no "
        "identity-based policy allows the dynamodb:PutItem action"
    )
    buckets = denial(_call("s3", "ListBuckets", error="AccessDenied"), "arn:me")
    assert "not authorized to perform: s3:ListAllMyBuckets because" in buckets["errorMessage"]
    other = denial(_call("dynamodb", "PutItem", error="ConditionalCheckFailedException"), "arn:me")
    assert other == {"errorCode": "ConditionalCheckFailedException"}
    assert denial(_call("dynamodb", "PutItem"), "arn:me") == {}
