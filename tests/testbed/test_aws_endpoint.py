import pytest

from coldtrail_testbed.cloud.aws_endpoint import AwsEndpoint, called_operation
from coldtrail_testbed.cloud.clients import local_client
from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.http_server import HttpRequest, HttpServer
from coldtrail_testbed.cloud.tracing import TraceContext

from .conftest import START

_SIGNED = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/{}/aws4_request, SignedHeaders=h, Signature=s"


@pytest.mark.parametrize(
    ("service", "headers", "body", "method", "operation"),
    [
        ("dynamodb", {"x-amz-target": "DynamoDB_20120810.GetItem"}, b"{}", "POST", "GetItem"),
        ("sns", {}, b"Action=Publish&Version=1", "POST", "Publish"),
        ("s3", {}, b"content", "PUT", "PUT"),
    ],
)
def test_names_the_called_operation(
    service: str, headers: dict[str, str], body: bytes, method: str, operation: str
) -> None:
    request = HttpRequest(method, "/", {"authorization": _SIGNED.format(service), **headers}, body)
    assert called_operation(request) == (service, operation)


def test_calls_take_virtual_time_and_know_their_caller(foundation: Foundation) -> None:
    callers = []

    class Dispatcher:
        chosen = 0

        def get_application(self, environ: object) -> object:
            self.chosen += 1
            return self.application

        def application(self, environ: dict[str, str], start_response: object) -> list[bytes]:
            callers.append(endpoint.caller)
            start_response("200 OK", [("x-amzn-requestid", "r")])  # type: ignore[operator]
            return [b'{"TableNames": []}']

    dispatcher = Dispatcher()
    endpoint = AwsEndpoint(foundation, dispatcher)
    server = HttpServer()
    server.serve(endpoint.answer)
    client = local_client("dynamodb", f"http://{server.address}")
    client.meta.events.register(
        "before-call",
        lambda params, **_: params["headers"].update({"X-Amzn-Trace-Id": "Root=1-a-b;Parent=c"}),
    )
    for _ in range(2):
        assert client.list_tables()["TableNames"] == []
    assert callers == [TraceContext("1-a-b", "c")] * 2
    assert dispatcher.chosen == 1
    assert endpoint.caller is None
    assert foundation.clock.now() > START
    client.close()
    server.close()
