"""How far something was read that becomes visible late: a moment is asked for again a few times."""

from __future__ import annotations

from msgspec import Struct

from coldtrail.sources.aws.remembered import Remembered

_SLICE_S = 900.0
_SKEW_S = 60.0
"""So far a clock is set back now and then, without having been ahead."""
_RECENT_S = 30.0
"""So far back is asked each time; as far as the overlap less often."""


class Reached(Struct):
    """How far it was read, as a position has it."""

    until: float
    """Up to then all was given that was visible."""
    known_from: float
    """Before then it is not remembered what was given, and nothing is asked for."""
    ids: dict[str, str] = {}


class LookingBack:
    """Which time to ask for next, and what of it was given before."""

    def __init__(self, reached: Reached, overlap_s: float, most_ids: int) -> None:
        """Raises `ValueError` where a position is none."""
        self.until, self._known_from = reached.until, reached.known_from
        self._overlap_s = overlap_s
        self.ids = Remembered(most_ids)
        self.ids.restore(reached.ids)

    def window(self, now: float, *, is_deep: bool) -> tuple[float, float]:
        """From when to when to ask.

        Where the clock was ahead for a while, it goes on from what the clock says now."""
        if now < self.until - _SKEW_S:
            self.until, self._known_from = now, min(self._known_from, now - self._overlap_s)
        back = self._overlap_s if is_deep else min(_RECENT_S, self._overlap_s)
        start = max(self._known_from, self.until - back)
        return max(0.0, start), max(0.0, start, min(now, self.until + _SLICE_S))

    def is_behind(self, now: float) -> bool:
        """Whether there is more to ask for at once."""
        return self.until < now - _RECENT_S

    def done(self, end: float) -> None:
        """All that was visible up to then has been given."""
        self.until = max(self.until, end)
        self._known_from = max(self._known_from, self.until - self._overlap_s)
        self.ids.forget(self._known_from)

    def bound(self) -> bool:
        """Forgets what is too much to remember; whether there was any, which shortens the overlap."""
        until = self.ids.bound()
        if until is None or until <= self._known_from:
            return False
        self._known_from = until
        return True

    def reached(self) -> Reached:
        """For a position."""
        return Reached(self.until, self._known_from, self.ids.state())
