from typing import Any

import pytest
from botocore.exceptions import ClientError

from coldtrail_testbed.applications.model import Grant
from coldtrail_testbed.cloud.clients import local_client
from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.identifiers import bucket_arn, secret_arn, table_arn
from coldtrail_testbed.cloud.identities import ROLE_HEADER, STATE_MACHINES
from coldtrail_testbed.cloud.operations import called_operation
from coldtrail_testbed.cloud.permissions import Demand, Permissions, demands

from .endpoints import endpoint_of
from .requests_of import request_of

_GRANTS = [
    Grant(("dynamodb:GetItem", "dynamodb:Query"), table_arn("Booking")),
    Grant(("dynamodb:Query",), f"{table_arn('Loyalty')}/index/*"),
    Grant(("s3:GetObject", "s3:PutObject"), f"{bucket_arn('films')}/in/*"),
    Grant(("s3:ListBucket",), bucket_arn("films")),
    Grant(("secretsmanager:GetSecretValue",), secret_arn("key")),
    Grant(("ses:*",), "*"),
]
_FILM = {"Bucket": "films", "Key": "in/a.mp4"}
_QUERY = {"KeyConditionExpression": "a = :a"}


def _missing(client: str, method: str, **parameters: Any) -> Demand | None:
    permissions = Permissions()
    permissions.give("F", _GRANTS)
    return permissions.missing("F", called_operation(request_of(client, method, **parameters)))


@pytest.mark.parametrize(
    ("client", "method", "parameters"),
    [
        ("dynamodb", "get_item", {"TableName": "Booking", "Key": {"id": {"S": "1"}}}),
        ("dynamodb", "query", {"TableName": "Loyalty", "IndexName": "customer", **_QUERY}),
        ("s3", "head_object", _FILM),
        ("s3", "put_object", {**_FILM, "Body": b"x"}),
        ("s3", "copy_object", {**_FILM, "CopySource": "films/in/b.mp4"}),
        ("s3", "list_objects_v2", {"Bucket": "films"}),
        ("secretsmanager", "get_secret_value", {"SecretId": "key"}),
        ("sesv2", "send_email", {"FromEmailAddress": "a@b.org", "Content": {}}),
        ("sts", "get_caller_identity", {}),
        ("xray", "put_trace_segments", {"TraceSegmentDocuments": []}),
    ],
)
def test_grants_allow(client: str, method: str, parameters: dict[str, Any]) -> None:
    assert _missing(client, method, **parameters) is None


@pytest.mark.parametrize(
    ("client", "method", "parameters", "action", "resource"),
    [
        (
            "dynamodb",
            "update_item",
            {"TableName": "Booking", "Key": {"id": {"S": "1"}}},
            "dynamodb:UpdateItem",
            table_arn("Booking"),
        ),
        (
            "dynamodb",
            "query",
            {"TableName": "Booking", "IndexName": "i", **_QUERY},
            "dynamodb:Query",
            f"{table_arn('Booking')}/index/i",
        ),
        ("s3", "get_object", {"Bucket": "films", "Key": "out"}, "s3:GetObject", "arn:aws:s3:::films/out"),
        ("s3", "put_object", {"Bucket": "film", "Key": "in/a"}, "s3:PutObject", "arn:aws:s3:::film/in/a"),
        (
            "s3",
            "copy_object",
            {**_FILM, "CopySource": "other/in/b.mp4"},
            "s3:GetObject",
            "arn:aws:s3:::other/in/b.mp4",
        ),
        ("s3", "list_buckets", {}, "s3:ListAllMyBuckets", "*"),
        ("iam", "list_users", {}, "iam:ListUsers", "*"),
    ],
)
def test_what_is_not_granted_is_missing(
    client: str, method: str, parameters: dict[str, Any], action: str, resource: str
) -> None:
    assert _missing(client, method, **parameters) == Demand(action, resource)


