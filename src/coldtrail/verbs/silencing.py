"""The verb `silences`: what people want to hear nothing of, for a time that ends."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal, cast, get_args

from coldtrail.alerts.deciding import EXPIRE, SILENCE, expired
from coldtrail.errors import ConfigError
from coldtrail.records.silence import Field, Matcher, Reason, Silence
from coldtrail.store.database import Changes, Database, Decision

DAY_S = 86_400.0
MOST_DAYS = 90
WARN_S = 3 * DAY_S
"""So long before its end, people are told of it."""
IDLE_S = 30 * DAY_S
FIELDS: tuple[str, ...] = get_args(Field)
REASONS: tuple[str, ...] = get_args(Reason)
_MATCHER = re.compile(r"\s*([a-z]+)\s*(!=|=|~)\s*(.*?)\s*", re.DOTALL)
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([mhdw])")
_UNITS = {"m": 60.0, "h": 3_600.0, "d": DAY_S, "w": 7 * DAY_S}
_LONGEST = 500


def matcher_of(text: str) -> Matcher:
    """The matcher that text tells: `FIELD=VALUE`, `FIELD!=VALUE`, `FIELD~GLOB`, or `FIELD=ONE,OTHER`.

    Raises `ConfigError` where it is none."""
    found = _MATCHER.fullmatch(text)
    if found is None or found[1] not in FIELDS or not found[3] or len(found[3]) > _LONGEST:
        raise ConfigError(
            f"{text!r} is no matcher; write FIELD=VALUE, FIELD!=VALUE or FIELD~PATTERN, with a field of: "
            f"{', '.join(FIELDS)}."
        )
    op: Literal["=", "!=", "glob", "in"] = "!=" if found[2] == "!=" else "="
    if found[2] == "~":
        op = "glob"
    elif found[2] == "=" and "," in found[3]:
        op = "in"
    return Matcher(cast(Field, found[1]), op, found[3])


def end_of(text: str, start: float) -> float:
    """When a silence ends: after a while (`90m`, `12h`, `7d`, `2w`), or at a moment (`2026-12-24T18:00Z`).

    Raises `ConfigError` where the text is neither."""
    span = _SPAN.fullmatch(text.strip().lower())
    if span is not None:
        return start + float(span[1]) * _UNITS[span[2]]
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ConfigError(
            f"{text!r} is no end of a silence; say for how long, as 12h or 7d, or until when, as "
            "2026-12-24T18:00Z."
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def add_silence(
    database: Database,
    matchers: Sequence[str],
    *,
    until: str,
    by: str,
    comment: str,
    reason: str,
    now: float,
    teach: bool = False,
    ticket: str = "",
) -> Silence:
    """The new silence, in force from now on; raises `ConfigError` for one that is too wide or too long."""
    ends = end_of(until, now)
    if not now < ends <= now + MOST_DAYS * DAY_S:
        raise ConfigError(f"{until!r} is no end of a silence: one lies ahead, and within {MOST_DAYS} days.")
    if not matchers:
        raise ConfigError("A silence needs a matcher at least, as --match function=Order.")
    if not comment.strip():
        raise ConfigError("Say in --comment why nobody is to hear of it.")
    if reason not in REASONS:
        raise ConfigError(f"There is no reason {reason!r}; the known ones are: {', '.join(REASONS)}.")
    made = tuple(matcher_of(one) for one in matchers)
    id = f"cs-{secrets.token_hex(6)}"
    silence = Silence(id, made, now, ends, by, comment.strip(), cast(Reason, reason), teach, ticket)
    decision = Decision(now, by, SILENCE, id, comment.strip())
    database.commit(Changes(silences=(silence,), decisions=(decision,)))
    return silence


def expire_silence(database: Database, id: str, *, by: str, now: float) -> Silence:
    """The silence once it was ended; raises `ConfigError` where there is none, or where it has ended."""
    found = [one for one in database.silences() if id and one.id.startswith(id)]
    if len(found) != 1:
        raise ConfigError(
            f"There is no silence {id!r}, or several begin so; `coldtrail silences list --all` names all."
        )
    if found[0].ends_at <= now:
        raise ConfigError(f"The silence {found[0].id} has ended already.")
    after = expired(found[0], now)
    decision = Decision(now, by, EXPIRE, after.id)
    database.commit(Changes(silences=(after,), decisions=(decision,)))
    return after


def remarks(silences: Sequence[Silence], now: float) -> list[str]:
    """What people should know of silences in force: that one ends soon, or keeps nothing back; a sentence
    each."""
    told: list[str] = []
    for one in silences:
        if not one.starts_at <= now < one.ends_at:
            continue
        if one.ends_at - now < min(WARN_S, (one.ends_at - one.starts_at) / 2):
            told.append(f"{one.id} ends within {_left(one.ends_at - now)}.")
        if now - max(one.last_hit or 0.0, one.starts_at) > IDLE_S:
            told.append(f"{one.id} has kept nothing back for 30 days; expire it.")
    return told


def _left(seconds: float) -> str:
    return f"{seconds / DAY_S:.0f} days" if seconds >= 2 * DAY_S else f"{seconds / 3_600.0:.0f} hours"
