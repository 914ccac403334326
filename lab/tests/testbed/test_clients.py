import pytest

from coldtrail_testbed.cloud.clients import local_client
from coldtrail_testbed.cloud.http_server import HttpRequest, HttpResponse, HttpServer
from coldtrail_testbed.cloud.identities import DEPLOYMENT_KEY


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
    assert f"Credential={DEPLOYMENT_KEY}/" in seen[0].headers["authorization"]
    client.close()
    server.close()