def test_a_question_mark_stands_for_one_character() -> None:
    permissions = Permissions()
    permissions.give("F", [Grant(("s3:GetObject",), f"{bucket_arn('films')}/in/?.mp4")])
    keys = ("in/a.mp4", "in/ab.mp4", "in/.mp4", "in/a-mp4")
    calls = [called_operation(request_of("s3", "get_object", Bucket="films", Key=key)) for key in keys]
    assert [permissions.missing("F", call) is None for call in calls] == [True, False, False, False]


def test_a_role_without_grants_may_trace_and_say_who_it_is_and_nothing_else() -> None:
    permissions = Permissions()
    permissions.give("F", [])
    for role in ("F", "Unknown"):
        denied = permissions.missing(role, called_operation(request_of("iam", "list_users")))
        assert denied == Demand("iam:ListUsers", "*")
        tracing = request_of("xray", "put_trace_segments", TraceSegmentDocuments=[])
        for request in (tracing, request_of("sts", "get_caller_identity")):
            assert permissions.missing(role, called_operation(request)) is None


def test_a_call_may_need_several_permissions() -> None:
    copy = request_of("s3", "copy_object", **_FILM, CopySource="old/k")
    assert [demand.action for demand in demands(called_operation(copy))] == ["s3:PutObject", "s3:GetObject"]


@pytest.mark.parametrize(
    ("client", "method", "parameters", "status", "code"),
    [
        ("dynamodb", "list_tables", {}, 400, "AccessDeniedException"),
        ("ssm", "get_parameter", {"Name": "/a"}, 400, "AccessDeniedException"),
        ("sqs", "send_message", {"QueueUrl": "q", "MessageBody": "m"}, 403, "AccessDenied"),
        ("s3", "get_object", {"Bucket": "b", "Key": "k"}, 403, "AccessDenied"),
        ("s3", "head_object", {"Bucket": "b", "Key": "k"}, 403, "403"),
        ("sns", "publish", {"TopicArn": "t", "Message": "m"}, 403, "AuthorizationError"),
        ("iam", "list_users", {}, 403, "AccessDenied"),
        ("sts", "assume_role", {"RoleArn": "r", "RoleSessionName": "s"}, 403, "AccessDenied"),
        ("lambda", "invoke", {"FunctionName": "f"}, 403, "AccessDeniedException"),
        ("mediaconvert", "get_job_template", {"Name": "t"}, 403, "AccessDeniedException"),
    ],
)
def test_boto3_is_refused_in_the_services_own_form(
    foundation: Foundation, client: str, method: str, parameters: dict[str, Any], status: int, code: str
) -> None:
    foundation.permissions.give("F", [Grant(("dynamodb:GetItem",), table_arn("Booking"))])
    with endpoint_of(foundation) as (url, behind):
        caller = local_client(client, url, access_key="function-key")
        with pytest.raises(ClientError) as refused:
            getattr(caller, method)(**parameters)
        caller.close()
    answer = refused.value.response
    assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]) == (status, code)
    assert behind.reached == 0
    call = foundation.facts.calls[-1]
    assert (call.caller.name, call.request_id) == ("F", answer["ResponseMetadata"]["RequestId"])
    assert call.error_code == ("AccessDenied" if code == "403" else code)
    if code != "403":
        assert "FFunctionRole/F is not authorized to perform" in answer["Error"]["Message"]


def test_only_roles_are_refused(foundation: Foundation) -> None:
    foundation.permissions.give("Machine", [Grant(("dynamodb:PutItem",), "*")])
    with endpoint_of(foundation) as (url, behind):
        machine = local_client("dynamodb", url, access_key=STATE_MACHINES.access_key)
        machine.meta.events.register(
            "before-call", lambda params, **_: params["headers"].update({ROLE_HEADER: "Machine"})
        )
        with pytest.raises(ClientError, match="AccessDenied"):
            machine.list_tables()
        machine.put_item(TableName="t", Item={})
        deployment = local_client("dynamodb", url)
        deployment.list_tables()
        machine.close()
        deployment.close()
    assert behind.reached == 2
