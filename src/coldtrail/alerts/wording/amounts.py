"""Amounts, shares and times as people write them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime

_DAY_S = 86_400


def duration(seconds: float) -> str:
    """A duration with a fitting unit: `8 ms`, `4.63 s`, `3 min 5 s`."""
    if not math.isfinite(seconds):
        return "unknown"
    if abs(seconds) < 0.9995:
        millis = seconds * 1000
        return f"{millis:.0f} ms" if abs(millis) >= 9.95 or millis == 0 else f"{millis:.1f} ms"
    if abs(seconds) < 59.95:
        return f"{seconds:.2f}".rstrip("0").rstrip(".") + " s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def span(first: float, last: float) -> str:
    """From one time to another, the day said once: `2026-11-20 11:55:35 to 12:07:01 UTC`."""
    begin, end = moment(first), moment(last)
    if begin == end:
        return f"{begin} UTC"
    return f"{begin} to {end.split()[-1] if first // _DAY_S == last // _DAY_S else end} UTC"


def moment(seconds: float) -> str:
    """A time in UTC to the second: `2026-11-20 11:55:35`; `unknown` where it is not one."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return "unknown"


def share(part: float) -> str:
    """A share as a percentage without false precision: `82 %`, `0.3 %`, `< 0.1 %`, `> 99 %` of nearly all."""
    percent = part * 100
    if 0 < percent < 0.1:
        return "< 0.1 %"
    if 99.5 <= percent < 100 - 1e-9:
        return "> 99 %"
    text = f"{percent:.1f}" if percent < 9.95 and percent != round(percent) else f"{percent:.0f}"
    return f"{text} %"


def number(amount: float) -> str:
    """A number for reading: `1,204`, `9.7`, `unknown` where it is not one."""
    if not math.isfinite(amount):
        return "unbounded" if amount > 0 else "unknown"
    return f"{amount:,.0f}" if amount == round(amount) else f"{amount:,.2f}".rstrip("0").rstrip(".")


def counted(amount: int, noun: str, plural: str = "") -> str:
    """The amount with its noun: `1 alert`, `1,204 alerts`."""
    return f"{amount:,} {noun if amount == 1 else plural or noun + 's'}"


def in_words(names: Sequence[str], most: int) -> str:
    """The names as a list: `Charge`, `Charge and Ship`, `Charge, Ship and 12 others`."""
    if len(names) > most + 1:
        names = [*names[:most], f"{len(names) - most:,} others"]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def roughly(amount: float) -> str:
    """A number to two figures: `3,800`, `1.4`."""
    return number(float(f"{amount:.2g}"))
