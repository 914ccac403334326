"""The endpoint of all AWS services: moto behind the small HTTP server, with sampled latencies."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Any, Protocol
from urllib.parse import unquote

from coldtrail_testbed.cloud.answers import outcome_of, with_request_id
from coldtrail_testbed.cloud.disturbances import throttled_answer
from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.http_server import HttpRequest, HttpResponse
from coldtrail_testbed.cloud.identities import role_of
from coldtrail_testbed.cloud.operations import Operation, called_operation
from coldtrail_testbed.cloud.permissions import refusal
from coldtrail_testbed.cloud.resource_use import counted
from coldtrail_testbed.cloud.tracing import TraceContext, parse_trace_header
from coldtrail_testbed.facts import Call, Caller

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Any]
Service = Callable[[Operation, HttpRequest], HttpResponse]


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
        self._services: dict[str, Service] = {}
        self._received: list[_Received] = []

    @property
    def caller(self) -> TraceContext | None:
        """The context that the request in progress carries, if any."""
        return self._received[-1].context if self._received else None

    @property
    def requester(self) -> Caller:
        """Who makes the request in progress."""
        return self._received[-1].caller

    def add_service(self, signing_name: str, service: Service) -> None:
        """None; requests signed for `signing_name` are answered by `service` instead of moto."""
        self._services[signing_name] = service

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The response of the service that `request` is signed for."""
        operation = called_operation(request)
        call = _Received(
            operation,
            self._base.identities.caller(operation.access_key, request.headers),
            parse_trace_header(request.headers.get("x-amzn-trace-id")),
            self._base.clock.now(),
        )
        self._take_time(call)
        response = self._refusal(call, request) or self._respond(call, request)
        if operation.service == "s3":
            headers = {**response.headers, "x-amz-id-2": self._base.identifiers.extended()}
            response = HttpResponse(response.status, response.body, headers)
        received, sent = counted(response.body), len(request.body)
        self._base.running.count_bytes(received=received, sent=sent)
        self._keep(call, response, received, sent)
        return response

    def _take_time(self, call: "_Received") -> None:
        service, first = call.operation.service, self._base.running.count_call()
        seconds = self._base.latency.aws_call(service, call.operation.name, first_in_instance=first)
        self._base.clock.advance(seconds * self._base.disturbances.slowness(service, call.begin))

    def _refusal(self, call: "_Received", request: HttpRequest) -> HttpResponse | None:
        role = role_of(call.caller, request.headers)
        if role is None:
            return None
        base = self._base
        if base.disturbances.throttles(call.operation.service, call.begin):
            return throttled_answer(call.operation, base.identifiers)
        demand = base.permissions.missing(role, call.operation)
        return refusal(call.operation, role, demand, base.identifiers) if demand else None

    def _respond(self, call: "_Received", request: HttpRequest) -> HttpResponse:
        self._received.append(call)
        try:
            service = call.operation.service
            if service in self._services:
                return self._services[service](call.operation, request)
            return with_request_id(call.operation, self._call_moto(service, request), self._base.identifiers)
        finally:
            self._received.pop()

    def _call_moto(self, service: str, request: HttpRequest) -> HttpResponse:
        environ = _environ(request)
        if service not in self._applications:
            # The choice takes longer than many a call: make it once a service.
            self._applications[service] = self._dispatcher.get_application(environ)
        return _call_wsgi(self._applications[service], environ)

    def _keep(self, call: "_Received", response: HttpResponse, received: int, sent: int) -> None:
        request_id, error_code = outcome_of(call.operation, response)
        self._base.facts.calls.append(
            Call(
                time=call.begin,
                service=call.operation.service,
                operation=call.operation.name,
                caller=call.caller,
                request_id=request_id,
                resources=call.operation.resources,
                parameters=call.operation.parameters,
                trace_id=call.context.root if call.context else None,
                event_id=call.context.parent if call.context else None,
                error_code=error_code,
                attack=self._base.running.intruding,
                received_bytes=received,
                sent_bytes=sent,
            )
        )


@dataclass(frozen=True)
class _Received:
    """A call as it was received: what it means, who makes it, in which trace, when."""

    operation: Operation
    caller: Caller
    context: TraceContext | None
    begin: float


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
