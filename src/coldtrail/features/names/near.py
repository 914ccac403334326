"""Names that nearly equal a known one: slips of the keyboard, or names made to be taken for another."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice

import numpy as np
from numpy.typing import NDArray

LONGEST = 128
"""Names longer than this are not compared."""
MOST_COMPARED = 20_000
"""Known names looked at for one new name."""
LEAST_FOR_ONE, LEAST_FOR_TWO = 5, 10
"""The shortest names of which one, or two, changed characters are no accident."""
MOST_AWAY = 2
"""Characters in which names that nearly equal each other differ, at most."""
_PIECES = 3
_CLASSES = 32
_DIGITS = re.compile(r"[0-9]+")
_ASCII = ("0125i|!$@_. ", "olzslllsa---")
_CYRILLIC = (
    "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456\u0458\u0455\u0501\u04bb"
    "\u051b\u051d\u043a\u043c\u0442\u0432\u043d",
    "aeopcxyljsdhqwkmtbh",
)
_GREEK = ("\u03bf\u03b1\u03bd\u03b9\u03ba\u03c1\u03c4\u03c5\u03c7", "oavlkptux")
_SIMPLE = {
    ord(char): seen
    for chars, shown in (_ASCII, _CYRILLIC, _GREEK)
    for char, seen in zip(chars, shown, strict=True)
}
"""Characters taken for others (chosen from the confusables of Unicode Technical Standard 39)."""
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))


class Names:
    """Known names, to find those that a new one nearly equals: the first `MOST_COMPARED` of them.

    Of names that differ in two characters at most, no more than four characters are not shared: what is held
    of each name beside itself is how many characters it has of each of some classes.
    """

    def __init__(self, known: Iterable[str]) -> None:
        kept = [name for name in islice(known, MOST_COMPARED) if len(name) <= LONGEST]
        self._names = sorted(kept, key=len)
        self._lengths = np.array([len(name) for name in self._names], np.int64)
        self._counts = _counts(self._names)
        self._of_look: dict[str, list[str]] = defaultdict(list)
        for name in self._names:
            self._of_look[_skeleton(name)].append(name)

    def nearest(self, name: str) -> str | None:
        """The known name that a new one nearly equals (the nearest, then the first by spelling), or None.

        Names that differ in their digits alone are numbered siblings, not look-alikes.
        """
        if not LEAST_FOR_ONE <= len(name) <= LONGEST:
            return None
        skeleton = _skeleton(name)
        look = self._of_look.get(skeleton, ())
        alike = {other for other in look if abs(len(other) - len(name)) <= MOST_AWAY}
        alike.update(self._sharing(name))
        alike.discard(name)
        found = [(away, other) for other in alike if (away := _away(name, other, skeleton)) is not None]
        return min(found)[1] if found else None

    def _sharing(self, name: str) -> list[str]:
        """The names of about the same length that share nearly all characters with a name."""
        bounds = len(name) - MOST_AWAY, len(name) + MOST_AWAY + 1
        first, end = np.searchsorted(self._lengths, bounds).tolist()
        apart = np.abs(self._counts[first:end] - _counts([name])).sum(axis=1)
        return [self._names[first + place] for place in np.flatnonzero(apart <= 2 * MOST_AWAY).tolist()]


def _counts(names: Sequence[str]) -> NDArray[np.int16]:
    """(name, class) how many characters of each class names have."""
    codes = np.array([ord(char) for name in names for char in name], np.int64)
    of = np.repeat(np.arange(len(names)), [len(name) for name in names])
    counts = np.bincount(of * _CLASSES + codes % _CLASSES, minlength=len(names) * _CLASSES)
    return counts.astype(np.int16).reshape(-1, _CLASSES)


def resemblance(name: str, near: str) -> str:
    """How a name differs from one it nearly equals: `one letter from booking-archive`."""
    away = distance(name, near)
    if name.casefold() == near.casefold():
        return f"{near} in other capitals"
    if away == 1 and len(name) == len(near) and sorted(name) == sorted(near):
        return f"{near} with two letters swapped"
    what = "letter" if _only_letters(name, near) else "character"
    amounts = {1: f"one {what} from", 2: f"two {what}s from"}
    return f"{amounts.get(away, 'written to look like')} {near}"


def distance(one: str, other: str) -> int:
    """The fewest insertions, deletions, changes and swaps of neighbours that make one name of the other.

    The restricted distance of Damerau (1964): no part is edited twice.
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, char in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (char != wanted))
            if i > 1 and j > 1 and char == other[j - 2] and one[i - 2] == wanted:
                best = min(best, earlier[j - 2] + 1)
            row.append(best)
    return row[-1]


def _away(name: str, other: str, skeleton: str) -> int | None:
    """The distance of two names of about the same length, None where they are not alike."""
    same_look = _skeleton(other) == skeleton
    if not (same_look or _shares_a_piece(name, other)):
        return None
    if _DIGITS.sub("0", name) == _DIGITS.sub("0", other):
        return None
    away = 0 if same_look else distance(name, other)
    shorter = min(len(name), len(other))
    return away if away <= (shorter >= LEAST_FOR_ONE) + (shorter >= LEAST_FOR_TWO) else None


def _shares_a_piece(name: str, other: str) -> bool:
    """Whether a third of one name occurs in the other, as it must if at most two characters differ."""
    size = -(-len(other) // _PIECES)
    return any(other[start : start + size] in name for start in range(0, len(other), size))


@lru_cache(maxsize=MOST_COMPARED)
def _skeleton(name: str) -> str:
    """What the eye sees of a name at a glance."""
    folded = unicodedata.normalize("NFKC", name).casefold().translate(_SIMPLE)
    for pair, single in _PAIRS:
        folded = folded.replace(pair, single)
    return folded


def _only_letters(one: str, other: str) -> bool:
    """Whether all characters that the two names do not share are letters."""
    mine, others = Counter(one), Counter(other)
    return all(char.isalpha() for char in (mine - others) + (others - mine))
