from typing import Any
from urllib.parse import urlsplit

import pytest

from coldtrail_testbed.cloud.clients import local_client
from coldtrail_testbed.cloud.http_server import HttpRequest
from coldtrail_testbed.cloud.identities import DEPLOYMENT_KEY
from coldtrail_testbed.cloud.operations import called_operation

from .requests_of import request_of

_ARN = "arn:aws:{}:us-east-1:123456789012:{}"
_ITEM = {"id": {"S": "b1"}, "price": {"N": "7"}}
_OBJECT = {"Bucket": "films", "Key": "a b/c+d.mp4"}
_OBJECT_ARN = ("arn:aws:s3:::films/a b/c+d.mp4", "arn:aws:s3:::films")
_FILMS = ("arn:aws:s3:::films",)
_MESSAGE = {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}
_TABLE = _ARN.format("dynamodb", "table/Booking")
_FUNCTION = _ARN.format("lambda", "function:GetLoyalty")
_MACHINE = _ARN.format("states", "stateMachine:ProcessBooking")


@pytest.mark.parametrize(
    ("client", "method", "parameters", "service", "operation", "resources"),
    [
        ("dynamodb", "put_item", {"TableName": "Booking", "Item": _ITEM}, "dynamodb", "PutItem", (_TABLE,)),
        (
            "dynamodb",
            "transact_write_items",
            {"TransactItems": [{"Put": {"TableName": "Booking", "Item": _ITEM}}]},
            "dynamodb",
            "TransactWriteItems",
            (_TABLE,),
        ),
        (
            "dynamodb",
            "batch_get_item",
            {"RequestItems": {"Booking": {"Keys": [{"id": {"S": "b"}}]}}},
            "dynamodb",
            "BatchGetItem",
            (_TABLE,),
        ),
        ("s3", "put_object", {**_OBJECT, "Body": b"x"}, "s3", "PutObject", _OBJECT_ARN),
        ("s3", "get_object", _OBJECT, "s3", "GetObject", _OBJECT_ARN),
        ("s3", "head_object", _OBJECT, "s3", "HeadObject", _OBJECT_ARN),
        ("s3", "delete_object", _OBJECT, "s3", "DeleteObject", _OBJECT_ARN),
        (
            "s3",
            "put_object_tagging",
            {**_OBJECT, "Tagging": {"TagSet": []}},
            "s3",
            "PutObjectTagging",
            _OBJECT_ARN,
        ),
        ("s3", "get_object_tagging", _OBJECT, "s3", "GetObjectTagging", _OBJECT_ARN),
        ("s3", "create_multipart_upload", _OBJECT, "s3", "CreateMultipartUpload", _OBJECT_ARN),
        (
            "s3",
            "upload_part",
            {**_OBJECT, "PartNumber": 1, "UploadId": "u", "Body": b"x"},
            "s3",
            "UploadPart",
            _OBJECT_ARN,
        ),
        (
            "s3",
            "copy_object",
            {**_OBJECT, "CopySource": {"Bucket": "old", "Key": "k 1"}},
            "s3",
            "CopyObject",
            (*_OBJECT_ARN, "arn:aws:s3:::old/k 1"),
        ),
        ("s3", "list_objects_v2", {"Bucket": "films", "Prefix": "p"}, "s3", "ListObjectsV2", _FILMS),
        ("s3", "list_objects", {"Bucket": "films"}, "s3", "ListObjects", _FILMS),
        ("s3", "head_bucket", {"Bucket": "films"}, "s3", "HeadBucket", _FILMS),
        ("s3", "create_bucket", {"Bucket": "films"}, "s3", "CreateBucket", _FILMS),
        ("s3", "list_buckets", {}, "s3", "ListBuckets", ()),
        (
            "lambda",
            "invoke",
            {"FunctionName": "GetLoyalty", "Payload": b"{}"},
            "lambda",
            "Invoke",
            (_FUNCTION,),
        ),
        ("lambda", "get_function", {"FunctionName": _FUNCTION}, "lambda", "GetFunction", (_FUNCTION,)),
        ("lambda", "list_functions", {}, "lambda", "ListFunctions", ()),
        (
            "stepfunctions",
            "start_execution",
            {"stateMachineArn": _MACHINE, "input": "{}"},
            "states",
            "StartExecution",
            (_MACHINE,),
        ),
        (
            "ssm",
            "get_parameter",
            {"Name": "/a/b"},
            "ssm",
            "GetParameter",
            (_ARN.format("ssm", "parameter/a/b"),),
        ),
        (
            "secretsmanager",
            "get_secret_value",
            {"SecretId": "key"},
            "secretsmanager",
            "GetSecretValue",
            (_ARN.format("secretsmanager", "secret:key-2c70e1"),),
        ),
        (
            "events",
            "put_events",
            {"Entries": [{"Source": "s", "DetailType": "t", "Detail": "{}"}]},
            "events",
            "PutEvents",
            (_ARN.format("events", "event-bus/default"),),
        ),
        (
            "sqs",
            "send_message",
            {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/q", "MessageBody": "m"},
            "sqs",
            "SendMessage",
            (_ARN.format("sqs", "q"),),
        ),
        (
            "sns",
            "publish",
            {"TopicArn": _ARN.format("sns", "t"), "Message": "m"},
            "sns",
            "Publish",
            (_ARN.format("sns", "t"),),
        ),
        (
            "ses",
            "send_email",
            {"Source": "A <a@b.org>", "Destination": {"ToAddresses": ["c@d.org"]}, "Message": _MESSAGE},
            "ses",
            "SendEmail",
            (_ARN.format("ses", "identity/a@b.org"),),
        ),
        (
            "sesv2",
            "send_email",
            {"FromEmailAddress": "a@b.org", "Content": {"Simple": _MESSAGE}},
            "ses",
            "SendEmail",
            (_ARN.format("ses", "identity/a@b.org"),),
        ),
        ("iam", "get_role", {"RoleName": "r"}, "iam", "GetRole", ("arn:aws:iam::123456789012:role/r",)),
        ("sts", "get_caller_identity", {}, "sts", "GetCallerIdentity", ()),
        ("mediaconvert", "describe_endpoints", {}, "mediaconvert", "DescribeEndpoints", ()),
        (
            "mediaconvert",
            "get_job_template",
            {"Name": "720p"},
            "mediaconvert",
            "GetJobTemplate",
            (_ARN.format("mediaconvert", "jobTemplates/720p"),),
        ),
        (
            "mediaconvert",
            "create_job",
            {"Role": "r", "Settings": {}},
            "mediaconvert",
            "CreateJob",
            (_ARN.format("mediaconvert", "queues/Default"),),
        ),
        (
            "mediapackage-vod",
            "create_asset",
            {"Id": "a1", "PackagingGroupId": "g", "SourceArn": "s", "SourceRoleArn": "r"},
            "mediapackage-vod",
            "CreateAsset",
            (_ARN.format("mediapackage-vod", "assets/a1"),),
        ),
    ],
)
def test_names_what_boto3_calls(
    client: str,
    method: str,
    parameters: dict[str, Any],
    service: str,
    operation: str,
    resources: tuple[str, ...],
) -> None:
    called = called_operation(request_of(client, method, **parameters))
    assert (called.service, called.name) == (service, operation)
    assert called.resources == resources
    assert called.access_key == DEPLOYMENT_KEY


def test_parameters_hold_names_and_keys_and_no_values() -> None:
    update = request_of(
        "dynamodb",
        "update_item",
        TableName="Booking",
        Key={"id": {"S": "b1"}},
        UpdateExpression="SET price = :p",
        ExpressionAttributeValues={":p": {"N": "4711"}},
    )
    assert called_operation(update).parameters == {"tableName": "Booking", "key": '{"id": "b1"}'}
    created = request_of("lambda", "create_function", FunctionName="F", Role="r", Code={})
    assert called_operation(created).parameters == {"functionName": "F"}
    secret = request_of("ssm", "put_parameter", Name="/a", Value="4711", Type="String")
    assert called_operation(secret).parameters == {"name": "/a"}


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_presigned_requests_carry_their_key_in_the_query(version: str) -> None:
    client = local_client("s3", "http://127.0.0.1:9", signature_version=version)
    url = urlsplit(client.generate_presigned_url("get_object", Params=_OBJECT))
    client.close()
    called = called_operation(HttpRequest("GET", f"{url.path}?{url.query}", {"range": "bytes=0-99"}, b""))
    assert (called.service, called.name, called.access_key) == ("s3", "GetObject", DEPLOYMENT_KEY)
    assert called.resources == _OBJECT_ARN


def test_virtual_hosts_name_the_bucket() -> None:
    signed = {"authorization": "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/s3/aws4_request, S=s"}
    for host in ("films.s3.amazonaws.com", "films.s3.us-east-1.amazonaws.com"):
        request = HttpRequest("GET", "/a%20b/c%2Bd.mp4", {**signed, "host": host}, b"")
        assert called_operation(request).resources == _OBJECT_ARN
        listing = HttpRequest("GET", "/?list-type=2", {**signed, "host": host}, b"")
        assert called_operation(listing).name == "ListObjectsV2"


def test_what_cannot_be_read_is_still_named() -> None:
    called = called_operation(HttpRequest("GET", "/unknown", {}, b""))
    assert (called.service, called.name, called.resources) == ("", "GET", ())
    target = {"x-amz-target": "DynamoDB_20120810.GetItem"}
    assert called_operation(HttpRequest("POST", "/", target, b"{broken")).name == "GetItem"
