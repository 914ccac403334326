"""A local AWS for tests of sources: moto's server in this process, and calls that fail on demand."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError
from moto.server import ThreadedMotoServer

from coldtrail.config import LimitSettings
from coldtrail.records.tally import Tally
from coldtrail.sources.aws.account import Account
from coldtrail.sources.context import SourceContext

REGION = "eu-west-1"
ACCOUNT = "123456789012"
Fault = int | str | None
"""An HTTP status, the code of an error, `cut` for a connection that is, or `rubbish` for an answer."""
MAY_SAY_NOTHING = ("GetObject", "ReceiveMessage", "GetQueueAttributes")
"""What an answer without anything may mean."""


@contextmanager
def local_cloud() -> Iterator[str]:
    """The address of a fresh moto server."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def client(service: str, endpoint: str) -> Any:
    """A client of a test's own."""
    return boto3.client(service, endpoint_url=endpoint, region_name=REGION)


def with_keys(patched: pytest.MonkeyPatch) -> None:
    """Credentials that a local cloud accepts, and no settings of the machine."""
    for name in ("AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_SESSION_TOKEN"):
        patched.delenv(name, raising=False)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        patched.setenv(name, value)


def context(
    tmp_path: Any, name: str = "source", tally: Tally | None = None, **environment: str
) -> SourceContext:
    """What a source is given."""
    return SourceContext(name, LimitSettings(), tally or Tally(), environment, tmp_path)


class Faults:
    """Lets calls of sources fail: `next_fault` is asked before each, by the name of its operation."""

    def __init__(self, patched: pytest.MonkeyPatch) -> None:
        self.next_fault: Callable[[str], Fault] = lambda operation: None
        self.calls: list[str] = []
        made = Account._made

        def hooked(account: Account, session: Any, service: str) -> Any:
            found = made(account, session, service)
            found.meta.events.register("before-send", self._before_send)
            return found

        patched.setattr(Account, "_made", hooked)

    def _before_send(self, request: AWSPreparedRequest, event_name: str, **_: object) -> AWSResponse | None:
        operation = event_name.rpartition(".")[2]
        self.calls.append(operation)
        fault = self.next_fault(operation)
        if fault is None:
            return None
        if fault == "cut":
            raise ConnectionClosedError(endpoint_url=request.url)
        if fault == "rubbish" and operation in MAY_SAY_NOTHING:
            return None
        if fault == "rubbish":
            return _answer(request.url, 200, b"rubbish", {})
        if isinstance(fault, int):
            return _answer(request.url, fault, b"", {"retry-after": "0"} if fault == 429 else {})
        body = f"<Error><Code>{fault}</Code></Error>"
        if event_name.startswith("before-send.sts."):
            body = f"<ErrorResponse>{body}</ErrorResponse>"
        if not event_name.startswith(("before-send.s3.", "before-send.sts.")):
            body = json.dumps({"__type": fault, "message": "a secret"})
        return _answer(request.url, 400, body.encode(), {})


class _Raw(io.BytesIO):
    def stream(self, amt: int = 1024, **_: object) -> Iterator[bytes]:
        yield self.read()


def _answer(url: str, status: int, body: bytes, headers: dict[str, str]) -> AWSResponse:
    return AWSResponse(url, status, headers, _Raw(body))
