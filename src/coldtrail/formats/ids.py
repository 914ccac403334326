"""Ids of requests and records, as far as they can be ids: what is secret by its form is none.

An id is taken as it is or not at all. With a part of it hidden it would be another one, and what several
witnesses tell of one invocation would fall apart.
"""

from __future__ import annotations

import re

from coldtrail.features.names.credentials import without_secrets

MAX_ID_CHARS = 256
_ID = re.compile(r"(?=[._*+/-]*[0-9A-Za-z])[0-9A-Za-z._*+/-]+={0,2}")
"""UUIDs, hexadecimal digits, letters and digits as base64 has them, also shortened by dots or stars."""
_UUID_CHARS = 36
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_SECRET_BEGINNINGS = ("eyJ", "gho_", "ghp_", "ghs_")
"""Of tokens that were cut, so that nothing else gives them away."""


def is_id(text: str | None, most: int = MAX_ID_CHARS) -> bool:
    """Whether a text can be an id: one word of letters, digits and dashes, and no key, token or card."""
    if text is not None and len(text) == _UUID_CHARS and _UUID.fullmatch(text) is not None:
        return True
    return (
        text is not None
        and len(text) <= most
        and _ID.fullmatch(text) is not None
        and not text.startswith(_SECRET_BEGINNINGS)
        and without_secrets(text) == text
    )


def as_told(request_id: str) -> str:
    """The id of an invocation's request as the platform writes it: a UUID in lower case."""
    if len(request_id) != _UUID_CHARS or request_id.islower() or _UUID.fullmatch(request_id) is None:
        return request_id
    return request_id.lower()
