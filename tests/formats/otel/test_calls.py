import pytest

from coldtrail.formats.otel.calls import (
    CLIENT,
    CONSUMER,
    INTERNAL,
    PRODUCER,
    SERVER,
    Calls,
    Converted,
    Step,
    is_receiving,
)

AWS = {"rpc.system": "aws-api"}


def told(
    name: str, kind: int, attributes: dict[str, str], converted: Converted | None = None
) -> tuple[object, ...]:
    step = Calls(512).step(name, kind, attributes, converted)
    assert isinstance(step, Step)
    return step[:3]


@pytest.mark.parametrize(
    ("name", "attributes", "step"),
    [
        ("S3.ListBuckets", AWS, ("ListBuckets", "S3", None)),
        ("x", {"rpc.system.name": "aws-api", "rpc.method": "S3/GetObject"}, ("GetObject", "S3", None)),
        ("Lambda.Invoke", AWS | {"aws.lambda.function.name": "f"}, ("Invoke", "Lambda", "f")),
        ("Lambda.Invoke", AWS | {"http.status_code": "200"}, ("Invoke", "Lambda", None)),
        ("Lambda.Invoke", AWS | {"http.status_code": "202"}, ("InvokeAsync", "Lambda", None)),
        ("S3.Invoke", AWS | {"http.status_code": "202"}, ("Invoke", "S3", None)),
        (
            "DynamoDB.BatchGetItem",
            AWS | {"aws.dynamodb.table_names": "a\nb", "db.namespace": "c"},
            ("BatchGetItem", "DynamoDB", "a\nb"),
        ),
        (
            "DynamoDB.GetItem",
            AWS | {"aws.dynamodb.table.arn": "arn:aws:dynamodb:eu-west-1:1:table/Orders"},
            ("GetItem", "DynamoDB", "Orders"),
        ),
        (
            "S3.GetObject",
            AWS | {"url.full": "https://receipts.s3.eu-west-1.amazonaws.com"},
            ("GetObject", "S3", "receipts"),
        ),
        (
            "PutRecord",
            AWS | {"rpc.service": "Kinesis", "rpc.method": "PutRecord", "aws.kinesis.stream_name": "s"},
            ("PutRecord", "Kinesis", "s"),
        ),
        (
            "SFN.StartExecution",
            AWS | {"aws.step_functions.state_machine.arn": "arn:aws:states:eu-west-1:1:stateMachine:M"},
            ("StartExecution", "StepFunctions", "arn:aws:states:eu-west-1:1:stateMachine:M"),
        ),
        (
            "Secrets Manager.GetSecretValue",
            AWS | {"rpc.service": "Secrets Manager", "rpc.method": "GetSecretValue",
                   "aws.secretsmanager.secret.arn": "arn:aws:secretsmanager:eu-west-1:1:secret:s"},
            ("GetSecretValue", "SecretsManager", "arn:aws:secretsmanager:eu-west-1:1:secret:s"),
        ),
        (
            "whatever",
            {"aws.remote.service": "AWS::SQS", "aws.remote.operation": "SendMessage",
             "aws.remote.resource.identifier": "mail"},
            ("SendMessage", "SQS", "mail"),
        ),
    ],
)  # fmt: skip
def test_calls_of_aws(name: str, attributes: dict[str, str], step: tuple[object, ...]) -> None:
    assert told(name, CLIENT, attributes) == step


@pytest.mark.parametrize(
    ("attributes", "host"),
    [
        ({"url.full": "https://api.example:443/a", "server.address": "other"}, "api.example"),
        ({"http.url": "http://api.example:8080/a"}, "api.example:8080"),
        ({"server.address": "api.example", "server.port": "443"}, "api.example"),
        ({"net.peer.name": "api.example", "net.peer.port": "8080"}, "api.example:8080"),
        ({"http.host": "api.example:8080", "net.peer.port": "8080"}, "api.example:8080"),
        ({"network.peer.address": "10.0.0.1"}, "10.0.0.1"),
        ({"peer.service": "stock"}, "stock"),
        ({"aws.remote.service": "api.example"}, "api.example"),
        ({"aws.remote.service": "UnknownRemoteService"}, "unknown"),
    ],
)
def test_calls_of_hosts(attributes: dict[str, str], host: str) -> None:
    assert told("GET", CLIENT, {"http.request.method": "get", **attributes}) == ("GET", "remote", host)


