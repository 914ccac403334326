import json
from typing import Any

import pytest

from coldtrail.formats.cloudtrail.meaning import (
    code_from,
    effects,
    flat,
    is_open,
    lets_in,
    parts_set,
    results_to,
    telling_variables,
)


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
        ({"authType": "ApplicationManaged"}, ("*",)),
        ({"authType": "IamAuth"}, ()),
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


def test_the_parts_of_a_request_lie_beside_one_another() -> None:
    request = {
        "functionName": "f",
        "revisionConfig": {"serviceConfig": {"executionRoleArn": "r"}, "functionName": "g"},
    }
    told = flat(request)
    assert (told["functionName"], told["executionRoleArn"]) == ("f", "r")
    assert flat({"revisionConfig": "HIDDEN", "role": "x"})["role"] == "x"


def test_who_calls_need_not_say_who_he_is() -> None:
    assert is_open({"authType": "NONE"})
    assert is_open({"authType": "ApplicationManaged"})
    assert not is_open({"authType": "AWS_IAM"})


def test_where_results_and_failures_go() -> None:
    config = {"onSuccess": {"destination": "a"}, "onFailure": {"destination": "b"}}
    assert results_to({"destinationConfig": config, "deadLetterConfig": {"targetArn": "b"}}) == ("a", "b")
    assert results_to({"deadLetterConfig": {"targetArn": "c"}}) == ("c",)
    assert results_to({"destinationConfig": "HIDDEN"}) == ()


def test_the_image_that_code_is_taken_from() -> None:
    assert code_from({"code": {"imageUri": "i"}}) == "i"
    assert code_from({"imageUri": "i"}) == "i"
    assert code_from({"s3Bucket": "b"}) is None


def test_a_microvm_of_which_nothing_is_logged() -> None:
    assert effects("RunMicrovm", {"logging": {"disabled": {}}}) == ("less logging",)
    assert effects("RunMicrovm", {"logging": {"cloudWatch": {"logGroup": "g"}}}) == ()
