import json
from pathlib import Path
from typing import Any

import pytest

from coldtrail.config import BaselineSettings, Settings
from coldtrail.formats.cloudtrail.parser import CloudTrailParser
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.telemetry import Document
from coldtrail.records.witnesses import ApiCall
from tests.fixtures.countries import write_countries
from tests.fixtures.witnesses import ACCOUNT, CLOUDTRAIL, FUNCTION, ROLE
from tests.formats.cloudtrail.test_parser import KEY, parse, record


def call_of(**changes: Any) -> ApiCall:
    (call,) = parse(record(**changes)).calls
    return call


def test_a_call_from_inside_a_function() -> None:
    call = call_of()
    assert (call.service, call.operation, call.target, call.target_account) == (
        "S3",
        "PutObject",
        "receipts",
        "210987654321",
    )
    assert (call.account, call.region, call.time) == (ACCOUNT, "eu-west-1", 1_796_040_000.0)
    assert (call.request_id, call.extended_request_id) == ("07D681123BD12AED", "q6xhNJYmhg=")
    assert (call.access_key, call.source_ip) == (KEY["ASIAEXAMPLE"], KEY["203.0.113.7"])
    assert call.principal == KEY[CLOUDTRAIL["userIdentity"]["arn"]]
    assert (call.principal_kind, call.role) == ("AssumedRole", ROLE)
    assert (call.session, call.session_function) == (KEY["ConfirmBooking"], "ConfirmBooking")
    assert call.credentials_of == f"{FUNCTION}:7"
    assert call.issued == call.time - 3_600
    assert (call.user_agent, call.environment) == ("Boto3", "AWS_Lambda_python3.11")
    assert (call.bytes_in, call.bytes_out, call.presigned) == (1024, 0, False)
    assert (call.vpc_endpoint, call.data_event, call.read_only) == ("vpce-0a1b2c3d", True, False)


def test_the_name_of_a_session_is_shown_only_where_a_function_says_it_is_its_own() -> None:
    call = call_of(userAgent="aws-cli/2.13 Python/3.11")
    assert (call.session, call.session_function) == (KEY["ConfirmBooking"], None)


@pytest.mark.parametrize(
    ("address", "service"),
    [("lambda.amazonaws.com", "lambda.amazonaws.com"), ("AWS Internal", "AWS Internal"), ("10.0.0.1", None)],
)
def test_services_of_the_cloud_are_no_addresses(address: str, service: str | None) -> None:
    call = call_of(sourceIPAddress=address)
    assert call.source_service == service
    assert call.source_ip == (None if service else KEY[address])


@pytest.mark.parametrize(
    ("name", "operation"),
    [
        ("UpdateFunctionCode20150331v2", "UpdateFunctionCode"),
        ("DeleteFunction20150331", "DeleteFunction"),
        ("CreateDistribution2020_05_31", "CreateDistribution"),
        ("Invoke", "Invoke"),
        ("getItem", "GetItem"),
    ],
)
def test_operations_have_no_dates(name: str, operation: str) -> None:
    assert call_of(eventName=name).operation == operation


@pytest.mark.parametrize(
    ("source", "asked", "target"),
    [
        ("dynamodb", {"tableName": "Booking", "key": {"id": {"S": "7"}}}, "Booking"),
        ("dynamodb", {"requestItems": {"Booking": {}, "Flight": {}}}, "Booking\nFlight"),
        (
            "sqs",
            {"queueUrl": "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"},
            "arn:aws:sqs::123456789012:orders",
        ),
        (
            "sns",
            {"topicArn": "arn:aws:sns:eu-west-1:123456789012:news"},
            "arn:aws:sns:eu-west-1:123456789012:news",
        ),
        ("secretsmanager", {"secretId": "db"}, "db"),
        ("ssm", {"names": ["/a", "/b", 3]}, "/a\n/b"),
        ("lambda", {"functionName": "pay"}, "pay"),
        ("iam", {"userName": "alice"}, KEY["alice"]),
        ("iam", {"roleName": "admin", "userName": "alice"}, "admin"),
        ("s3", [], "arn:aws:s3:::receipts"),
    ],
)
def test_what_a_call_is_about(source: str, asked: Any, target: str) -> None:
    assert call_of(eventSource=f"{source}.amazonaws.com", requestParameters=asked).target == target


