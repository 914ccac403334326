"""The services of AWS that moto plays, behind a place that can fail in their words."""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch

import boto3

from tests.notifiers.http_server import Place, listening

REGION = "eu-west-1"
_CODES = {403: "AccessDeniedException", 429: "ThrottlingException", 503: "ServiceUnavailable"}


@cache
def moto_port() -> int:
    """Where moto answers, until the tests are over."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    return int(port)


@contextmanager
def cloud(secret: str) -> Iterator[Place]:
    """A place that hands requests on to moto where it takes them."""
    keys = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": secret}
    with patch.dict(os.environ, keys), listening() as place:
        place.taken = lambda: _handed_on(place)
        place.troubled = _trouble
        yield place


def client(service: str, secret: str = "x") -> Any:
    """A client that asks moto itself."""
    url = f"http://127.0.0.1:{moto_port()}"
    key = "AKIAIOSFODNN7EXAMPLE"
    return boto3.client(
        service, region_name=REGION, endpoint_url=url, aws_access_key_id=key, aws_secret_access_key=secret
    )


def _handed_on(place: Place) -> tuple[int, bytes]:
    request = place.requests[-1]
    connection = http.client.HTTPConnection("127.0.0.1", moto_port(), timeout=20)
    try:
        headers = {key: value for key, value in request.headers.items() if key.lower() != "host"}
        connection.request("POST", request.path, request.body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _trouble(status: int, asked: bytes) -> bytes:
    """The words of a refusal, the request's own among them."""
    code, told = _CODES[status], asked.decode(errors="replace")[:2_000]
    if asked.startswith(b"{"):
        return json.dumps({"__type": code, "message": told, "Code": code}).encode()
    shown = told.replace("&", "&amp;").replace("<", "&lt;")
    error = f"<Error><Code>{code}</Code><Message>{shown}</Message></Error>"
    return f"<ErrorResponse>{error}</ErrorResponse>".encode()
