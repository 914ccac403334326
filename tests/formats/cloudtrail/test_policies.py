import json
from typing import Any
from urllib.parse import quote

import pytest

from coldtrail.formats.cloudtrail.policies import (
    account_of,
    accounts_let_in,
    gives_all_rights,
    is_of_all_rights,
    principals,
    statements,
)


def policy(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


@pytest.mark.parametrize(
    ("principal", "account"),
    [
        ("*", "*"),
        ("210987654321", "210987654321"),
        ("arn:aws:iam::210987654321:root", "210987654321"),
        ("arn:aws-cn:sts::210987654321:assumed-role/r/s", "210987654321"),
        ("lambda.amazonaws.com", None),
        ("", None),
    ],
)
def test_the_account_of_a_principal(principal: str, account: str | None) -> None:
    assert account_of(principal) == account


def test_whom_a_policy_lets_in() -> None:
    told = policy(Principal={"AWS": ["arn:aws:iam::210987654321:root", "*"], "Service": "s3.amazonaws.com"})
    assert list(accounts_let_in(told)) == ["210987654321", "*"]
    (statement,) = statements(told)
    assert list(principals(statement)) == ["arn:aws:iam::210987654321:root", "*", "s3.amazonaws.com"]
    assert list(accounts_let_in(quote(told))) == ["210987654321", "*"]


@pytest.mark.parametrize("key", ["aws:SourceAccount", "aws:PrincipalOrgID", "AWS:SourceArn"])
def test_everyone_under_a_condition_is_not_everyone(key: str) -> None:
    assert list(accounts_let_in(policy(Principal="*", Condition={"StringEquals": {key: "x"}}))) == []
    other = policy(Principal="*", Condition={"Bool": {"aws:SecureTransport": "true"}})
    assert list(accounts_let_in(other)) == ["*"]


@pytest.mark.parametrize(
    ("action", "resource", "all_rights"),
    [
        ("*", "*", True),
        (["s3:GetObject", "iam:*"], ["*"], True),
        ("s3:*", "*", False),
        ("*", "arn:aws:s3:::b", False),
        (None, None, False),
    ],
)
def test_policies_that_give_all_rights(action: Any, resource: Any, all_rights: bool) -> None:
    assert gives_all_rights(policy(Action=action, Resource=resource)) is all_rights
    denied = json.dumps({"Statement": {"Effect": "Deny", "Action": action, "Resource": resource}})
    assert gives_all_rights(denied) is False


def test_policies_of_the_cloud_that_give_all_rights() -> None:
    assert is_of_all_rights("arn:aws:iam::aws:policy/AdministratorAccess")
    assert not is_of_all_rights("arn:aws:iam::aws:policy/ReadOnlyAccess")
    assert not is_of_all_rights(None)


@pytest.mark.parametrize("broken", [None, "", "{", "[" * 60_000, "7", '{"Statement": [7, null]}'])
def test_a_broken_policy_allows_nothing(broken: str | None) -> None:
    assert list(statements(broken)) == []
    assert not gives_all_rights(broken)


def test_all_but_some_are_everyone() -> None:
    statement = {"Effect": "Allow", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}}
    assert list(accounts_let_in(json.dumps({"Statement": statement}))) == ["*"]
