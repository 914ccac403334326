"""What a name looks like: traits that names of one make share, and a name of another make does not.

Each trait is a small number. The first two are amounts: its length, and how far its letters follow each other
as in words rather than as drawn at random. The others stand for texts: its ending and beginning, what
separates its parts, and its kinds of characters.
"""

from __future__ import annotations

import re
from functools import lru_cache
from math import sqrt
from zlib import crc32

NAME_TRAITS = 6
"""Traits of a name."""
AMOUNTS = 2
"""Of these, the first so many are amounts."""
_PARTS = re.compile(r"[^\W_]+")
_SEPARATORS = re.compile(r"[\W_]+")
_WORDLESS, _WORD_STEPS = 40, 4
_PAIRS = (
    "thheineranreonatenndtiesorteofedisitalarsttontngsehaasouiolevecomedehiriroicneearacelichllbemasi"
    "omurcaeltalansdifohopeecprnoctusacotiltrlyncetutsssorsunlowageiewheewiemadolrtpowenaulnitsmoowpa"
    "immiaishirsuidosiviaamficivipligtuevldrympfeblabghtyopwosaayexkefrooavagifapgrodbosprddoucbueiov"
    "byrmepttocfaefcurnscgidayocrcldugaquueffbaeylsvaumpp"
)
_USUAL_PAIRS = frozenset(_PAIRS[at : at + 2] for at in range(0, len(_PAIRS), 2))
"""Pairs of letters that are common in English words."""
_BY_CHANCE = len(_USUAL_PAIRS) / 26**2


@lru_cache(maxsize=65_536)
def traits_of(name: str) -> tuple[int, ...]:
    """The traits of a name: length, likeness to words, ending, beginning, separators, kinds of characters."""
    parts = _PARTS.findall(name)
    dots = name.count(".")
    ending = ".".join(name.rsplit(".", 2 if dots > 1 else 1)[1:]) if dots else parts[-1] if parts[1:] else ""
    return (
        min(len(name), 0xFFFF),
        _likeness_to_words(name[: len(name) - len(ending)] if dots else name),
        number_of(ending),
        number_of(parts[0] if parts[1:] else ""),
        number_of(" ".join(_SEPARATORS.findall(name))),
        number_of(_characters(name)),
    )


def number_of(text: str) -> int:
    """A number below 2**16 that stands for a text."""
    return crc32(text.encode("utf-8", "surrogatepass")) & 0xFFFF


def _characters(name: str) -> str:
    """The kinds of characters in a name."""
    kinds = ("a" if c.islower() else "A" if c.isupper() else "9" if c.isdigit() else "" for c in name)
    return "".join(sorted(set(kinds))) + ("" if name.isascii() else "?")


def _likeness_to_words(name: str) -> int:
    """Standard deviations by which more pairs of letters are common ones than where letters are drawn."""
    letters = name.casefold()
    pairs = [letters[i : i + 2] for i in range(len(letters) - 1) if letters[i : i + 2].isalpha()]
    if not pairs:
        return _WORDLESS
    more = sum(pair in _USUAL_PAIRS for pair in pairs) - _BY_CHANCE * len(pairs)
    deviations = more / sqrt(_BY_CHANCE * (1.0 - _BY_CHANCE) * len(pairs))
    return max(round(_WORDLESS + _WORD_STEPS * deviations), 0)
