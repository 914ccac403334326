"""Names that are a known one but for the region or one word more, as what is kept for a failover is called.

`orders-dr` for `orders`, `api-2.bank.example` for `api.bank.example`, `data-eu-central-1` for
`data-eu-west-1`. One such name proves nothing: whoever wants to be overlooked chooses one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

REGION = re.compile(
    r"\b(?:us|eu|ap|sa|ca|me|af|il|mx|cn)-(?:gov-|iso[a-z]?-)?"
    r"(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-\d\b"
)
"""Codes of AWS regions (https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html)."""
_SEPARATORS = re.compile(r"([-_.:])")
_LEAST_LEFT = 3
"""Characters that must be left of a name once a word is taken away."""
MOST_KNOWN = 20_000
"""Known names that are looked at, as for look-alikes."""
_MOST_WORDS = 16


class Counterparts:
    """Known names, to find the one that a new name stands for."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known: dict[str, str] = {}
        """By the place without its region, the place."""
        for name in known:
            place = name.partition("/")[0]
            self._known.setdefault(_anywhere(place), place)
            if len(self._known) >= MOST_KNOWN:
                break

    def of(self, name: str) -> str | None:
        """The known bucket, host, table or the like that is the same but for the region or a word more."""
        place = name.partition("/")[0]
        told = _anywhere(place)
        known = self._known.get(told)
        if known is not None:
            return known if known != place else None
        for shorter, _ in _without_a_word(told):
            if shorter in self._known:
                return self._known[shorter]
        return None


def difference(name: str, counterpart: str) -> str:
    """What sets a name apart from its counterpart: the word that it has more, or that it names a region."""
    told, other = _anywhere(name.partition("/")[0]), _anywhere(counterpart)
    return next((word for shorter, word in _without_a_word(told) if shorter == other), "{region}")


def words_of(name: str) -> set[str]:
    """The words of a bucket, host, table or the like; a region is one."""
    return set(_SEPARATORS.split(_anywhere(name.partition("/")[0]))[::2])


def _anywhere(place: str) -> str:
    return REGION.sub("{region}", place)


def _without_a_word(name: str) -> Iterator[tuple[str, str]]:
    """A name without each of its words in turn, the last first, and that word."""
    parts = _SEPARATORS.split(name)
    for at in range(len(parts) - 1, -1, -2):
        if len(parts) > 2 * _MOST_WORDS:
            return
        rest = parts[: max(at - 1, 0)] + parts[at + 1 :] if at else parts[2:]
        shorter = "".join(rest)
        if parts[at] and len(shorter) >= _LEAST_LEFT:
            yield shorter, parts[at]
