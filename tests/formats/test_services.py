import pytest

from coldtrail.formats.service_table import TABLE
from coldtrail.formats.services import (
    Databases,
    Operations,
    Resources,
    Services,
    host_of,
    operation_of,
)


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
        ("other_sql", "SQL"),
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


# What the X-Ray SDKs call a service: Python and Go its endpoint (`email`), Ruby its abbreviation, Java 2 and
# JavaScript 3 its client (`Ses`, `SES`), JavaScript 2 its class in lower case, Java 1 and .NET the class with
# or without `Amazon`.
@pytest.mark.parametrize(
    ("service", "spellings"),
    [
        ("SES", ("email", "Ses", "SES", "SESv2", "ses", "AmazonSimpleEmailService", "SimpleEmailServiceV2")),
        ("SNS", ("sns", "Sns", "SNS", "Amazon SNS", "AmazonSNS", "SimpleNotificationService")),
        ("SQS", ("sqs", "Sqs", "Amazon SQS", "AmazonSQS", "SimpleQueueService")),
        ("S3", ("s3", "S3", "Amazon S3")),
        ("Cognito", ("cognito-idp", "cognitoidentityserviceprovider", "CognitoIdentityProvider")),
        (
            "ApiGatewayManagementApi",
            ("execute-api", "AmazonApiGatewayManagementApi", "apigatewaymanagementapi"),
        ),
        ("SSM", ("ssm", "Ssm", "Amazon SSM", "AWSSimpleSystemsManagement", "SimpleSystemsManagement")),
        ("KMS", ("kms", "Kms", "AWSKMS", "KeyManagementService")),
        ("StepFunctions", ("states", "Sfn", "SFN", "AWS SFN", "AWSStepFunctions", "stepfunctions")),
        ("Logs", ("logs", "CloudWatchLogs", "AWSLogs", "CloudWatch Logs")),
        ("EventBridge", ("events", "EventBridge", "AmazonCloudWatchEvents", "CloudWatchEvents")),
        ("RDSDataService", ("rds-data", "RdsData", "RDSData", "RDSDataService", "AWSRDSData")),
        ("ElasticLoadBalancing", ("elasticloadbalancing", "ELB", "elbv2", "ElasticLoadBalancingV2")),
        ("MediaLive", ("medialive", "MediaLive", "AWSMediaLive")),
    ],
)
def test_a_service_has_one_name_whatever_sdk_calls_it(service: str, spellings: tuple[str, ...]) -> None:
    assert {Services()[spelled] for spelled in spellings} == {service}


def test_every_service_has_names_of_its_own() -> None:
    entries = [entry.split() for entry in TABLE.split(",")]
    named = [name for first, *others in entries for name in (first.casefold(), *others)]
    assert len(named) == len(set(named))
    assert all(name.isalnum() and name.islower() for _, *others in entries for name in others)
    assert all(Services()[name] == first for first, *others in entries for name in (first, *others))


@pytest.mark.parametrize(
    ("system", "spellings"),
    [
        ("PostgreSQL", ("postgresql", "postgres", "jdbc:postgresql", "postgresql+psycopg2", "pgx", "Npgsql")),
        ("MySQL", ("mysql", "MySQL", "mysql2", "mysql+pymysql", "jdbc:mysql")),
        ("SQL Server", ("mssql", "sqlserver", "microsoft.sql_server", "jdbc:sqlserver")),
        ("Oracle", ("oracle", "oracle.db", "Oracle")),
        ("SQL", ("", "Unknown", "other_sql")),
        ("Something", ("Something",)),
    ],
)
def test_a_database_system_has_one_name(system: str, spellings: tuple[str, ...]) -> None:
    assert {Databases()[spelled] for spelled in spellings} == {system}


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://u:pa55/word@h2.example/x", "h2.example"),
        ("https://u:pa?ss@h2.example/x", "h2.example"),
        ("https://u:pa#ss@h2.example:8443", "h2.example:8443"),
        ("https://u:p@ss@h2.example/x", "h2.example"),
        ("https://u:a/b@c@h2.example/x", "h2.example"),
        ("https://:pa/55@h2.example", "h2.example"),
        ("u:pa55/word@h2.example", "h2.example"),
        ("https://h2.example:8080/users/a@b.example", "h2.example:8080"),
        ("https://h2.example/@scope/name", "h2.example"),
        ("https://[::1]:80/a@b", "[::1]:80"),
        ("https://h2.example:/a@b", "h2.example:"),
    ],
)
def test_users_and_passwords_are_no_hosts(address: str, host: str) -> None:
    assert host_of(address) == host


def test_users_and_passwords_are_no_resources() -> None:
    assert Resources()["https://u:pa55/word@h2.example"] == "h2.example"
    assert Resources()["https://u:pa/55@h2.example/orders"] == "orders"


@pytest.mark.parametrize(
    ("value", "operation"),
    [
        ("findAndModify", "findAndModify"),
        ("SELECT 'hunter2'", "SELECT"),
        ("BATCH INSERT", "BATCH"),
        ("/* hunter2 */ select 1", "SELECT"),
        ("'hunter2' is the word", "query"),
        ("  GET user:7", "GET"),
    ],
)
def test_of_a_statement_in_place_of_an_operation_the_first_word_stays(value: str, operation: str) -> None:
    assert operation_of(value) == operation
