"""OTLP over HTTP: a bare ASGI application, which takes bytes and parses nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from coldtrail.sources.otlp.answers import (
    BUSY,
    JSON,
    NO_POST,
    NO_SUCH_PATH,
    OTHER_SIGNAL,
    OTHER_TYPE,
    PROTOBUF,
    TOO_SLOW,
    Refusal,
    RefusedError,
    accepted,
    pause_s,
    status_body,
    too_large,
)
from coldtrail.sources.otlp.bodies import check_encoding, holds_traces, plain
from coldtrail.sources.otlp.taking import Taking

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_PATH = "/v1/traces"
_OTHER_PATHS = frozenset(("/v1/metrics", "/v1/logs", "/v1development/profiles"))
_TYPES = (PROTOBUF, JSON)


class _BrokenOffError(Exception):
    """The sender went away before its request had come whole."""


class OtlpApplication:
    """Answers requests once what they hold lies on disk."""

    def __init__(self, taking: Taking) -> None:
        self._taking = taking
        self._most = taking.settings.max_request_bytes
        self._timeout_s = taking.settings.request_timeout_s
        self._too_large = too_large(self._most)
        self._answers = {kind: _answer(200, kind, accepted(kind)) for kind in _TYPES}

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """One request, as ASGI has it."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        content_type = headers.get(b"content-type", b"")
        if content_type not in _TYPES:
            content_type = content_type.partition(b";")[0].strip().lower()
        try:
            self._check(scope, headers, content_type)
            await self._take(headers, content_type, receive)
        except _BrokenOffError:
            self._taking.broken_off()
            return
        except RefusedError as refused:
            self._taking.refuse(refused.refusal)
            start, body = _refused(refused.refusal, content_type)
        else:
            start, body = self._answers[content_type]
        await send(start)
        await send(body)

    def _check(self, scope: Mapping[str, Any], headers: dict[bytes, bytes], content_type: bytes) -> None:
        """Raises `RefusedError` for what can be seen before any of the body has come."""
        self._taking.check_token(headers.get(b"authorization", b""))
        path = scope["path"]
        if path != _PATH:
            raise RefusedError(OTHER_SIGNAL if path in _OTHER_PATHS else NO_SUCH_PATH)
        if scope["method"] != "POST":
            raise RefusedError(NO_POST)
        if content_type not in _TYPES:
            raise RefusedError(OTHER_TYPE)
        check_encoding(_encoding(headers))
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length[:20]) > self._most:
            raise RefusedError(self._too_large)

    async def _take(self, headers: dict[bytes, bytes], content_type: bytes, receive: Receive) -> None:
        in_flight = self._taking.in_flight
        held = _Held(in_flight.take)
        try:
            try:
                async with asyncio.timeout(self._timeout_s):
                    body = await self._body(receive, held)
            except TimeoutError:
                raise RefusedError(TOO_SLOW) from None
            payload = await plain(body, _encoding(headers), self._most)
            if payload is not body:
                held.take(len(payload))
            if holds_traces(payload, content_type):
                await self._taking.keep(payload)
        finally:
            in_flight.give_back(held.bytes)

    async def _body(self, receive: Receive, held: _Held) -> bytes:
        """The body as it was sent; raises `RefusedError` as soon as it is too large."""
        parts: list[bytes] = []
        more = True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                raise _BrokenOffError
            part = message["body"]
            held.take(len(part))
            if held.bytes > self._most:
                raise RefusedError(self._too_large)
            parts.append(part)
            more = message["more_body"]
        return parts[0] if len(parts) == 1 else b"".join(parts)


class _Held:
    """What one request holds of what may be in flight."""

    def __init__(self, take: Callable[[int], bool]) -> None:
        self._take = take
        self.bytes = 0

    def take(self, size: int) -> None:
        """Raises `RefusedError` where there is no room for so many bytes more."""
        if not self._take(size):
            raise RefusedError(BUSY)
        self.bytes += size


def _encoding(headers: dict[bytes, bytes]) -> bytes:
    return headers.get(b"content-encoding", b"").strip().lower()


def _refused(refusal: Refusal, content_type: bytes) -> tuple[Message, Message]:
    content_type = content_type if content_type in _TYPES else JSON
    more = [(b"retry-after", b"%d" % pause_s())] if refusal.is_put_off else []
    if refusal.status == 401:
        more.append((b"www-authenticate", b"Bearer"))
    elif refusal.status == 405:
        more.append((b"allow", b"POST"))
    elif refusal.status == 408:
        more.append((b"connection", b"close"))
    return _answer(refusal.status, content_type, status_body(refusal, content_type), more)


def _answer(
    status: int, content_type: bytes, body: bytes, more: list[tuple[bytes, bytes]] | None = None
) -> tuple[Message, Message]:
    headers = [(b"content-type", content_type), (b"content-length", b"%d" % len(body)), *(more or [])]
    return (
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": body},
    )
