"""Spans of services that do not speak OpenTelemetry's protocol, told in its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from coldtrail.config import LimitSettings
from coldtrail.formats.otel.meanings import Meaning
from coldtrail.formats.otel.memory import Alone, Memory, Resource, Token, request_of, token_of
from coldtrail.formats.otel.spans import Told, told_of

_MOST_REMEMBERED = 50_000
_MOST_REMEMBERED_CHARS = 512
_MOST_KEY_CHARS = 1_024
_MAX_NAME_CHARS = 2_048
_MAX_ID_CHARS = 256
_TRACE_CHARS, _SPAN_CHARS = 32, 16
_NS = 1_000_000_000


Part = tuple[str, int, Mapping[str, object], Mapping[str, object]]
"""Name, kind, attributes of a span, and those of what wrote it."""


class Meant(NamedTuple):
    """What rows mean that differ in ids and times alone."""

    meaning: Meaning
    request_id: str | None


class Rows:
    """Rows of tables and the like to spans, by attributes under OpenTelemetry's names."""

    def __init__(self, limits: LimitSettings) -> None:
        self._memory = Memory(limits)
        self._tokens: dict[tuple[str, str], Token | None] = {}
        self._known: dict[tuple[object, ...], Meant] = {}

    def remembered(self, key: tuple[object, ...], told: Callable[[], Part]) -> Meant:
        """What rows mean that `key` says all of, worked out once; `told` puts it in OpenTelemetry's words."""
        try:
            known = self._known.get(key)
        except TypeError:
            return self.row(*told())
        if known is None:
            known = self.row(*told())
            if sum([len(text) for text in key if isinstance(text, str)]) <= _MOST_KEY_CHARS:
                if len(self._known) >= _MOST_REMEMBERED:
                    self._known.clear()
                self._known[key] = known
        return known

    def row(
        self, name: str, kind: int, attributes: Mapping[str, object], resource: Mapping[str, object]
    ) -> Meant:
        """What a row of this name and kind means."""
        tokens: list[Token] = []
        alone: list[Token] = []
        for key, value in attributes.items():
            token = self._token(key, value)
            if isinstance(token, Alone):
                alone.append(token)
                token = token.mark
            if token is not None:
                tokens.append(token)
        name = name[:_MAX_NAME_CHARS]
        shared = self._resource(resource)
        known = *tokens, name, kind
        meaning = shared.meanings.get(known)
        if meaning is None:
            meaning = self._memory.learn(shared, known, tokens, name, kind)
        return Meant(meaning, request_of(alone) if alone else None)

    def told(
        self,
        ids: tuple[str, str, str | None],
        row: Meant,
        start: float,
        end: float | None,
        failed: bool,
        problems: list[str],
    ) -> Told | None:
        """The span of these ids (trace, span, parent); None, and a problem, where it is of no use."""
        trace_id, span_id = _id(ids[0], _TRACE_CHARS), _id(ids[1], _SPAN_CHARS)
        if trace_id is None or span_id is None:
            problems.append("A span was left out: its trace id or its span id is unusable.")
            return None
        parent_id = ids[2]
        return told_of(
            trace_id,
            span_id,
            None if parent_id is None or parent_id == ids[0] else _id(parent_id, _SPAN_CHARS),
            round(start * _NS),
            0 if end is None else round(end * _NS),
            failed,
            row.meaning,
            problems,
            request_id=row.request_id,
        )

    def _resource(self, resource: Mapping[str, object]) -> Resource:
        key = tuple(resource.items())
        known = self._memory.resource(key)
        if known is not None:
            return known
        tokens = [token for one in key if (token := self._token(*one)) is not None]
        return self._memory.learn_resource(key, tokens, sum(len(str(value)) for _, value in key))

    def _token(self, key: str, value: object) -> Token | None:
        if not isinstance(value, str) or len(value) > _MOST_REMEMBERED_CHARS:
            return token_of(key, value)
        pair = key, value
        token = self._tokens.get(pair)
        if token is None:
            token = token_of(key, value)
            if token is not None and not isinstance(token, Alone):
                if len(self._tokens) >= _MOST_REMEMBERED:
                    self._tokens.clear()
                self._tokens[pair] = token
        return token


def _id(text: str, chars: int) -> str | None:
    """The id as others spell it, one that is none of OpenTelemetry's as it is; None for an unusable one."""
    if len(text) == chars:
        try:
            found = bytes.fromhex(text).hex()
        except ValueError:
            found = ""
        # What is parted by blanks was taken for hexadecimal too.
        if len(found) == chars:
            return found
    return text if 0 < len(text) <= _MAX_ID_CHARS and text.isprintable() else None
