from coldtrail_testbed.cloud.aws_endpoint import AwsEndpoint
from coldtrail_testbed.cloud.clients import local_client
from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.http_server import HttpServer
from coldtrail_testbed.cloud.identities import DEPLOYMENT
from coldtrail_testbed.cloud.tracing import TraceContext

from .conftest import START


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
    call = foundation.facts.calls[-1]
    assert (call.service, call.operation, len(call.request_id)) == ("dynamodb", "ListTables", 52)
    assert (call.trace_id, call.event_id, call.caller) == ("1-a-b", "c", DEPLOYMENT)
    assert START < call.time < foundation.clock.now()
    assert foundation.clock.now() > START
    client.close()
    server.close()
