import json
from typing import Any

import botocore.session
import pytest

from coldtrail.records.witnesses import Change
from tests.fixtures.witnesses import FUNCTION, ROLE
from tests.formats.cloudtrail.test_parser import KEY, parse, record


def changes_of(name: str, request: Any = None, answer: Any = None, **more: Any) -> tuple[Change, ...]:
    return parse(
        record(
            eventSource="lambda.amazonaws.com",
            eventName=name,
            requestParameters=request,
            responseElements=answer,
            **more,
        )
    ).changes


def test_new_code() -> None:
    answer = {
        "functionName": "pay",
        "codeSha256": "abc=",
        "revisionId": "r-1",
        "version": "8",
        "role": ROLE,
        "runtime": "python3.13",
        "layers": [{"arn": "arn:aws:lambda:eu-west-1:1:layer:x:1"}],
        "environment": {"variables": {"A": "b"}},
    }
    (change,) = changes_of("UpdateFunctionCode20150331v2", {"functionName": FUNCTION}, answer)
    assert (change.function_name, change.operation, change.family) == (
        "ConfirmBooking",
        "UpdateFunctionCode",
        "functions",
    )
    assert (change.code_sha256, change.revision, change.version) == ("abc=", "r-1", "8")
    assert (change.role, change.runtime) == (ROLE, "python3.13")
    assert change.layers == ("arn:aws:lambda:eu-west-1:1:layer:x:1",)


@pytest.mark.parametrize(
    "name",
    [
        "GetFunction20150331v2",
        "ListVersionsByFunction20150331",
        "Invoke",
        "InvokeWithResponseStream",
        "CheckpointDurableExecution",
        "SendDurableExecutionCallbackSuccess",
        "GetWebFunction",
        "ListMicrovms",
        "CreateMicrovmAuthToken",
    ],
)
def test_what_changes_nothing(name: str) -> None:
    assert changes_of(name, {"functionName": "pay"}) == ()


@pytest.mark.parametrize(
    ("name", "asked", "family", "what"),
    [
        ("PublishVersion20150331", {"functionName": "pay"}, "functions", "pay"),
        ("PutFunctionConcurrency20171031", {"functionName": "123456789012:function:pay"}, "functions", "pay"),
        ("PutRuntimeManagementConfig", {"functionName": "pay:7"}, "functions", "pay"),
        ("TagResource20170331v2", {"resource": FUNCTION}, "functions", "ConfirmBooking"),
        ("CreateWebFunctionEndpoint", {"functionName": "shop"}, "web functions", "shop"),
        ("UpdateMicrovmImage", {"imageIdentifier": "img"}, "microvms", "img"),
        ("CreateRuntimeVersion", {"runtimeName": "mine"}, "runtimes", "mine"),
        ("UpdateRuntimeAlias", {"RuntimeName": "mine"}, "runtimes", "mine"),
        ("CreateNetworkConnector", {"name": "net"}, "connectors", "net"),
        ("PublishLayerVersion20181031", {"layerName": "dep"}, "layers", "dep"),
        ("DeleteFunction", {"functionName": "pay"}, "functions", "pay"),
    ],
)
def test_every_family_of_the_api(name: str, asked: Any, family: str, what: str) -> None:
    (change,) = changes_of(name, asked)
    assert (change.family, change.function_name) == (family, what)


MODELS: dict[str, frozenset[str]] = {
    "lambda": frozenset(
        ("functions", "layers", "capacity providers", "code signing"),
    ),
    "lambda-web": frozenset(("functions", "web functions")),
    "lambda-microvms": frozenset(("functions", "microvms")),
    "lambda-core": frozenset(("runtimes", "connectors")),
}
"""The four models of Lambda's API, each with the families that its operations change; tags and policies of
all are of `functions`, since their operations do not say whose they are."""


@pytest.mark.parametrize("model", MODELS)
def test_every_operation_of_the_four_models_changes_something_or_reads(model: str) -> None:
    service = botocore.session.get_session().get_service_model(model)
    assert service.signing_name == "lambda"
    families: dict[str, set[str]] = {}
    for name in service.operation_names:
        for told in (name, f"{name}20261130", f"{name}20261130v2"):
            families.setdefault(name, set()).update(
                one.family for one in changes_of(told, {"functionName": "pay"})
            )
    reads = {name for name in families if name.startswith(("Get", "List"))}
    data = {name for name in families if name.startswith(("Invoke", "CheckpointDurable", "SendDurable"))}
    tokens = {name for name in families if name == "CreateMicrovmAuthToken"}
    assert {name for name, some in families.items() if not some} == reads | data | tokens
    assert all(len(some) <= 1 for some in families.values())
    assert set().union(*families.values()) == MODELS[model]


