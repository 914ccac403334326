import http.client
import threading
from collections.abc import Iterator

import pytest

from coldtrail_testbed.cloud.http_server import HttpRequest, HttpResponse, HttpServer


def _answer(request: HttpRequest) -> HttpResponse | None:
    if request.target == "/hang-up":
        return None
    if request.target == "/fail":
        raise ValueError("no luck")
    body = f"{request.method} {request.target} {request.headers.get('x-note')} ".encode() + request.body
    return HttpResponse(201, body, {"X-Seen": "yes"})


@pytest.fixture
def server() -> Iterator[HttpServer]:
    server = HttpServer()
    server.serve(_answer)
    yield server
    server.close()


def test_keeps_the_connection_open(server: HttpServer) -> None:
    connection = http.client.HTTPConnection(server.address)
    for number in range(3):
        connection.request("POST", f"/{number}?a=b", b"body", {"X-Note": "n"})
        socket = connection.sock
        with connection.getresponse() as response:
            assert (response.status, response.getheader("X-Seen")) == (201, "yes")
            assert response.read() == b"POST /%d?a=b n body" % number
        assert connection.sock is socket
    connection.close()


def test_reads_chunked_bodies(server: HttpServer) -> None:
    connection = http.client.HTTPConnection(server.address)
    connection.request("POST", "/", iter([b"one ", b"two"]), encode_chunked=True)
    with connection.getresponse() as response:
        assert response.read().endswith(b"one two")
    connection.close()


def test_answers_a_client_that_waits_to_continue(server: HttpServer) -> None:
    connection = http.client.HTTPConnection(server.address)
    connection.putrequest("PUT", "/")
    connection.putheader("Expect", "100-continue")
    connection.putheader("Content-Length", "4")
    connection.endheaders()
    assert connection.sock.recv(64).startswith(b"HTTP/1.1 100 Continue")
    connection.send(b"late")
    with connection.getresponse() as response:
        assert response.read().endswith(b"late")
    connection.close()


def test_head_has_no_body(server: HttpServer) -> None:
    connection = http.client.HTTPConnection(server.address)
    connection.request("HEAD", "/")
    with connection.getresponse() as response:
        assert response.read() == b""
    connection.close()


@pytest.mark.parametrize(("target", "failures"), [("/hang-up", 0), ("/fail", 1)])
def test_hangs_up_and_keeps_what_was_raised(server: HttpServer, target: str, failures: int) -> None:
    connection = http.client.HTTPConnection(server.address)
    connection.request("GET", target)
    with pytest.raises(http.client.RemoteDisconnected):
        connection.getresponse()
    assert len(server.failures) == failures
    connection.close()


def test_can_be_closed_before_it_serves() -> None:
    HttpServer().close()


def test_tells_when_a_client_is_gone() -> None:
    gone: list[HttpRequest] = []
    seen = threading.Event()

    def hung_up(last: HttpRequest) -> None:
        gone.append(last)
        seen.set()

    server = HttpServer()
    server.serve(_answer, hung_up)
    connection = http.client.HTTPConnection(server.address)
    for target in ("/1", "/2"):
        connection.request("GET", target)
        connection.getresponse().read()
    connection.close()
    assert seen.wait(5)
    server.close()
    assert [request.target for request in gone] == ["/2"]
