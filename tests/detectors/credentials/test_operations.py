"""Calls that look around are told from usual work."""

from __future__ import annotations

import pytest

from coldtrail.detectors.credentials.operations import is_denied, is_telling
from coldtrail.formats.services import Services
from coldtrail.records.witnesses import ApiCall


@pytest.mark.parametrize(
    ("source", "operation", "told"),
    [
        ("sts", "GetCallerIdentity", True),
        ("iam", "CreateUser", True),
        ("organizations", "MoveAccount", True),
        ("cloudtrail", "StopLogging", True),
        ("guardduty", "DeleteDetector", True),
        ("config", "StopConfigurationRecorder", True),
        ("s3", "ListBuckets", True),
        ("ec2", "DescribeInstances", True),
        ("secretsmanager", "ListSecrets", True),
        ("s3", "ListObjects", False),
        ("dynamodb", "DescribeTable", False),
        ("sts", "AssumeRole", False),
        ("s3", "GetObject", False),
    ],
)
def test_what_tells(source: str, operation: str, told: bool) -> None:
    assert is_telling(Services(100)[source], operation) is told


@pytest.mark.parametrize(
    ("code", "denied"),
    [
        (None, False),
        ("AccessDenied", True),
        ("AccessDeniedException", True),
        ("Client.UnauthorizedOperation", True),
        ("ThrottlingException", False),
    ],
)
def test_what_is_denied(code: str | None, denied: bool) -> None:
    assert is_denied(ApiCall("e", 0.0, "", "", "S3", "GetObject", error_code=code)) is denied
