"""What stands behind the routes of a REST API: a function, or a table that is queried without one."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from coldtrail_testbed.applications.model import Route, TableRoute
from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.http_server import HttpRequest, HttpResponse
from coldtrail_testbed.cloud.identifiers import ACCOUNT, REGION, api_id
from coldtrail_testbed.cloud.identities import API_GATEWAY
from coldtrail_testbed.cloud.lambda_service import LambdaService
from coldtrail_testbed.cloud.runtime_api import Outcome
from coldtrail_testbed.cloud.service_segments import (
    Document,
    integration_subsegment,
    table_subsegment,
    whole_ms,
)
from coldtrail_testbed.cloud.tracing import TraceContext

# The longest integration timeout of a REST API, its default (API Gateway quotas).
TIMEOUT_S = 29.0

_FAILED = b'{"message": "Internal server error"}'
_TIMED_OUT = b'{"message": "Endpoint request timed out"}'
_SIGNATURE = f"AWS4-HMAC-SHA256 Credential={API_GATEWAY.access_key}/20260101/{REGION}/dynamodb/aws4_request"


@dataclass(frozen=True)
class Matched:
    """A request and the route that it goes to."""

    route: Route | TableRoute
    path: str
    parameters: Mapping[str, str]
    request: HttpRequest
    request_id: str


@dataclass(frozen=True)
class Answer:
    """What an integration answers, how its stage's trace shows it, and how long it took."""

    response: HttpResponse
    subsegment: Document
    latency_s: float
    function: str | None = None


class LambdaIntegration:
    """The Lambda proxy integration of REST APIs."""

    def __init__(self, foundation: Foundation, lambdas: LambdaService) -> None:
        self._base = foundation
        self._lambdas = lambdas

    def answer(self, function: str, matched: Matched, context: TraceContext) -> Answer:
        """What `function` answers: 502 when it fails, 504 when it takes longer than a REST API waits.

        A function that is given up runs on: its segment ends after its stage's, as on AWS.
        """
        clock = self._base.clock
        begin = clock.now()
        payload = json.dumps(_proxy_event(matched)).encode()
        outcome, _ = self._lambdas.invoke(function, payload, context, "apigateway")
        clock.advance((clock.now() - begin) * (self._slowness(matched) - 1))
        given_up = clock.now() - begin > TIMEOUT_S
        if given_up:
            clock.set(begin + TIMEOUT_S)
        end = clock.now() if given_up else clock.advance(self._base.latency.gateway_step())
        length = None if given_up else len(outcome.body)
        times, method = whole_ms(begin, end), matched.request.method
        subsegment = integration_subsegment(str(context.parent), function, times, method, length)
        response = json_response(504, _TIMED_OUT) if given_up else _proxy_response(outcome)
        return Answer(response, subsegment, end - begin, function)

    def _slowness(self, matched: Matched) -> float:
        return self._base.disturbances.slowness(matched.route.api, self._base.clock.now())


class TableIntegration:
    """The AWS service integration of a REST API with DynamoDB; `dynamodb` answers signed requests."""

    def __init__(self, foundation: Foundation, dynamodb: Callable[[HttpRequest], HttpResponse]) -> None:
        self._base = foundation
        self._dynamodb = dynamodb

    def answer(self, route: TableRoute, matched: Matched, context: TraceContext) -> Answer:
        """DynamoDB's answer to the query of the route's index, passed on as it is."""
        begin = self._base.clock.now()
        answered = self._dynamodb(_query(route, matched, context))
        end = self._base.clock.advance(self._base.latency.gateway_step())
        status = {"status": answered.status, "content_length": len(answered.body)}
        subsegment = table_subsegment(str(context.parent), whole_ms(begin, end), status)
        return Answer(json_response(answered.status, answered.body), subsegment, end - begin)


def json_response(status: int, body: bytes) -> HttpResponse:
    """A response with a JSON body."""
    return HttpResponse(status, body, {"Content-Type": "application/json"})


def _query(route: TableRoute, matched: Matched, context: TraceContext) -> HttpRequest:
    (value,) = matched.parameters.values()
    body = {
        "TableName": route.table,
        "IndexName": route.index,
        "KeyConditionExpression": "#key = :value",
        "ExpressionAttributeNames": {"#key": route.key},
        "ExpressionAttributeValues": {":value": {"S": unquote(value)}},
    }
    headers = {
        "host": f"dynamodb.{REGION}.amazonaws.com",
        "authorization": _SIGNATURE,
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": "DynamoDB_20120810.Query",
        "x-amzn-trace-id": context.header(),
    }
    return HttpRequest("POST", "/", headers, json.dumps(body).encode())


def _proxy_event(matched: Matched) -> dict[str, Any]:
    """The event of a Lambda proxy integration (API Gateway developer guide, payload format 1.0)."""
    request = matched.request
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
            "requestId": matched.request_id,
            "httpMethod": request.method,
            "resourcePath": matched.route.path,
        },
        "body": request.body.decode() or None,
        "isBase64Encoded": False,
    }


def _proxy_response(outcome: Outcome) -> HttpResponse:
    """The response that a function returned, or 502 when it failed or returned something else."""
    if outcome.failed:
        return json_response(502, _FAILED)
    answer = json.loads(outcome.body)
    if not isinstance(answer, dict) or "statusCode" not in answer:
        return json_response(502, _FAILED)
    return json_response(int(answer["statusCode"]), (answer.get("body") or "").encode())
