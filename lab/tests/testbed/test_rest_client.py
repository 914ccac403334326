import json
from random import Random

from coldtrail_testbed.cloud.http_server import HttpRequest, HttpResponse, HttpServer
from coldtrail_testbed.cloud.rest_client import RestClient, Sender, draw_visitor


def test_requests_carry_their_sender() -> None:
    seen: list[HttpRequest] = []

    def answer(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse(200, b'{"ok": true}')

    server = HttpServer()
    server.serve(answer)
    client = RestClient(server.address)
    try:
        body = client.request(Sender("203.0.113.7", "Agent"), "airline", "POST", "/x", {"a": 1})
    finally:
        client.close()
        server.close()
    assert body == {"ok": True}
    [request] = seen
    assert (request.method, request.target, json.loads(request.body)) == ("POST", "/Prod/x", {"a": 1})
    assert request.headers["x-forwarded-for"] == "203.0.113.7"
    assert request.headers["user-agent"] == "Agent"
    assert request.headers["host"].startswith("airline")


def test_visitors_differ_and_follow_from_the_seed() -> None:
    one, two = Random(1), Random(1)
    visitors = [draw_visitor(one) for _ in range(50)]
    assert visitors == [draw_visitor(two) for _ in range(50)]
    assert len({visitor.address for visitor in visitors}) > 30
    assert all(visitor.address.startswith("203.0.113.") for visitor in visitors)
