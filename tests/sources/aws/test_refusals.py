"""What AWS answers instead of telemetry, and what is made of it."""

from __future__ import annotations

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ReadTimeoutError,
)

from coldtrail.errors import SourceError
from coldtrail.sources.aws.refusals import asking, code_of


def refused(code: str, status: int = 400, **headers: str) -> ClientError:
    metadata = {"HTTPStatusCode": status, "HTTPHeaders": headers}
    return ClientError({"Error": {"Code": code, "Message": "secret"}, "ResponseMetadata": metadata}, "Get")


@pytest.mark.parametrize(
    ("error", "retryable", "says"),
    [
        (refused("SlowDown", 503), True, "throttled"),
        (refused("ThrottlingException"), True, "throttled"),
        (refused("ProvisionedThroughputExceededException"), True, "throttled"),
        (refused("InternalError", 500), True, "failed for now"),
        (refused("ExpiredToken", 403), True, "failed for now"),
        (refused("503", 503), True, "failed for now"),
        (refused("AccessDenied", 403), False, "grant s3:GetObject on arn:x"),
        (refused("AccessDeniedException"), False, "grant s3:GetObject on arn:x"),
        (refused("KMS.DisabledException"), False, "kms:Decrypt"),
        (refused("NoSuchBucket", 404), False, "does not exist"),
        (refused("AWS.SimpleQueueService.NonExistentQueue"), False, "does not exist"),
        (refused("UnrecognizedClientException"), False, "credentials"),
        (refused("RequestTimeTooSkewed", 403), False, "clock"),
        (refused("ValidationException"), False, "correct the settings"),
        (ReadTimeoutError(endpoint_url="http://x"), True, "no answer"),
        (EndpointConnectionError(endpoint_url="http://x"), True, "no answer"),
        (NoCredentialsError(), False, "no AWS credentials"),
        (NoRegionError(), False, "no AWS region"),
    ],
)
def test_each_error_is_retryable_or_has_its_remedy(error: Exception, retryable: bool, says: str) -> None:
    with pytest.raises(SourceError, match=says) as raised, asking("trail", "s3:GetObject", "arn:x"):
        raise error
    assert raised.value.retryable is retryable
    assert str(raised.value).startswith("trail: ")
    assert "secret" not in str(raised.value)


def test_how_long_to_wait_is_passed_on_within_bounds() -> None:
    for header, asked in (("7", 7.0), ("1e9", 3_600.0), ("Tue", None)):
        with pytest.raises(SourceError) as raised, asking("a", "b", "c"):
            raise refused("SlowDown", 503, **{"retry-after": header})
        assert raised.value.retry_after_s == asked


def test_the_code_of_an_answer() -> None:
    assert code_of(refused("NoSuchKey")) == "NoSuchKey"
    assert code_of(ReadTimeoutError(endpoint_url="http://x")) == ""