def test_an_invocation() -> None:
    call = call_of(
        eventSource="lambda.amazonaws.com",
        eventName="Invoke",
        requestParameters={"functionName": "pay", "invocationType": "Event"},
        additionalEventData={"customerEniId": "eni-1", "functionVersion": f"{FUNCTION}:12"},
        resources=[{"accountId": ACCOUNT, "type": "AWS::Lambda::Function", "ARN": FUNCTION}],
    )
    assert (call.target, call.function_version, call.interface) == ("pay", "12", "eni-1")


@pytest.mark.parametrize(
    "expiry", ["Nov 30, 2026, 6:00:00 PM", "Nov 30, 2026, 6:00:00\u202fPM", "2026-11-30T18:00:00Z"]
)
def test_credentials_given_to_a_function(expiry: str) -> None:
    call = call_of(
        eventSource="sts.amazonaws.com",
        eventName="AssumeRole",
        userIdentity={"type": "AWSService", "invokedBy": "lambda.amazonaws.com"},
        sourceIPAddress="lambda.amazonaws.com",
        userAgent="lambda.amazonaws.com",
        requestParameters={"roleArn": ROLE, "roleSessionName": "ConfirmBooking"},
        responseElements={
            "credentials": {"accessKeyId": "ASIANEW", "sessionToken": "t", "expiration": expiry}
        },
        sharedEventID="s-1",
    )
    assert (call.issued_key, call.issued_role) == (KEY["ASIANEW"], ROLE)
    assert call.issued_until == 1_796_040_000.0 + 6 * 3_600
    assert (call.session_function, call.invoked_by) == ("ConfirmBooking", "lambda.amazonaws.com")
    assert (call.shared_id, call.principal, call.user_agent) == ("s-1", None, "lambda.amazonaws.com")


@pytest.mark.parametrize(
    "garbage",
    [
        {"credentials": [1]},
        {"credentials": {"accessKeyId": 5, "expiration": ["x"]}},
        {"credentials": {"expiration": "Feb 31, 2026, 1:00:00 AM"}},
        "x",
        7,
    ],
)
def test_odd_answers_harm_nothing(garbage: Any) -> None:
    call = call_of(eventSource="sts.amazonaws.com", responseElements=garbage, additionalEventData=garbage)
    assert (call.issued_key, call.issued_until) == (None, None)


def test_a_link_signed_beforehand() -> None:
    assert call_of(additionalEventData={"AuthenticationMethod": "QueryString"}).presigned


@pytest.mark.parametrize(
    ("asked", "only_asks"),
    [
        ({"functionName": "Pay", "invocationType": "DryRun"}, True),
        ({"functionName": "Pay", "invocationType": "Event"}, False),
        ({"functionName": "Pay", "invocationType": 7}, False),
        ({"functionName": "Pay"}, False),
        (None, False),
    ],
)
def test_an_invoke_that_only_asks_whether_it_might_is_told_as_such(asked: object, only_asks: bool) -> None:
    lambdas = {"eventSource": "lambda.amazonaws.com", "requestParameters": asked}
    assert call_of(eventName="Invoke", **lambdas).dry_run is only_asks
    assert call_of(eventName="GetFunction20150331v2", **lambdas).dry_run is False


def test_a_request_id_in_capitals_is_the_same() -> None:
    request_id = "8f507cfc-1b2c-4d5e-8f60-718293a4b5c6"
    assert call_of(requestID=request_id.upper()).request_id == request_id


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"invocationType": "Event"}, "asynchronous"),
        ({"invocationType": "RequestResponse"}, "synchronous"),
        ({"invocationType": "DryRun"}, None),
        ({"functionName": "Pay"}, None),
        (None, None),
    ],
)
def test_an_invoke_tells_how_it_starts_the_function(asked: object, told: str | None) -> None:
    lambdas = {"eventSource": "lambda.amazonaws.com", "requestParameters": asked}
    assert call_of(eventName="Invoke", **lambdas).invocation_type == told
    assert call_of(eventName="GetFunction20150331v2", **lambdas).invocation_type is None


def test_where_a_call_comes_from(tmp_path: Path) -> None:
    file = write_countries(tmp_path / "countries.mmdb")
    settings = Settings(baselines=BaselineSettings(country_file=str(file)))
    parser = CloudTrailParser(settings, Pseudonyms(b"k" * 32))
    told = [record(), record(sourceIPAddress="lambda.amazonaws.com"), record(sourceIPAddress=None)]
    calls = [parser(Document(json.dumps(one).encode(), "test")).calls[0] for one in told]
    assert [(call.source_network, call.source_country) for call in calls] == [
        (KEY["203.0.113.0/24"], "DE"),
        (None, None),
        (None, None),
    ]
    assert call_of().source_country is None
