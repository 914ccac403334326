"""The endpoint of all AWS services: moto behind the small HTTP server, with sampled latencies."""

from collections.abc import Callable
from io import BytesIO, StringIO
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote

from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.http_server import HttpRequest, HttpResponse
from coldtrail_testbed.cloud.tracing import TraceContext, parse_trace_header

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Any]


class Dispatcher(Protocol):
    """Moto's choice of a service's application."""

    def get_application(self, environ: dict[str, Any]) -> WsgiApplication:
        """The application of the service that the request in `environ` is for."""


class AwsEndpoint:
    """Answers signed AWS requests; `caller` is the trace context of the request in progress."""

    def __init__(self, foundation: Foundation, dispatcher: Dispatcher) -> None:
        self._base = foundation
        self._dispatcher = dispatcher
        self._applications: dict[str, WsgiApplication] = {}
        self._callers: list[TraceContext | None] = []

    @property
    def caller(self) -> TraceContext | None:
        """The context that the request in progress carries, if any."""
        return self._callers[-1] if self._callers else None

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The response of the service that `request` is signed for."""
        service, operation = called_operation(request)
        first = self._base.running.count_call()
        self._base.clock.advance(self._base.latency.aws_call(service, operation, first_in_instance=first))
        self._callers.append(parse_trace_header(request.headers.get("x-amzn-trace-id")))
        try:
            response = self._call_service(service, request)
        finally:
            self._callers.pop()
        self._base.running.count_bytes(received=len(response.body), sent=len(request.body))
        if service != "s3":
            return response
        headers = {**response.headers, "x-amz-id-2": self._base.identifiers.extended()}
        return HttpResponse(response.status, response.body, headers)

    def _call_service(self, service: str, request: HttpRequest) -> HttpResponse:
        environ = _environ(request)
        if service not in self._applications:
            # The choice takes longer than many a call: make it once a service.
            self._applications[service] = self._dispatcher.get_application(environ)
        return _call_wsgi(self._applications[service], environ)


def called_operation(request: HttpRequest) -> tuple[str, str]:
    """The service that `request` is signed for, and its operation (its method for REST services)."""
    scope = request.headers.get("authorization", "").partition("Credential=")[2].split(",")[0].split("/")
    service = scope[3] if len(scope) > 3 else ""
    target = request.headers.get("x-amz-target")
    if target:
        return service, target.rsplit(".", 1)[-1]
    if request.body.startswith(b"Action="):
        return service, parse_qs(request.body.decode())["Action"][0]
    return service, request.method


def _call_wsgi(application: WsgiApplication, environ: dict[str, Any]) -> HttpResponse:
    started: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
        started["status"], started["headers"] = int(status.split()[0]), dict(headers)

    result = application(environ, start_response)
    try:
        body = b"".join(result)
    finally:
        if hasattr(result, "close"):
            result.close()
    return HttpResponse(started["status"], body, started["headers"])


def _environ(request: HttpRequest) -> dict[str, Any]:
    path, _, query = request.target.partition("?")
    environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()}
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return environ | {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path, "latin-1"),
        "QUERY_STRING": query,
        "RAW_URI": request.target,
        "REQUEST_URI": request.target,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(request.body),
        "wsgi.errors": StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
