"""The REST front: API Gateway with Lambda proxy integrations."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from coldtrail_testbed.applications.model import Route
from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.http_server import HttpRequest, HttpResponse
from coldtrail_testbed.cloud.identifiers import ACCOUNT, api_host, api_id
from coldtrail_testbed.cloud.lambda_service import LambdaService
from coldtrail_testbed.cloud.runtime_api import Outcome
from coldtrail_testbed.cloud.service_segments import (
    StageCall,
    integration_subsegment,
    stage_segment,
    whole_ms,
)
from coldtrail_testbed.cloud.tracing import TraceContext, parse_trace_header

_STAGE = "/Prod"
_FUNCTION_ADDRESS = "198.51.100.20"


@dataclass(frozen=True)
class _Matched:
    route: Route
    path: str
    parameters: Mapping[str, str]


class ApiGateway:
    """Answers `https://<api id>.execute-api...amazonaws.com/Prod/...`, also as an HTTP proxy."""

    def __init__(self, foundation: Foundation, lambdas: LambdaService, routes: Sequence[Route]) -> None:
        self._base = foundation
        self._lambdas = lambdas
        self._routes = [(api_host(route.api), _pattern(route.path), route) for route in routes]

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The response of the function behind the route, or 403 as API Gateway answers unknown routes."""
        matched = self._match(request)
        if matched is None:
            return _json_response(403, b'{"message":"Missing Authentication Token"}')
        caller = parse_trace_header(request.headers.get("x-amzn-trace-id"))
        self._travel(caller)
        response = self._integrate(matched, request, caller)
        self._travel(caller)
        self._base.running.count_bytes(received=len(response.body), sent=len(request.body))
        return response

    def _match(self, request: HttpRequest) -> _Matched | None:
        target = urlsplit(request.target)
        host, path = target.netloc or request.headers.get("host", ""), target.path.removeprefix(_STAGE)
        for route_host, pattern, route in self._routes:
            match = pattern.fullmatch(path)
            if match and route_host == host and route.method == request.method:
                return _Matched(route, path, match.groupdict())
        return None

    def _travel(self, caller: TraceContext | None) -> None:
        if caller:
            self._base.clock.advance(self._base.latency.internet())

    def _integrate(
        self, matched: _Matched, request: HttpRequest, caller: TraceContext | None
    ) -> HttpResponse:
        base, function = self._base, matched.route.function
        start = base.clock.now()
        context = caller or TraceContext(base.identifiers.trace(start))
        segment_id, call_id = base.identifiers.segment(), base.identifiers.segment()
        request_id, extended_id = base.identifiers.request(), base.identifiers.extended(11)
        payload = json.dumps(_proxy_event(matched, request, request_id)).encode()
        begin = base.clock.advance(base.latency.gateway_step())
        outcome, _ = self._lambdas.invoke(
            function, payload, TraceContext(context.root, call_id), "apigateway"
        )
        times = whole_ms(begin, base.clock.advance(base.latency.gateway_step()))
        integration = integration_subsegment(call_id, function, times, request.method, len(outcome.body))
        response = _proxy_response(outcome)
        call = StageCall(
            api=matched.route.api,
            path=matched.path,
            method=request.method,
            user_agent=request.headers.get("user-agent", ""),
            address=request.headers.get("x-forwarded-for", _FUNCTION_ADDRESS),
            request_id=request_id,
            extended_request_id=extended_id,
            status=response.status,
        )
        times = whole_ms(start, base.clock.advance(base.latency.gateway_step()))
        base.traces.add_segment(stage_segment(segment_id, call, context, times, integration))
        return response


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path))


def _proxy_event(matched: _Matched, request: HttpRequest, request_id: str) -> dict[str, Any]:
    """The event of a Lambda proxy integration (API Gateway developer guide, payload format 1.0)."""
    return {
        "resource": matched.route.path,
        "path": matched.path,
        "httpMethod": request.method,
        "headers": dict(request.headers),
        "pathParameters": dict(matched.parameters) or None,
        "queryStringParameters": None,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": api_id(matched.route.api),
            "stage": "Prod",
            "requestId": request_id,
            "httpMethod": request.method,
            "resourcePath": matched.route.path,
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
