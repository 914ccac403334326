"""Accounts, regions and roles."""

from __future__ import annotations

import sys

import pytest

from coldtrail.errors import ConfigError, SourceError
from coldtrail.sources.aws.account import Account, AwsSettings
from coldtrail.sources.aws.refusals import asking
from tests.sources.aws.cloud import ACCOUNT, Faults, client

ROLE = f"arn:aws:iam::{ACCOUNT}:role/coldtrail-read"


def test_a_role_is_taken_on_when_it_is_needed_and_not_again(endpoint: str, faults: Faults) -> None:
    settings = AwsSettings(
        region="eu-west-1", role_arn=ROLE, external_id_env="EXTERNAL", endpoint_url=endpoint
    )
    account = Account("trail", settings, {"EXTERNAL": "tenant-7"})
    assert faults.calls == []
    identity = account.client("sts").get_caller_identity()
    assert "assumed-role/coldtrail-read/coldtrail-" in identity["Arn"]
    account.client("sqs").list_queues()
    assert faults.calls == ["AssumeRole", "GetCallerIdentity", "ListQueues"]
    assert [one.actions for one in account.needs()] == [("sts:AssumeRole",)]
    account.close()


def test_a_role_that_may_not_be_taken_on_is_said_as_such(endpoint: str, faults: Faults) -> None:
    account = Account("trail", AwsSettings(region="eu-west-1", role_arn=ROLE, endpoint_url=endpoint), {})
    faults.next_fault = lambda operation: "AccessDenied" if operation == "AssumeRole" else None
    says = "grant sts:AssumeRole on the role that role_arn names"
    with pytest.raises(SourceError, match=says) as raised, asking("trail", "sqs:ListQueues", "*"):
        account.client("sqs").list_queues()
    assert not raised.value.retryable
    faults.next_fault = lambda operation: None
    assert account.client("sqs").list_queues()


def test_without_a_role_the_machine_s_own_credentials_are_used(endpoint: str) -> None:
    account = Account("trail", AwsSettings(region="eu-west-1", endpoint_url=endpoint), {})
    assert account.client("sts").get_caller_identity()["Account"] == ACCOUNT
    assert client("sts", endpoint).get_caller_identity()["Account"] == ACCOUNT
    assert account.needs() == []


def test_accounts_share_the_descriptions_of_services_and_nothing_else(endpoint: str) -> None:
    settings = AwsSettings(region="eu-west-1", endpoint_url=endpoint)
    one, two = Account("one", settings, {}), Account("two", settings, {})
    one.client("sqs"), two.client("sqs")
    first, second = one._session._session, two._session._session
    assert first is not second
    assert first.get_component("data_loader") is second.get_component("data_loader")


@pytest.mark.parametrize(("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")])
def test_arns_name_their_partition(region: str, partition: str) -> None:
    account = Account("trail", AwsSettings(), {}, region=region)
    assert account.arn("sqs", "q", account="1") == f"arn:{partition}:sqs:{region}:1:q"
    assert account.bucket_arn("b/*") == f"arn:{partition}:s3:::b/*"


def test_a_missing_external_id_and_a_missing_library_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="external_id_env names EXTERNAL, which is not set"):
        Account("trail", AwsSettings(external_id_env="EXTERNAL"), {})
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(ConfigError, match=r"coldtrail\[aws\]"):
        Account("trail", AwsSettings(), {})
