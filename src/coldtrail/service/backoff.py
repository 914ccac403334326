"""How long to wait before what failed is tried again."""

from __future__ import annotations

from random import Random

LONGEST_S = 3_600.0
_FIRST_S = 2.0
_MOST_DOUBLINGS = 16


def pause_s(failures: int, random: Random, asked_s: float | None = None) -> float:
    """Seconds to wait after so many failures in a row: twice as long each time, an hour at most, and anything
    from the half of that on, so that many do not come back at once (https://aws.amazon.com/blogs/architecture/
    exponential-backoff-and-jitter/). Never shorter than what the other side asked for, up to an hour."""
    whole: float = min(_FIRST_S * 2.0 ** min(max(failures - 1, 0), _MOST_DOUBLINGS), LONGEST_S)
    own = whole * (0.5 + random.random() / 2)
    return own if asked_s is None else max(own, min(asked_s, LONGEST_S))
