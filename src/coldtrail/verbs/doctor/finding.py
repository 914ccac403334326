"""What `doctor` finds: a sentence, and what to do about it."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Level = Literal["ok", "note", "mend"]


class Finding(Struct, frozen=True):
    """One thing that was looked at."""

    about: str
    """`source trail`, `channel slack`, `function ConfirmBooking`, `store`, `bundle`"""
    level: Level
    """`mend` where the service would not work, `note` where it would see less."""
    told: str
    """One sentence."""
    remedy: str = ""
    """What to do, another sentence; empty where nothing is to be done, or the first one says it."""


def fine(about: str, told: str) -> Finding:
    """All is right."""
    return Finding(about, "ok", told)


def noted(about: str, told: str, remedy: str = "") -> Finding:
    """Something that may be meant so."""
    return Finding(about, "note", told, remedy)


def to_mend(about: str, told: str, remedy: str = "") -> Finding:
    """Something that must be mended."""
    return Finding(about, "mend", told, remedy)
