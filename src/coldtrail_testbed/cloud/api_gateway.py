"""The REST front: API Gateway with Lambda proxy integrations."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from coldtrail_testbed.applications.model import Route
from coldtrail_testbed.clock import VirtualClock
from coldtrail_testbed.cloud.http_server import HttpRequest, HttpResponse
from coldtrail_testbed.cloud.identifiers import ACCOUNT, Identifiers, api_host, api_id
from coldtrail_testbed.cloud.lambda_service import LambdaService
from coldtrail_testbed.cloud.latency import LatencyModel
from coldtrail_testbed.cloud.runtime_api import Outcome
from coldtrail_testbed.cloud.service_segments import (
    integration_subsegment,
    stage_request,
    stage_segment,
    whole_ms,
)
from coldtrail_testbed.cloud.traces import TraceStore
from coldtrail_testbed.cloud.tracing import TraceContext, parse_trace_header

_STAGE = "/Prod"
_FUNCTION_ADDRESS = "198.51.100.20"


class ApiGateway:
    """Answers requests for `https://<api id>.execute-api...amazonaws.com/Prod/...`; also as an HTTP proxy."""

    def __init__(
        self,
        routes: Sequence[Route],
        clock: VirtualClock,
        lambdas: LambdaService,
        traces: TraceStore,
        identifiers: Identifiers,
        latency: LatencyModel,
    ) -> None:
        self._routes = [(api_host(route.api), _pattern(route.path), route) for route in routes]
        self._clock = clock
        self._lambdas = lambdas
        self._traces = traces
        self._identifiers = identifiers
        self._latency = latency

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The response of the function behind the route, or 403 as API Gateway answers unknown routes."""
        caller = parse_trace_header(request.headers.get("x-amzn-trace-id"))
        self._travel(caller)
        response = self._serve(request, caller)
        self._travel(caller)
        return response

    def _serve(self, request: HttpRequest, caller: TraceContext | None) -> HttpResponse:
        target = urlsplit(request.target)
        host, path = target.netloc or request.headers.get("host", ""), target.path.removeprefix(_STAGE)
        for route_host, pattern, route in self._routes:
            match = pattern.fullmatch(path)
            if match and route_host == host and route.method == request.method:
                return self._integrate(route, path, match.groupdict(), request, caller)
        return _json_response(403, b'{"message":"Missing Authentication Token"}')

    def _travel(self, caller: TraceContext | None) -> None:
        if caller:
            self._clock.advance(self._latency.internet())

    def _integrate(
        self,
        route: Route,
        path: str,
        parameters: Mapping[str, str],
        request: HttpRequest,
        caller: TraceContext | None,
    ) -> HttpResponse:
        start = self._clock.now()
        context = caller or TraceContext(self._identifiers.trace(start))
        request_ids = self._identifiers.request(), self._identifiers.extended(11)
        event = _proxy_event(route, path, parameters, request, request_ids[0])
        begin = self._clock.advance(self._latency.gateway_step())
        call_id = self._identifiers.segment()
        payload = json.dumps(event).encode()
        outcome, _ = self._lambdas.invoke(route.function, payload, TraceContext(context.root, call_id))
        end = self._clock.advance(self._latency.gateway_step())
        call = integration_subsegment(
            call_id, route.function, whole_ms(begin, end), request.method, len(outcome.body)
        )
        response = _proxy_response(outcome)
        agent = request.headers.get("user-agent", "")
        address = request.headers.get("x-forwarded-for", _FUNCTION_ADDRESS)
        document = stage_request(route.api, path, request.method, agent, address)
        times = whole_ms(start, self._clock.advance(self._latency.gateway_step()))
        segment_id = self._identifiers.segment()
        segment = stage_segment(
            segment_id, route.api, context, times, document, response.status, request_ids, [call]
        )
        self._traces.add_segment(segment)
        return response


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path))


def _proxy_event(
    route: Route, path: str, parameters: Mapping[str, str], request: HttpRequest, request_id: str
) -> dict[str, Any]:
    """The event of a Lambda proxy integration (API Gateway developer guide, payload format 1.0)."""
    return {
        "resource": route.path,
        "path": path,
        "httpMethod": request.method,
        "headers": dict(request.headers),
        "pathParameters": dict(parameters) or None,
        "queryStringParameters": None,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": api_id(route.api),
            "stage": "Prod",
            "requestId": request_id,
            "httpMethod": request.method,
            "resourcePath": route.path,
        },
        "body": request.body.decode() or None,
        "isBase64Encoded": False,
    }


def _proxy_response(outcome: Outcome) -> HttpResponse:
    if outcome.failed:
        return _json_response(502, b'{"message":"Internal server error"}')
    answer = json.loads(outcome.body)
    return _json_response(answer["statusCode"], answer.get("body", "").encode())


def _json_response(status: int, body: bytes) -> HttpResponse:
    return HttpResponse(status, body, {"Content-Type": "application/json"})
