"""What is usual of one subject: the values of each feature that it showed, and on how many days.

Only a value that was never seen counts, by how often an active day of the subject brings one: Good and
Turing's estimate, the values seen on one day alone over all days, leaning on what is usual of its kind (I. J.
Good 1953, "The population frequencies of species"). Days count and not calls: a thousand new addresses within
a day are one piece of news, so that names made to flood neither blind nor push out what is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from math import log10

from msgspec import Struct

from coldtrail.detectors.callers.features import FEATURES, HOUR, Kind

YOUNG_HOURS = 24
"""A value is unfamiliar for so long after it was first seen."""
_SETTLED_HOURS, _SETTLED_DAYS = 168, 3
"""What was called strange is familiar only after so many hours, if it was seen on so many days."""
_LEAN_DAYS = 8.0
"""What is usual of its kind weighs as much as so many days of the subject's own."""
_HALF_LIFE_DAYS = 30.0
"""After which a value that was seen once counts half as a sign that more will come."""
_START = 0.5
"""Over the square of its days: what a subject has not shown yet in its first days."""
_MOST_DAYS = 65_535


class Seen(Struct, array_like=True, gc=False):
    """When a value was seen."""

    first_hour: int
    last_day: int
    days: int = 1
    strange: bool = False
    """Whether it was part of what was called strange."""

    def is_familiar(self, hour: int) -> bool:
        """Whether the subject is known to show it."""
        age = hour - self.first_hour
        if self.strange:
            return age >= _SETTLED_HOURS and self.days >= _SETTLED_DAYS
        return age >= YOUNG_HOURS


class Profile(Struct, array_like=True):
    """One subject."""

    last_day: int = -1
    days: int = 0
    """On which it was active."""
    calls: int = 0
    this_hour: int = 0
    in_hour: int = 0
    """Calls of this hour."""
    peak: float = 0.0
    """The most calls an hour, slowly forgotten."""
    news_day: list[int] = []
    """By feature, the day of which a new value was last counted."""
    known: list[dict[int, Seen]] = []
    """By feature, the values that were seen, by their keys, the first first."""
    lost: list[float] = []
    """By feature, days that brought a value which no other day did and which had to be forgotten, the older
    the less."""
    lost_day: list[int] = []
    """The last of these."""

    def __post_init__(self) -> None:
        self.lost = self.lost or [0.0] * FEATURES
        self.lost_day = self.lost_day or [0] * FEATURES
        self.known = self.known or [{} for _ in range(FEATURES)]
        self.news_day = self.news_day or [-1] * FEATURES

    def begin(self, day: int, hour: int) -> bool:
        """Counts a call; whether it is the first of a day."""
        self.calls += 1
        if hour != self.this_hour:
            self.peak = max(self.peak * 0.998, float(self.in_hour))
            self.this_hour, self.in_hour = hour, 0
        self.in_hour += 1
        if day == self.last_day:
            return False
        self.last_day = day
        self.days = min(self.days + 1, _MOST_DAYS)
        return True

    def is_familiar(self, feature: int, key: int, hour: int) -> bool:
        """Whether the subject is known to show the value; of hours, or one beside it."""
        known = self.known[feature]
        if feature == HOUR:
            return any(near in known and known[near].is_familiar(hour) for near in _beside(key))
        seen = known.get(key)
        return seen is not None and seen.is_familiar(hour)

    def learn(self, feature: int, key: int, day: int, hour: int, most: int) -> int | None:
        """Remembers that the value was seen; the value that had to be forgotten for it, if any."""
        known = self.known[feature]
        seen = known.get(key)
        if seen is None:
            forgotten = self._forget_one(feature) if len(known) >= most else None
            known[key] = Seen(hour, day)
            return forgotten
        seen.first_hour = min(seen.first_hour, hour)
        if seen.last_day != day:
            seen.last_day = day
            seen.days = min(seen.days + 1, _MOST_DAYS)
        return None

    def score(self, feature: int, kind: Kind, usual: float, day: int, hour: int) -> float:
        """How strange a value is that was never seen: minus the decimal logarithm of the chance that an
        active day brings one, where the kind's subjects show one on the share `usual` of their days."""
        days = max(self.days, 1)
        chance = (self._singles(feature, day, hour) + _LEAN_DAYS * usual) / (days + _LEAN_DAYS)
        chance += _START / (days * days)
        return min(max(-log10(chance), 0.0), kind.most_score)

    def _singles(self, feature: int, day: int, hour: int) -> float:
        """Days that brought a value which no other day did, the older the less."""
        days = {
            seen.last_day
            for seen in self.known[feature].values()
            if seen.days == 1 and not seen.strange and hour - seen.first_hour >= YOUNG_HOURS
        }
        days.discard(self.lost_day[feature])
        lost = self.lost[feature] * _weight(day - self.lost_day[feature])
        return lost + sum(_weight(day - one) for one in days)

    def _forget_one(self, feature: int) -> int:
        """What was seen on one day alone goes first, then what was not seen for longest."""
        known = self.known[feature]
        key = next((key for key, seen in known.items() if seen.days == 1), None)
        if key is None:
            key = min(known, key=lambda key: known[key].last_day)
        seen = known.pop(key)
        if seen.days == 1 and seen.last_day != self.lost_day[feature]:
            since = _weight(seen.last_day - self.lost_day[feature])
            self.lost[feature] = self.lost[feature] * since + 1.0
            self.lost_day[feature] = seen.last_day
        return key


def _weight(age_days: int) -> float:
    return float(0.5 ** (max(age_days, 0) / _HALF_LIFE_DAYS))


def hour_key(at: float) -> int:
    """The hour of a working day or of one at the weekend (UTC), as a number below 48."""
    hour = int(at // 3_600)
    # The epoch was a Thursday.
    is_weekend = (hour // 24 + 3) % 7 >= 5
    return hour % 24 + (24 if is_weekend else 0)


def _beside(key: int) -> Sequence[int]:
    first = key - key % 24
    return [first + (key + step) % 24 for step in (0, -1, 1)]


_MAX_CACHED = 50_000


class Keys(dict[tuple[str, str], int]):
    """The number that stands for a value of a kind, the same in every process."""

    def __missing__(self, told: tuple[str, str]) -> int:
        what, value = told
        digest = blake2b(f"{what}\0{value}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
        key = int.from_bytes(digest)
        if len(self) >= _MAX_CACHED:
            self.clear()
        self[told] = key
        return key
