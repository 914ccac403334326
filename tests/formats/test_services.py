import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.features.names.masking import Names, normalise
from coldtrail.formats.services import Hosts, Operations, Services, Targets, host_of


@pytest.mark.parametrize(
    ("spelled", "service"),
    [
        ("dynamodb", "DynamoDB"),
        ("DynamoDB", "DynamoDB"),
        ("AmazonDynamoDB", "DynamoDB"),
        ("AmazonDynamoDBv2", "DynamoDB"),
        ("AWSSecurityTokenService", "STS"),
        ("s3", "S3"),
        ("states", "StepFunctions"),
        ("STEPFUNCTIONS", "StepFunctions"),
        ("sfn", "StepFunctions"),
        ("secretsmanager", "SecretsManager"),
        ("AWSSecretsManager", "SecretsManager"),
        ("Secrets Manager", "SecretsManager"),
        ("events", "EventBridge"),
        ("lambda", "Lambda"),
        ("AWSLambda", "Lambda"),
        ("sts", "STS"),
        ("mediaconvert", "MediaConvert"),
        ("SomethingNew", "SomethingNew"),
        ("...", "..."),
    ],
)
def test_services_have_one_name(spelled: str, service: str) -> None:
    assert Services()[spelled] == service


def test_operations_begin_with_a_capital() -> None:
    operations = Operations()
    assert operations["getItem"] == operations["GetItem"] == "GetItem"


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("Booking", "Booking"),
        ("arn:aws:sns:eu-west-1:123456789012:orders", "orders"),
        ("arn:aws:sns:eu-west-1:999999999999:orders", "999999999999:orders"),
        ("https://sqs.eu-west-1.amazonaws.com/123456789012/mail", "mail"),
        ("https://sqs.eu-west-1.amazonaws.com/999999999999/mail", "999999999999:mail"),
        ("http://127.0.0.1:5599/123456789012/audit", "audit"),
        ("arn:aws:states:eu-west-1:123456789012:stateMachine:Booking", "Booking"),
        (
            "arn:aws:states:eu-west-1:123456789012:execution:Booking:0a1b2c3d-0000-4abc-8def-0123456789ab",
            "Booking:*",
        ),
        ("arn:aws:dynamodb:eu-west-1:123456789012:table/orders", "orders"),
        ("arn:aws:dynamodb:eu-west-1:999999999999:table/orders", "999999999999:orders"),
        ("arn:aws:lambda:eu-west-1:123456789012:function:pay", "pay"),
        ("arn:aws:lambda:eu-west-1:123456789012:function:pay:live", "pay:live"),
        ("arn:aws:s3:::backup-bucket", "backup-bucket"),
        ("arn:aws:kinesis:eu-west-1:123456789012:stream/clicks", "clicks"),
        ("arn:", "arn:"),
        ("arn:aws:sns:eu-west-1:123456789012:", "arn:aws:sns:eu-west-1:123456789012:"),
        ("https://user:secret@example.org", "example.org"),
    ],
)
def test_targets_are_short_but_foreign_accounts_show(address: str, target: str) -> None:
    assert Targets(Names()).seen_from("123456789012")[address] == target


def test_accounts_without_a_home_are_left_out() -> None:
    assert Targets(Names()).seen_from(None)["arn:aws:sns:eu-west-1:999999999999:orders"] == "orders"


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("api.example.com", "api.example.com"),
        ("https://user:secret@API.example.com:8443/path?key=1#x", "api.example.com:8443"),
        ("db@mysql.internal", "mysql.internal"),
        ("", "unknown"),
        ("https://", "unknown"),
    ],
)
def test_hosts_carry_nothing_else(name: str, host: str) -> None:
    assert host_of(name) == host


def test_targets_are_kept_within_one_bound() -> None:
    targets = Targets(Names())
    for number in range(60_000):
        assert targets.seen_from(f"{number % 7}")[f"table-a{number}x"] == f"table-a{number}x"
    assert sum(len(targets.seen_from(f"{home}")) for home in range(7)) <= 50_000
    for number in range(60_000):
        assert len(targets.seen_from(f"home {number}")) == 0


@given(st.text(max_size=300))
def test_hosts_are_those_of_the_calls_names(name: str) -> None:
    hosts = Hosts()
    assert hosts[name] == hosts[name] == normalise(host_of(name))
    assert len(hosts) <= 1
