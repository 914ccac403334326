"""What real boto3 sends for a call, without sending it."""

from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from coldtrail_testbed.cloud.clients import local_client
from coldtrail_testbed.cloud.http_server import HttpRequest


class _SentError(Exception):
    """Ends a call at the moment of sending."""


def request_of(service: str, method: str, **parameters: Any) -> HttpRequest:
    """The request that a boto3 client of `service` would send."""
    client = local_client(service, "http://127.0.0.1:9")
    kept: list[AWSPreparedRequest] = []

    def keep(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        kept.append(request)
        raise _SentError

    client.meta.events.register("before-send", keep)
    try:
        getattr(client, method)(**parameters)
    except _SentError:
        pass
    finally:
        client.close()
    return as_received(kept[0])


def as_received(request: AWSPreparedRequest) -> HttpRequest:
    """`request` as the testbed's server would read it."""
    text = {
        name.lower(): value.decode() if isinstance(value, bytes) else str(value)
        for name, value in request.headers.items()
    }
    body = request.body or b""
    if hasattr(body, "read"):
        body = body.read()
    target = request.url.removeprefix("http://127.0.0.1:9")
    return HttpRequest(request.method, target or "/", text, body.encode() if isinstance(body, str) else body)
