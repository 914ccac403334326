"""Ids of requests and records, as far as they can be ids: what is secret by its form is none."""

from __future__ import annotations

MAX_ID_CHARS = 256
_SECRET_BEGINNINGS = ("AKIA", "ASIA", "eyJ", "ghp_", "gho_", "ghs_", "github_pat_")


def is_id(text: str | None, most: int = MAX_ID_CHARS) -> bool:
    """Whether a text can be an id: one word that can be shown, and no key, token, address or statement."""
    return (
        text is not None
        and 0 < len(text) <= most
        and text.isprintable()
        and not (" " in text or "@" in text or ";" in text)
        and not text.startswith(_SECRET_BEGINNINGS)
    )