@pytest.mark.parametrize("source", ["lambda-web", "lambda-microvms", "lambda-core"])
def test_whatever_source_the_newer_families_are_told_under(source: str) -> None:
    made = parse(
        record(eventSource=f"{source}.amazonaws.com", eventName="DeleteRuntime", requestParameters={})
    )
    assert [(change.operation, change.family) for change in made.changes] == [("DeleteRuntime", "runtimes")]


@pytest.mark.parametrize(
    ("asked", "grantee"),
    [
        ({"principal": "*"}, "*"),
        ({"principal": "apigateway.amazonaws.com"}, "apigateway.amazonaws.com"),
        ({"principal": "210987654321"}, "210987654321"),
        ({"principal": "arn:aws:iam::210987654321:root"}, "arn:aws:iam::210987654321:root"),
        ({"principal": "arn:aws:iam::210987654321:user/eve"}, KEY["arn:aws:iam::210987654321:user/eve"]),
        ({"authType": "NONE"}, "*"),
        ({"authType": "AWS_IAM"}, None),
        (
            {
                "policy": json.dumps(
                    {
                        "Statement": [
                            {"Effect": "Allow", "Principal": {"AWS": ["210987654321", "*"]}},
                            {"Effect": "Deny", "Principal": "*"},
                        ]
                    }
                )
            },
            "210987654321\n*",
        ),
        ({"policy": "{"}, None),
        ({"policy": "[" * 60_000}, None),
    ],
)
def test_who_is_let_in(asked: dict[str, Any], grantee: str | None) -> None:
    (change,) = changes_of("AddPermission20150331v2", {"functionName": "pay", **asked})
    assert change.grantee == grantee


def test_an_alias_that_moves_and_a_change_that_failed() -> None:
    (change,) = changes_of(
        "UpdateAlias20150331",
        {"functionName": "pay", "name": "live"},
        {"functionVersion": "9"},
        errorCode="X",
    )
    assert (change.alias, change.version, change.error_code) == ("live", "9", "X")


def test_the_same_name_in_another_service_is_no_change() -> None:
    assert parse(record(eventName="DeleteFunction")).changes == ()


def test_what_a_change_sets_and_what_triggers_it_from_now_on() -> None:
    layer = "arn:aws:lambda:eu-west-1:210987654321:layer:x:1"
    asked = {"functionName": "pay", "layers": [layer], "environment": {"variables": {"LD_PRELOAD": "/x"}}}
    (change,) = changes_of("UpdateFunctionConfiguration20150331v2", asked)
    assert (change.sets, change.variables) == (("environment", "layers"), ("LD_PRELOAD",))
    assert (change.layers, change.lets_in) == ((layer,), ())
    asked = {"functionName": "pay", "eventSourceArn": "arn:aws:sqs:eu-west-1:210987654321:q"}
    (change,) = changes_of("CreateEventSourceMapping20150331", asked)
    assert change.target == "arn:aws:sqs:eu-west-1:210987654321:q"
    (change,) = changes_of("DeleteFunctionCodeSigningConfig20200630", {"functionName": "pay"})
    assert change.effects == ("unsigned code",)


def test_a_layer_that_everybody_may_use() -> None:
    (change,) = changes_of("AddLayerVersionPermission20181031", {"layerName": "dep", "principal": "*"})
    assert (change.family, change.lets_in) == ("layers", ("*",))


def test_what_stands_inside_the_parts_of_a_web_function() -> None:
    service = {
        "executionRoleArn": ROLE,
        "timeoutSeconds": 3,
        "environmentVariables": {"LD_PRELOAD": "/tmp/x", "TOKEN": "secret"},
    }
    request = {
        "functionName": "shop",
        "revisionConfig": {
            "serviceConfig": service,
            "buildConfig": {"runtimeConfig": {"runtime": "python3.14"}},
        },
        "endpointConfig": {"endpointName": "main", "authType": "ApplicationManaged"},
    }
    (change,) = changes_of("CreateWebFunction", request)
    assert (change.function_name, change.family, change.role) == ("shop", "web functions", ROLE)
    assert (change.lets_in, change.grantee, change.variables) == (("*",), "*", ("LD_PRELOAD",))
    assert change.sets == ("code", "environment", "role", "runtime", "timeout")
    assert "secret" not in str(change)


def test_where_results_go_and_code_comes_from() -> None:
    queue, image = "arn:aws:sqs:eu-west-1:210987654321:q", "210987654321.dkr.ecr.eu-west-1.amazonaws.com/x:1"
    request = {"functionName": "pay", "destinationConfig": {"onSuccess": {"destination": queue}}}
    (change,) = changes_of("PutFunctionEventInvokeConfig", request)
    assert change.results_to == (queue,)
    (change,) = changes_of("UpdateFunctionCode20150331v2", {"functionName": "pay", "imageUri": image})
    assert change.code_from == image


def test_a_token_for_a_shell_is_a_change_of_the_microvm() -> None:
    (change,) = changes_of("CreateMicrovmShellAuthToken", {"microvmIdentifier": "vm-1"})
    assert (change.function_name, change.family) == ("vm-1", "microvms")
