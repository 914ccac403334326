"""How often a function sees something so strange, counted over all functions and days of the past."""

from __future__ import annotations

from math import log10

from msgspec import Struct, field

_FADES = 0.99
"""A day: what was half as usual a season ago counts half."""
_MOST_KINDS = 64
_MOST_A_DAY = 50
MOST = 6.0


class Chances(Struct, array_like=True):
    """Days of functions, and how often one saw something of each kind in them; both fade."""

    days: float = 0.0
    seen: dict[str, float] = field(default_factory=dict)
    today: dict[str, int] = field(default_factory=dict)

    def pass_day(self, functions: int) -> None:
        """A day with so many functions is over."""
        self.days = self.days * _FADES + max(functions, 1)
        self.today.clear()
        for kind in self.seen:
            self.seen[kind] *= _FADES

    def strength(self, kind: str) -> float:
        """Minus the decimal logarithm of the chance that a function sees it within an hour."""
        return min(max(log10(24.0 * (self.days + 1.0) / (self.seen.get(kind, 0.0) + 0.5)), 0.0), MOST)

    def count(self, kind: str, functions: int) -> None:
        """So many functions have seen it; a flood counts as one bad day."""
        if kind in self.seen or len(self.seen) < _MOST_KINDS:
            more = min(max(functions, 1), _MOST_A_DAY - self.today.get(kind, 0))
            self.today[kind] = self.today.get(kind, 0) + more
            self.seen[kind] = self.seen.get(kind, 0.0) + more
