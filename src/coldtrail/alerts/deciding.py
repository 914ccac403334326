"""What people decide on alerts and silences, and what becomes of these by it.

A decision is kept for good beside what it changed. Whoever holds an older copy of an alert comes to the same
by taking the decisions on it once more.
"""

from __future__ import annotations

from typing import cast, get_args

from msgspec.structs import replace

from coldtrail.errors import ConfigError
from coldtrail.records.episode import Episode, Resolution
from coldtrail.records.silence import Silence

ACKNOWLEDGE, CLOSE, ASSIGN, ACCEPT = "acknowledge", "close", "assign", "accept"
SILENCE, EXPIRE = "silence", "expire"
RESOLUTIONS: tuple[str, ...] = get_args(Resolution)
_PARTING = ": "


def closing(resolution: str, note: str) -> str:
    """The detail of a decision to close; raises `ConfigError` for a resolution that there is not."""
    if resolution not in RESOLUTIONS:
        known = ", ".join(RESOLUTIONS)
        raise ConfigError(f"There is no resolution {resolution!r}; the known ones are: {known}.")
    return f"{resolution}{_PARTING}{note}" if note else resolution


def decided(episode: Episode, what: str, detail: str = "") -> Episode:
    """The episode after a decision; taking the same one again changes nothing."""
    match what:
        case "acknowledge":
            return replace(episode, state="acknowledged", note=detail or episode.note)
        case "close":
            resolution, _, note = detail.partition(_PARTING)
            known = cast(Resolution, resolution if resolution in RESOLUTIONS else "unknown")
            return replace(episode, state="closed", resolution=known, note=note or episode.note)
        case "assign":
            return replace(episode, assignee=detail)
        case "accept":
            return replace(episode, accepted=True, note=detail or episode.note)
    return episode


def expired(silence: Silence, at: float) -> Silence:
    """The silence once somebody ended it at a moment."""
    return replace(silence, ends_at=max(min(silence.ends_at, at), silence.starts_at))
