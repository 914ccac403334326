"""A time axis on which one very long stretch does not flatten everything else."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from msgspec import Struct

_LONG = 1.5
"""A stretch without any start or end is cut where it is longer than this many times all others together."""
_SHOWN = 0.6
"""The length at which a cut stretch is drawn, as a share of all others together."""
_MAX_CUTS = 3


class Cut(Struct, frozen=True):
    """A stretch of time that is drawn shortened."""

    left: float
    """In percent of the axis, as `width`."""
    width: float
    seconds: float


class TimeScale:
    """Maps seconds to percent of the axis, linearly except at the cuts."""

    def __init__(self, moments: Iterable[float]) -> None:
        self._times = sorted({round(moment, 6) for moment in moments}) or [0.0]
        lengths = [after - before for before, after in zip(self._times, self._times[1:], strict=False)]
        drawn = list(lengths)
        cut_places = _shorten(drawn)
        total = sum(drawn) or 1.0
        self._lefts = [0.0]
        for length in drawn:
            self._lefts.append(self._lefts[-1] + 100 * length / total)
        self.cuts = tuple(
            Cut(self._lefts[place], 100 * drawn[place] / total, lengths[place])
            for place in sorted(cut_places)
        )

    def percent(self, time: float) -> float:
        """Where the time lies on the axis, 0 to 100."""
        return _between(time, self._times, self._lefts)

    def time(self, percent: float) -> float:
        """The time at this place of the axis."""
        return _between(percent, self._lefts, self._times)


def _shorten(lengths: list[float]) -> list[int]:
    """Shortens the longest stretches in place, and gives the places of the cuts."""
    places: list[int] = []
    while len(places) < _MAX_CUTS and len(lengths) - len(places) > 1:
        longest = max(
            (place for place in range(len(lengths)) if place not in places), key=lengths.__getitem__
        )
        others = sum(lengths) - lengths[longest]
        if lengths[longest] <= _LONG * others:
            break
        lengths[longest] = _SHOWN * others
        places.append(longest)
    return places


def _between(value: float, froms: list[float], tos: list[float]) -> float:
    place = bisect_right(froms, value)
    if place == 0:
        return tos[0]
    if place == len(froms):
        return tos[-1]
    span = froms[place] - froms[place - 1]
    return tos[place - 1] + (tos[place] - tos[place - 1]) * (value - froms[place - 1]) / span
