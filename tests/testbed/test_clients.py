import pytest

from coldtrail_testbed.cloud.clients import local_client
from coldtrail_testbed.cloud.http_server import HttpRequest, HttpResponse, HttpServer


def test_the_users_settings_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "there-is-no-such-profile")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    seen: list[HttpRequest] = []

    def answer(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse(200, b'{"TableNames": ["T"]}')

    server = HttpServer()
    server.serve(answer)
    client = local_client("dynamodb", f"http://{server.address}")
    assert client.list_tables()["TableNames"] == ["T"]
    assert "Credential=local/" in seen[0].headers["authorization"]
    client.close()
    server.close()
