import pytest

from coldtrail.formats.otel.owners import Owner
from coldtrail.formats.otel.triggers import invocation_type_by, trigger_of

LAMBDA = Owner("f", is_function=True, is_lambda=True)
OTHER = Owner("f", is_function=True)


@pytest.mark.parametrize(
    ("told", "owner", "trigger"),
    [
        ({"messaging.system": "aws_sqs", "messaging.destination.name": "orders"}, LAMBDA, "AWS::SQS orders"),
        (
            {"messaging.system": "aws.sqs", "aws.sqs.queue.url": "https://sqs.eu-west-1.amazonaws.com/1/orders"},
            LAMBDA,
            "AWS::SQS orders",
        ),
        (
            {"messaging.system": "aws.sns", "messaging.destination": "arn:aws:sns:eu-west-1:1:orders"},
            LAMBDA,
            "AWS::SNS orders",
        ),
        ({"messaging.system": "kafka", "messaging.destination.name": "orders"}, OTHER, "Kafka orders"),
        ({"faas.trigger": "pubsub"}, LAMBDA, None),
        ({"faas.trigger": "other"}, LAMBDA, None),
        ({"faas.trigger": "timer"}, OTHER, "timer"),
        ({"faas.trigger": "cron"}, OTHER, "cron"),
        ({"faas.trigger": "datasource", "faas.document.collection": "a"}, OTHER, "datasource a"),
        (
            {"faas.trigger": "http", "net.host.name": "a1b2.execute-api.eu-west-1.amazonaws.com"},
            LAMBDA,
            "AWS::ApiGateway::Stage a1b2",
        ),
        ({"url.full": "https://a1b2.lambda-url.eu-west-1.on.aws", "faas.trigger": "http"}, LAMBDA,
         "AWS::Lambda::Url a1b2"),
        ({"faas.trigger": "http", "http.route": "/orders"}, LAMBDA, None),
        ({"http.request.method": "GET", "http.route": "/orders/{id}"}, OTHER, "http /orders/{id}"),
        ({"http.method": "GET", "http.host": "Shop.example"}, OTHER, "http shop.example"),
        ({"http.method": "GET"}, OTHER, "http"),
        ({}, OTHER, None),
    ],
)  # fmt: skip
def test_what_started_a_run_that_nothing_lies_above(
    told: dict[str, str], owner: Owner, trigger: str | None
) -> None:
    assert trigger_of(told, owner, is_root=True) == trigger


def test_who_sent_a_request_is_told_by_what_lies_above() -> None:
    assert trigger_of({"http.method": "GET", "http.route": "/a"}, OTHER, is_root=False) is None


@pytest.mark.parametrize(
    ("kind", "told"), [("http", "synchronous"), ("timer", "asynchronous"), ("pubsub", None), (None, None)]
)
def test_requests_are_waited_for_and_timers_are_not(kind: str | None, told: str | None) -> None:
    assert invocation_type_by({} if kind is None else {"faas.trigger": kind}) == told
