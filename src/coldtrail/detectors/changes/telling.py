"""What was told already: a condition that lasts is told once, and again when it grows or comes back."""

from __future__ import annotations

from hashlib import blake2b

from coldtrail.detectors.changes.actors import DAY_S

_MOST = 512
_GROWS = 10
Told = tuple[float, int, int]
"""When it was last seen, how often, and how often when it was last told."""


class Telling:
    """Bounded: what was longest not seen is forgotten first."""

    def __init__(self, told: dict[int, Told]) -> None:
        self.told = told

    def again(self, at: float, *what: str, first: int = 1) -> bool:
        """Whether it is to be told now: the first so many times, then when it is ten times as often."""
        key = int.from_bytes(blake2b("\n".join(what).encode(), digest_size=8).digest(), "big")
        last, times, told = self.told.pop(key, (0.0, 0, 0))
        if not told or at - last > DAY_S:
            times = told = 0
        times += 1
        tell = times <= first or times >= _GROWS * told
        if len(self.told) >= _MOST:
            del self.told[next(iter(self.told))]
        self.told[key] = (at, times, times if tell else told)
        return tell
