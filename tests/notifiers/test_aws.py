from __future__ import annotations

import pytest

from coldtrail.errors import ConfigError
from coldtrail.notifiers.aws import AwsSettings, Caller, region_of
from coldtrail.notifiers.notifier import DeliveryError
from tests.notifiers.cloud import REGION, cloud

ROLE = "arn:aws:iam::210987654321:role/coldtrail-notify"


def caller(**fields: str) -> Caller:
    return Caller(AwsSettings(**{"region": REGION} | fields), {"ID": "e1"}, "The service")  # type: ignore[arg-type]


def test_calls_are_made_as_the_role() -> None:
    with cloud("hush") as place:
        url = f"http://127.0.0.1:{place.port}"
        acting = caller(endpoint_url=url, role_arn=ROLE, external_id_env="ID")
        assert acting.call("sts", "get_caller_identity")["Account"] == "210987654321"
        assumed = place.requests[0].body
    assert b"AssumeRole" in assumed
    assert b"ExternalId=e1" in assumed
    assert [one.resources for one in acting.needs()] == [(ROLE,)]


@pytest.mark.parametrize(
    ("code", "retryable"),
    [
        ("ThrottlingException", True),
        ("InternalFailure", True),
        ("ExpiredTokenException", True),
        ("AccessDeniedException", False),
        ("InvalidInput", False),
        ("", False),
    ],
)
def test_codes_that_pass_by_themselves_are_tried_again(code: str, retryable: bool) -> None:
    assert caller().refused(code).retryable is retryable


def test_a_code_that_is_none_is_not_repeated() -> None:
    assert "hush" not in str(caller().refused("https://hush.example/ secret"))


def test_without_credentials_it_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with pytest.raises(DeliveryError, match="NoCredentialsError") as caught:
        caller(endpoint_url="http://127.0.0.1:9").call("sns", "publish", TopicArn="x", Message="y")
    assert caught.value.retryable


def test_a_region_has_to_be_known(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with pytest.raises(ConfigError, match="region"):
        caller(region="")


def test_regions_of_arns_and_their_partitions() -> None:
    assert region_of("arn:aws:sns:eu-west-1:1:topic") == "eu-west-1"
    assert region_of("alerts") == region_of("arn:aws") == ""
    assert caller(region="cn-north-1").partition == "aws-cn"
    assert caller(region="us-gov-west-1").partition == "aws-us-gov"
