import json
from typing import Any

import pytest

from coldtrail.records.witnesses import Change
from tests.fixtures.witnesses import CLOUDTRAIL
from tests.formats.cloudtrail.test_parser import parse

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
ALL = json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


def changes_of(service: str, name: str, asked: Any, **more: Any) -> tuple[Change, ...]:
    told = {"eventSource": f"{service}.amazonaws.com", "eventName": name, "requestParameters": asked, **more}
    return parse(CLOUDTRAIL | {"resources": None} | told).changes


def chosen(category: str) -> Any:
    return {
        "advancedEventSelectors": [{"fieldSelectors": [{"field": "eventCategory", "equals": [category]}]}]
    }


@pytest.mark.parametrize(
    ("name", "asked", "target", "all_rights"),
    [
        ("AttachRolePolicy", {"roleName": "pay", "policyArn": ADMIN}, ADMIN, True),
        ("DetachRolePolicy", {"roleName": "pay", "policyArn": ADMIN}, ADMIN, False),
        ("PutRolePolicy", {"roleName": "pay", "policyName": "p", "policyDocument": ALL}, "p", True),
        ("PutRolePolicy", {"roleName": "pay", "policyName": "p", "policyDocument": "{"}, "p", False),
    ],
)
def test_what_a_role_may_do(name: str, asked: Any, target: str, all_rights: bool) -> None:
    (change,) = changes_of("iam", name, asked, errorCode="AccessDenied")
    assert (change.family, change.role, change.function_name) == ("roles", "pay", "")
    assert (change.target, "all rights" in change.effects) == (target, all_rights)
    assert change.error_code == "AccessDenied"


def test_who_may_take_a_role() -> None:
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::210987654321:root"}}]}
    asked = {"roleName": "pay", "policyDocument": json.dumps(trust)}
    (change,) = changes_of("iam", "UpdateAssumeRolePolicy", asked)
    assert change.lets_in == ("210987654321",)


def test_people_are_hidden() -> None:
    (change,) = changes_of("iam", "CreateAccessKey", {"userName": "eve"})
    assert change.family == "identities"
    assert change.target is not None
    assert "eve" not in change.target


def test_keys_that_others_may_use() -> None:
    asked = {"keyId": "k", "granteePrincipal": "arn:aws:iam::210987654321:role/x"}
    (change,) = changes_of("kms", "CreateGrant", asked)
    assert (change.family, change.lets_in, change.target) == ("keys", ("210987654321",), "k")


@pytest.mark.parametrize(
    ("service", "name", "asked", "less"),
    [
        ("cloudtrail", "StopLogging", {"name": "t"}, True),
        ("cloudtrail", "DeleteTrail", {"name": "t"}, True),
        ("cloudtrail", "StartLogging", {"name": "t"}, False),
        ("cloudtrail", "UpdateTrail", {"name": "t", "isMultiRegionTrail": False}, True),
        ("cloudtrail", "UpdateTrail", {"name": "t", "isMultiRegionTrail": True}, False),
        ("cloudtrail", "PutEventSelectors", {"eventSelectors": [{"includeManagementEvents": False}]}, True),
        ("cloudtrail", "PutEventSelectors", {"eventSelectors": [{"readWriteType": "ReadOnly"}]}, True),
        (
            "cloudtrail",
            "PutEventSelectors",
            {"eventSelectors": [{"includeManagementEvents": True, "readWriteType": "All"}]},
            False,
        ),
        (
            "cloudtrail",
            "PutEventSelectors",
            chosen("Data"),
            True,
        ),
        (
            "cloudtrail",
            "PutEventSelectors",
            chosen("Management"),
            False,
        ),
        ("guardduty", "DeleteDetector", {"detectorId": "d"}, True),
        ("ec2", "DeleteFlowLogs", {}, True),
        ("config", "DeleteDeliveryChannel", {}, True),
        ("route53resolver", "DisassociateResolverQueryLogConfig", {}, True),
        ("securityhub", "DisableSecurityHub", {}, True),
    ],
)  # fmt: skip
def test_logs_that_tell_less(service: str, name: str, asked: Any, less: bool) -> None:
    (change,) = changes_of(service, name, asked)
    assert (change.family, "less logging" in change.effects) == ("logs", less)


def test_the_log_of_a_function_that_is_deleted_names_the_function() -> None:
    (change,) = changes_of("logs", "DeleteLogGroup", {"logGroupName": "/aws/lambda/pay"})
    assert (change.function_name, change.effects) == ("pay", ("less logging",))
    assert changes_of("logs", "DeleteLogGroup", {"logGroupName": "other"}) == ()


@pytest.mark.parametrize(
    ("service", "name"), [("iam", "GetRole"), ("kms", "Decrypt"), ("logs", "CreateLogGroup")]
)
def test_what_changes_nothing(service: str, name: str) -> None:
    assert changes_of(service, name, {"roleName": "r"}) == ()
