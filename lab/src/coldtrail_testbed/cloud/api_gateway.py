"""The REST front: API Gateway with Lambda proxy integrations and table queries."""

import re
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from coldtrail_testbed.applications.model import Route, TableRoute
from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.gateway_integrations import (
    Answer,
    LambdaIntegration,
    Matched,
    TableIntegration,
    json_response,
)
from coldtrail_testbed.cloud.http_server import HttpRequest, HttpResponse
from coldtrail_testbed.cloud.identifiers import api_host
from coldtrail_testbed.cloud.identities import NOWHERE
from coldtrail_testbed.cloud.lambda_service import LambdaService
from coldtrail_testbed.cloud.service_segments import StageCall, stage_segment, whole_ms
from coldtrail_testbed.cloud.tracing import TraceContext, parse_trace_header
from coldtrail_testbed.facts import GatewayRequest

_STAGE = "/Prod"
_UNKNOWN_ROUTE = b'{"message":"Missing Authentication Token"}'


class ApiGateway:
    """Answers `https://<api id>.execute-api...amazonaws.com/Prod/...`, also as an HTTP proxy.

    `dynamodb` answers the signed requests of the table routes.
    """

    def __init__(
        self,
        foundation: Foundation,
        lambdas: LambdaService,
        routes: Sequence[Route],
        table_routes: Sequence[TableRoute],
        dynamodb: Callable[[HttpRequest], HttpResponse],
    ) -> None:
        self._base = foundation
        self._functions = LambdaIntegration(foundation, lambdas)
        self._tables = TableIntegration(foundation, dynamodb)
        every: list[Route | TableRoute] = [*routes, *table_routes]
        self._routes = [(api_host(route.api), _pattern(route.path), route) for route in every]

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The response of what is behind the route, or 403 as API Gateway answers unknown routes."""
        matched = self._match(request)
        if matched is None:
            return json_response(403, _UNKNOWN_ROUTE)
        caller = parse_trace_header(request.headers.get("x-amzn-trace-id"))
        self._travel(caller)
        response = self._serve(matched, caller)
        self._travel(caller)
        self._base.running.count_bytes(received=len(response.body), sent=len(request.body))
        return response

    def _match(self, request: HttpRequest) -> Matched | None:
        target = urlsplit(request.target)
        host, path = target.netloc or request.headers.get("host", ""), target.path.removeprefix(_STAGE)
        for route_host, pattern, route in self._routes:
            match = pattern.fullmatch(path)
            if match and route_host == host and route.method == request.method:
                return Matched(route, path, match.groupdict(), request, self._base.identifiers.request())
        return None

    def _travel(self, caller: TraceContext | None) -> None:
        if caller:
            self._base.clock.advance(self._base.latency.internet())

    def _serve(self, matched: Matched, caller: TraceContext | None) -> HttpResponse:
        base = self._base
        start = base.clock.now()
        context = caller or TraceContext(base.identifiers.trace(start))
        segment_id, call_id = base.identifiers.segment(), base.identifiers.segment()
        extended_id = base.identifiers.extended(11)
        base.clock.advance(base.latency.gateway_step())
        answer = self._integrate(matched, TraceContext(context.root, call_id))
        end = base.clock.advance(base.latency.gateway_step())
        call = _stage_call(matched, self._sender(), extended_id, answer.response.status)
        times = whole_ms(start, end)
        base.traces.add_segment(stage_segment(segment_id, call, context, times, answer.subsegment))
        base.facts.requests.append(_fact(matched, call, answer, start, end, context.root))
        return answer.response

    def _sender(self) -> str:
        """The address of the function that is at work, for requests that name no other."""
        return self._base.running.address or NOWHERE

    def _integrate(self, matched: Matched, context: TraceContext) -> Answer:
        route = matched.route
        if isinstance(route, Route):
            return self._functions.answer(route.function, matched, context)
        return self._tables.answer(route, matched, context)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path))


def _stage_call(matched: Matched, sender: str, extended_id: str, status: int) -> StageCall:
    headers = matched.request.headers
    return StageCall(
        api=matched.route.api,
        path=matched.path,
        method=matched.request.method,
        user_agent=headers.get("user-agent", ""),
        address=headers.get("x-forwarded-for", sender),
        request_id=matched.request_id,
        extended_request_id=extended_id,
        status=status,
    )


def _fact(
    matched: Matched, call: StageCall, answer: Answer, start: float, end: float, trace_id: str
) -> GatewayRequest:
    return GatewayRequest(
        time=start,
        api=call.api,
        method=call.method,
        route=matched.route.path,
        path=call.path,
        status=call.status,
        latency_s=end - start,
        integration_latency_s=answer.latency_s,
        address=call.address,
        user_agent=call.user_agent,
        request_id=call.request_id,
        extended_request_id=call.extended_request_id,
        response_bytes=len(answer.response.body),
        trace_id=trace_id,
        function=answer.function,
    )
