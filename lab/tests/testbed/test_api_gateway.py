import json
from typing import Any

import pytest

from coldtrail_testbed.applications.model import Route, TableRoute
from coldtrail_testbed.cloud.api_gateway import ApiGateway
from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.http_server import HttpRequest, HttpResponse
from coldtrail_testbed.cloud.identifiers import api_host
from coldtrail_testbed.cloud.operations import called_operation
from coldtrail_testbed.cloud.runtime_api import Outcome
from coldtrail_testbed.cloud.tracing import parse_trace_header

from .conftest import START

_ROUTES = [Route("shop", "GET", "/items/{id}", "GetItem"), Route("shop", "POST", "/items", "PutItem")]
_TABLE_ROUTES = [TableRoute("shop", "GET", "/orders/{customer}", "Order", "by-customer", "customer")]
_VISITOR = {"host": api_host("shop"), "x-forwarded-for": "203.0.113.9", "user-agent": "Mozilla/5.0"}


class _Functions:
    """Stands for the Lambda service: one answer, after a given time."""

    def __init__(self, foundation: Foundation) -> None:
        self._base = foundation
        self.body: bytes = b'{"statusCode": 201, "body": "{}"}'
        self.failed = False
        self.seconds = 0.1
        self.events: list[dict[str, Any]] = []

    def invoke(self, name: str, payload: bytes, context: object, trigger: str) -> tuple[Outcome, str]:
        """The set answer."""
        assert trigger == "apigateway"
        self.events.append({"function": name, "context": context, **json.loads(payload)})
        self._base.clock.advance(self.seconds)
        return Outcome(self.body, failed=self.failed), "request"


class _Shop:
    """A REST API, its functions, and what DynamoDB received."""

    def __init__(self, foundation: Foundation) -> None:
        self.functions = _Functions(foundation)
        self.queries: list[HttpRequest] = []
        self.gateway = ApiGateway(
            foundation,
            self.functions,  # type: ignore[arg-type]
            _ROUTES,
            _TABLE_ROUTES,
            self._answer_query,
        )

    def _answer_query(self, request: HttpRequest) -> HttpResponse:
        self.queries.append(request)
        return HttpResponse(200, b'{"Items": []}')

    def get(self, path: str, **headers: str) -> HttpResponse:
        """The answer to a GET."""
        return self.gateway.answer(HttpRequest("GET", f"/Prod{path}", {**_VISITOR, **headers}, b""))


@pytest.fixture
def shop(foundation: Foundation) -> _Shop:
    """A shop on a fresh foundation."""
    return _Shop(foundation)


def _stage(foundation: Foundation) -> dict[str, Any]:
    (trace,) = foundation.traces.take()
    segment: dict[str, Any] = trace["segments"][0]
    assert segment["origin"] == "AWS::ApiGateway::Stage"
    return segment


def test_a_function_answers_its_route(foundation: Foundation, shop: _Shop) -> None:
    answer = shop.get("/items/7")
    assert (answer.status, answer.body) == (201, b"{}")
    event = shop.functions.events[0]
    assert (event["function"], event["resource"], event["pathParameters"]) == (
        "GetItem",
        "/items/{id}",
        {"id": "7"},
    )
    (fact,) = foundation.facts.requests
    assert (fact.api, fact.route, fact.path, fact.status) == ("shop", "/items/{id}", "/items/7", 201)
    assert (fact.address, fact.user_agent, fact.function) == ("203.0.113.9", "Mozilla/5.0", "GetItem")
    assert 0.1 < fact.integration_latency_s < fact.latency_s < 0.12
    stage = _stage(foundation)
    assert fact.time == pytest.approx(stage["start_time"], abs=0.001)
    assert (fact.trace_id, fact.request_id) == (stage["trace_id"], event["requestContext"]["requestId"])
    assert event["context"].parent == stage["subsegments"][0]["id"]


def test_an_unknown_route_is_forbidden(foundation: Foundation, shop: _Shop) -> None:
    for path in ("/items", "/items/7/parts", "/"):
        assert shop.get(path).status == 403
    assert foundation.facts.requests == []


@pytest.mark.parametrize("body", [b'{"errorType": "X"}', b'"text"', b"null"])
def test_a_function_that_fails_or_answers_nonsense_is_a_bad_gateway(
    foundation: Foundation, shop: _Shop, body: bytes
) -> None:
    shop.functions.body = body
    shop.functions.failed = b"errorType" in body
    assert shop.get("/items/7").status == 502
    stage = _stage(foundation)
    assert (stage["fault"], stage["error"], stage["http"]["response"]["status"]) == (True, False, 502)


def test_a_rest_api_waits_for_29_seconds(foundation: Foundation, shop: _Shop) -> None:
    shop.functions.seconds = 28.9
    assert shop.get("/items/7").status == 201
    shop.functions.seconds = 40.0
    begin = foundation.clock.now()
    answer = shop.get("/items/7")
    assert (answer.status, json.loads(answer.body)) == (504, {"message": "Endpoint request timed out"})
    assert 29.0 <= foundation.clock.now() - begin < 29.1
    assert foundation.facts.requests[-1].integration_latency_s == pytest.approx(29.0)


def test_a_slow_partner_takes_longer_in_its_integration(foundation: Foundation, shop: _Shop) -> None:
    foundation.disturbances.slow_down("shop", 3.0, START + 60)
    shop.get("/items/7")
    fact = foundation.facts.requests[0]
    assert 0.3 < fact.integration_latency_s < 0.31
    assert fact.latency_s - fact.integration_latency_s < 0.02


def test_a_table_route_queries_its_index_without_a_function(foundation: Foundation, shop: _Shop) -> None:
    assert shop.get("/orders/c%201").body == b'{"Items": []}'
    assert shop.functions.events == []
    (query,) = shop.queries
    operation = called_operation(query)
    assert (operation.service, operation.name) == ("dynamodb", "Query")
    assert operation.parameters == {"tableName": "Order", "indexName": "by-customer"}
    assert json.loads(query.body)["ExpressionAttributeValues"] == {":value": {"S": "c 1"}}
    assert foundation.identities.caller(operation.access_key, {}).name == "apigateway.amazonaws.com"
    assert foundation.facts.requests[0].function is None
    (trace,) = foundation.traces.take()
    stage, table = trace["segments"]
    (call,) = stage["subsegments"]
    context = parse_trace_header(query.headers["x-amzn-trace-id"])
    assert context is not None
    assert (call["name"], call["id"], call["namespace"]) == ("DynamoDB", context.parent, "aws")
    assert (table["origin"], table["parent_id"], table["inferred"]) == (
        "AWS::DynamoDB::Table",
        call["id"],
        True,
    )


def test_requests_of_functions_join_their_trace_and_travel(foundation: Foundation, shop: _Shop) -> None:
    shop.get("/items/7", **{"x-amzn-trace-id": "Root=1-a-b;Parent=c"})
    stage = _stage(foundation)
    assert (stage["trace_id"], stage["parent_id"]) == ("1-a-b", "c")
    assert foundation.clock.now() - START > foundation.facts.requests[0].latency_s + 0.005