@pytest.mark.parametrize(
    ("name", "attributes", "step"),
    [
        (
            "SELECT",
            {"db.system": "mysql", "db.name": "shop", "db.statement": "SELECT", "net.peer.name": "DB:3306"},
            ("SELECT", "MySQL", "shop@db"),
        ),
        ("x y", {"db.system": "postgresql", "db.statement": "query"}, ("query", "PostgreSQL", None)),
        (
            "x",
            {"db.system": "postgresql", "db.operation": "WITH", "db.statement": "DELETE; SELECT"},
            ("DELETE; SELECT", "PostgreSQL", None),
        ),
        (
            "x",
            {"db.system": "mongodb", "db.operation": "find", "db.statement": "SELECT"},
            ("find", "MongoDB", None),
        ),
        ("SET", {"db.system": "redis", "server.address": "cache"}, ("SET", "Redis", "cache")),
        ("a-b", {"db.system": "postgresql", "db.name": "shop"}, ("query", "PostgreSQL", "shop")),
        (
            "orders.find",
            {"db.system": "mongodb", "db.operation": "find", "db.name": "shop"},
            ("find", "MongoDB", "shop"),
        ),
        ("DynamoDB.Scan", {"db.system": "dynamodb", "db.name": "Stock"}, ("Scan", "DynamoDB", "Stock")),
    ],
)
def test_calls_of_databases(name: str, attributes: dict[str, str], step: tuple[object, ...]) -> None:
    assert told(name, CLIENT, attributes) == step


@pytest.mark.parametrize(
    ("name", "kind", "attributes", "step"),
    [
        (
            "mail send",
            PRODUCER,
            {"messaging.system": "aws.sqs", "messaging.destination": "mail"},
            ("SendMessage", "SQS", "mail"),
        ),
        (
            "mail receive",
            CONSUMER,
            {"messaging.system": "aws_sqs", "messaging.operation": "receive", "messaging.destination": "m"},
            ("ReceiveMessage", "SQS", "m"),
        ),
        (
            "orders publish",
            PRODUCER,
            {"messaging.system": "kafka", "messaging.destination.name": "orders"},
            ("send", "Kafka", "orders"),
        ),
        ("f", CLIENT, {"faas.invoked_name": "f", "faas.invoked_provider": "aws"}, ("Invoke", "Lambda", "f")),
        (
            "shop.Stock/Get",
            CLIENT,
            {"rpc.system": "grpc", "rpc.service": "shop.S", "rpc.method": "Get", "server.address": "stock"},
            ("Get", "remote", "stock"),
        ),
        (
            "kv_get",
            INTERNAL,
            {"cloudflare.binding.type": "KV", "cloudflare.binding.name": "S", "db.operation.name": "get"},
            ("get", "Cloudflare KV", "S"),
        ),
        ("connect", CLIENT, {"server.address": "x.example"}, ("call", "remote", "x.example")),
        ("work", CLIENT, {}, ("work", "function", None)),
    ],
)  # fmt: skip
def test_calls_of_all_else(
    name: str, kind: int, attributes: dict[str, str], step: tuple[object, ...]
) -> None:
    assert told(name, kind, attributes) == step


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("## handler", ("## handler", "function", None)),
        ("Invocation", ("Invocation", "lifecycle", None)),
        ("Overhead/LambdaExecutionEnvironment", ("Overhead", "lifecycle", None)),
        ("init Orders", ("Initialization", "lifecycle", None)),
        ("platform.initRuntimeDone", ("Initialization", "lifecycle", None)),
    ],
)
def test_steps_of_the_functions_own(name: str, step: tuple[object, ...]) -> None:
    assert told(name, INTERNAL, {}) == step


def test_records_that_were_subsegments_mean_what_these_do() -> None:
    aws = Converted("S3", is_segment=False, namespace="aws")
    assert told("", CLIENT, {"aws.operation": "PutObject", "aws.bucket_name": "b"}, aws) == (
        "PutObject",
        "S3",
        "b",
    )
    remote = Converted("api.example", is_segment=False, namespace="remote")
    assert told("", INTERNAL, {"http.method": "GET", "http.url": "https://api.example"}, remote) == (
        "GET",
        "remote",
        "api.example",
    )
    assert told("", INTERNAL, {}, Converted("Invocation", is_segment=False)) == (
        "Invocation",
        "lifecycle",
        None,
    )


def test_a_span_that_asks_for_messages_is_none_that_works_on_them() -> None:
    assert is_receiving({"messaging.operation": "receive"})
    assert is_receiving({"rpc.method": "ReceiveMessage"})
    assert not is_receiving({"messaging.operation": "process"})
    assert Calls(512).step("x", SERVER, {"http.method": "GET"}) == Step("x", "function")
