import pytest

from coldtrail.formats.services import Databases, Operations, Resources, Services, host_of


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


@pytest.mark.parametrize(
    ("spelled", "system"),
    [
        ("postgresql", "PostgreSQL"),
        ("PostgreSQL", "PostgreSQL"),
        ("microsoft.sql_server", "SQL Server"),
        ("mssql", "SQL Server"),
        ("oracle.db", "Oracle"),
        ("azure.cosmosdb", "Cosmos DB"),
        ("other_sql", "other_sql"),
    ],
)
def test_databases_have_one_name(spelled: str, system: str) -> None:
    assert Databases()[spelled] == system


def test_operations_begin_with_a_capital() -> None:
    operations = Operations()
    assert operations["getItem"] == operations["GetItem"] == "GetItem"


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("Booking", "Booking"),
        ("arn:aws:sns:eu-west-1:123456789012:orders", "arn:aws:sns:eu-west-1:123456789012:orders"),
        ("https://sqs.eu-west-1.amazonaws.com/123456789012/mail", "arn:aws:sqs::123456789012:mail"),
        ("http://127.0.0.1:5599/123456789012/audit?x=1", "arn:aws:sqs::123456789012:audit"),
        ("http://127.0.0.1:9324/queue/audit", "audit"),
        ("https://user:secret@example.org", "example.org"),
        ("a\nhttps://sqs.example/123456789012/b", "a\narn:aws:sqs::123456789012:b"),
        ("cut\x00off", "cut?off"),
    ],
)
def test_queues_are_addressed_like_all_else(name: str, address: str) -> None:
    assert Resources()[name] == address


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
