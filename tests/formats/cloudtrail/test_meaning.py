import json
from typing import Any

import pytest

from coldtrail.formats.cloudtrail.meaning import effects, lets_in, parts_set, telling_variables


@pytest.mark.parametrize(
    ("operation", "request_", "parts"),
    [
        ("UpdateFunctionCode", {"s3Bucket": "b"}, ("code",)),
        ("UpdateFunctionConfiguration", {"layers": ["a"], "timeout": 3}, ("layers", "timeout")),
        ("UpdateFunctionConfiguration", {"environment": {}, "layers": []}, ("layers",)),
        ("UpdateFunctionConfiguration", {"environment": {"variables": {"A": "1"}}}, ("environment",)),
        ("PutFunctionConcurrency", {"reservedConcurrentExecutions": 0}, ("concurrency",)),
        ("CreateRuntimeVersion", {}, ("code",)),
        ("TagResource", {}, ()),
    ],
)
def test_what_a_call_sets(operation: str, request_: dict[str, Any], parts: tuple[str, ...]) -> None:
    assert parts_set(operation, request_) == parts


def test_of_variables_only_names_that_are_telling_enter() -> None:
    request = {"environment": {"variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/x", "TOKEN": "secret"}}}
    assert telling_variables(request) == ("AWS_LAMBDA_EXEC_WRAPPER",)
    assert telling_variables({"environment": "HIDDEN"}) == ()


@pytest.mark.parametrize(
    ("request_", "accounts"),
    [
        ({"authType": "NONE"}, ("*",)),
        ({"authType": "AWS_IAM"}, ()),
        ({"principal": "*"}, ("*",)),
        ({"principal": "*", "principalOrgID": "o-1"}, ()),
        ({"principal": "*", "sourceAccount": "210987654321"}, ("210987654321",)),
        ({"principal": "*", "sourceArn": "arn:aws:s3:::bucket"}, ()),
        ({"principal": "s3.amazonaws.com", "sourceAccount": "210987654321"}, ("210987654321",)),
        (
            {"principal": "sns.amazonaws.com", "sourceArn": "arn:aws:sns:eu-west-1:210987654321:t"},
            ("210987654321",),
        ),
        ({"principal": "apigateway.amazonaws.com"}, ()),
        ({"principal": "arn:aws:iam::210987654321:user/eve"}, ("210987654321",)),
        ({"policy": json.dumps({"Statement": {"Effect": "Allow", "Principal": "*"}})}, ("*",)),
    ],
)
def test_which_accounts_are_let_in(request_: dict[str, Any], accounts: tuple[str, ...]) -> None:
    assert lets_in(request_) == accounts


@pytest.mark.parametrize(
    ("operation", "request_", "unsigned"),
    [
        ("DeleteFunctionCodeSigningConfig", {}, True),
        ("UpdateCodeSigningConfig", {"codeSigningPolicies": {"untrustedArtifactOnDeployment": "Warn"}}, True),
        ("UpdateCodeSigningConfig", {"codeSigningPolicies": {}}, False),
        ("PutFunctionCodeSigningConfig", {}, False),
    ],
)
def test_signatures_that_are_no_longer_asked_for(
    operation: str, request_: dict[str, Any], unsigned: bool
) -> None:
    assert effects(operation, request_) == (("unsigned code",) if unsigned else ())
