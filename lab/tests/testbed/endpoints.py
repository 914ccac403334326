"""An AWS endpoint whose services are a stand-in, reached by real boto3."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from coldtrail_testbed.cloud.aws_endpoint import AwsEndpoint
from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.http_server import HttpServer
from coldtrail_testbed.cloud.identities import function_caller


class StandIn:
    """Answers every call with an empty JSON document, and counts the calls that reach it."""

    def __init__(self) -> None:
        self.reached = 0

    def get_application(self, _environ: object) -> Any:
        """The application of every service."""
        return self._answer

    def _answer(self, _environ: object, start_response: Any) -> list[bytes]:
        self.reached += 1
        start_response("200 OK", [("x-amzn-requestid", "r")])
        return [b"{}"]


@contextmanager
def endpoint_of(foundation: Foundation) -> Iterator[tuple[str, StandIn]]:
    """The URL of an endpoint where `function-key` is the key of function F, and what is behind it."""
    behind = StandIn()
    foundation.identities.register(function_caller("F", "function-key"))
    server = HttpServer()
    server.serve(AwsEndpoint(foundation, behind).answer)
    try:
        yield f"http://{server.address}", behind
        assert server.failures == []
    finally:
        server.close()
