"""Blocks of a segment that was decoded without a type: of each what may enter."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from msgspec import Raw

from coldtrail.formats.xray.documents import MAX_ID_CHARS, NO_RAW, LinkAttributes, OtherTrace

_MOST_LINKS = 100
_decode = msgspec.json.Decoder().decode


def is_id(value: Any) -> bool:
    """Whether a value can be an id."""
    return isinstance(value, str) and 0 < len(value) <= MAX_ID_CHARS and value.isprintable()


def as_object(value: Any) -> dict[str, Any]:
    """The value where it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def http_block(value: Any) -> Raw:
    """Method, address and status alone."""
    block = as_object(value)
    request, status = as_object(block.get("request")), as_object(block.get("response")).get("status")
    if not block:
        return NO_RAW
    parts: dict[str, Any] = {}
    if "request" in block:
        parts["request"] = {key: _ascii(request.get(key)) for key in ("method", "url")}
    if isinstance(status, int) and 0 <= status < 1_000:
        parts["response"] = {"status": int(status)}
    return Raw(msgspec.json.encode(parts))


def sql_block(value: Any) -> Raw:
    """Of a call of a database what tells the database, and its statement."""
    block = as_object(value)
    keys = ("url", "connection_string", "database_type", "sanitized_query")
    parts = {key: block[key] for key in keys if isinstance(block.get(key), str)}
    return Raw(json.dumps(parts).encode()) if block else NO_RAW


def names_block(names: list[str]) -> Raw:
    """Names as JSON; half a character that stands alone, of which UTF-8 knows nothing, as a question mark."""
    return Raw(json.dumps(names, ensure_ascii=False).encode("utf-8", "replace"))


def names_in(names: Raw) -> list[str]:
    """The names in a list, which nobody has decoded so far; none where it cannot be."""
    if names is NO_RAW:
        return []
    try:
        told = _decode(names)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []
    return [name for name in told if isinstance(name, str)] if isinstance(told, list) else []


def links_of(value: Any) -> list[OtherTrace] | None:
    """The links to other traces that can be used."""
    found = []
    for link in value[:_MOST_LINKS] if isinstance(value, list) else ():
        trace_id, link_id = as_object(link).get("trace_id"), as_object(link).get("id")
        if is_id(trace_id) and is_id(link_id):
            told = as_object(as_object(link).get("attributes"))
            found.append(OtherTrace(trace_id, link_id, _attributes(told)))
    return found or None


def _attributes(told: dict[str, Any]) -> LinkAttributes:
    reference, kind, names = (
        told.get(f"aws.xray.reserved.{key}") for key in ("reference_type", "type", "names")
    )
    return LinkAttributes(
        reference if isinstance(reference, str) else None,
        kind if isinstance(kind, str) else None,
        [name for name in names if isinstance(name, str)] if isinstance(names, list) else None,
    )


def _ascii(text: Any) -> str | None:
    return text if isinstance(text, str) and text.isascii() else None
