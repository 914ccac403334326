"""The `userIdentity` of CloudTrail records."""

import pytest

from coldtrail_testbed.facts import Caller
from coldtrail_testbed.telemetry.cloudtrail_identities import user_identity

from .truth import caller

_SINCE = "2026-02-02T02:40:00Z"


def test_a_function_acts_in_a_session_of_its_role() -> None:
    identity = user_identity(caller("GetLoyalty"), _SINCE)
    assert identity["arn"] == "arn:aws:sts::123456789012:assumed-role/GetLoyaltyFunctionRole/GetLoyalty"
    assert identity["accessKeyId"] == caller("GetLoyalty").access_key
    issuer = identity["sessionContext"]["sessionIssuer"]
    assert issuer["arn"] == "arn:aws:iam::123456789012:role/GetLoyaltyFunctionRole"
    assert identity["principalId"] == f"{issuer['principalId']}:GetLoyalty"
    assert identity["sessionContext"]["attributes"]["creationDate"] == _SINCE
    assert "invokedBy" not in identity


def test_services_act_for_themselves_but_a_state_machine_in_its_role() -> None:
    topic = Caller("service", "sns.amazonaws.com", "sns.amazonaws.com", "sns.amazonaws.com")
    assert user_identity(topic, _SINCE) == {"type": "AWSService", "invokedBy": "sns.amazonaws.com"}
    machine = Caller("service", "states.amazonaws.com", "states.amazonaws.com", "states.amazonaws.com")
    identity = user_identity(machine, _SINCE)
    assert (identity["type"], identity["invokedBy"]) == ("AssumedRole", "states.amazonaws.com")


@pytest.mark.parametrize(
    ("address", "by_service"), [("203.0.113.9", False), ("cloudformation.amazonaws.com", True)]
)
def test_a_user(address: str, by_service: bool) -> None:
    identity = user_identity(Caller("user", "administrator", address, "aws-cli", "AKIAEXAMPLE"), _SINCE)
    assert identity["arn"] == "arn:aws:iam::123456789012:user/administrator"
    assert ("invokedBy" in identity) == by_service
