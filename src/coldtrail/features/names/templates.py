"""Templates of names that machines make up: `upload-{hex:8}.json` stands for all names of its form."""

from __future__ import annotations

import re
from math import prod
from string import ascii_letters, digits
from typing import NamedTuple

ANY = "any"
KINDS = {
    "digits": "0-9",
    "hex": "0-9a-f",
    "HEX": "0-9A-F",
    "letters": "a-z",
    "LETTERS": "A-Z",
    "Letters": "A-Za-z",
    "id": "0-9a-z",
    "ID": "0-9A-Z",
    "Id": "0-9A-Za-z",
}
"""The kinds of wildcards with their characters, the narrower ones first."""
_SHOWN = re.compile(r"\{(\w+):(\d+)(?:-(\d+))?\}")
_WORDS = ("letters", "LETTERS", "Letters", ANY)
HEXADECIMAL = ("hex", "HEX")
_HEX_WORD = 5
"""Characters of an id up to which many words are written with the letters a to f alone."""
_ALPHANUMERIC = ascii_letters + digits
_ENDING_CHARS = 4
_LONGEST = 512
"""Characters of the longest name (`limits.max_name_chars`)."""
_MOST_WAYS = _LONGEST**2
"""In which the lengths of all wildcards together may vary: each may have to be tried."""


class Wildcard(NamedTuple):
    """A part that differs in each name."""

    kind: str
    characters: str
    """As between the brackets of a regular expression."""
    least: int
    most: int
    digit: bool = False
    """Whether a value must hold a digit."""

    @property
    def text(self) -> str:
        """`{hex:8}`, `{digits:1-4}`."""
        length = str(self.least) if self.least == self.most else f"{self.least}-{self.most}"
        return f"{{{self.kind}:{length}}}"

    @property
    def takes_words(self) -> bool:
        """Whether a plain word could stand here."""
        spelled = self.kind not in HEXADECIMAL or self.least <= _HEX_WORD
        return self.kind != "digits" and not self.digit and spelled

    @property
    def size(self) -> int:
        """The number of different characters."""
        return len(re.findall(rf"[{self.characters}]", _ALPHANUMERIC))

    @property
    def pattern(self) -> str:
        """A regular expression with a group for the value."""
        digit = rf"(?=[^\W\d_]{{0,{self.most - 1}}}\d)" if self.digit else ""
        return f"{digit}([{self.characters}]{{{self.least},{self.most}}})"


class Template(NamedTuple):
    """What a family of names has in common."""

    parts: tuple[str | Wildcard, ...]

    @property
    def text(self) -> str:
        """The word that stands for all names of the family."""
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)

    @property
    def wildcards(self) -> list[Wildcard]:
        """The parts that vary."""
        return [part for part in self.parts if not isinstance(part, str)]

    @property
    def beginning(self) -> str:
        """The constant part before the first wildcard."""
        return self.parts[0] if isinstance(self.parts[0], str) else ""

    @property
    def takes_words(self) -> bool:
        """Whether a plain word could stand where an id is expected."""
        return any(one.takes_words for one in self.wildcards)

    @property
    def takes_any(self) -> bool:
        """Whether a part stands for whatever comes."""
        return any(one.kind == ANY for one in self.wildcards)

    @property
    def nearness(self) -> float:
        """The chance that one of its names, drawn at random, is a letter away from a given other."""
        if self.takes_any:
            return 0.0
        drawn = [(one.size, (one.least + one.most) // 2) for one in self.wildcards]
        near = sum(size * length for size, length in drawn)
        return min(1.0, near * prod(float(size) ** -length for size, length in drawn))

    @property
    def telling(self) -> bool:
        """Whether a word is constant (an ending like `.json` or `.com` is not enough) and only ids vary."""
        fixed = [part for part in self.parts if isinstance(part, str)]
        words = re.findall(r"[^\W\d_]+", " ".join(fixed))
        ending = len(words) == 1 and len(words[0]) <= _ENDING_CHARS and not isinstance(self.parts[0], str)
        return bool(words) and not ending and all(one.kind not in _WORDS for one in self.wildcards)

    @property
    def rank(self) -> tuple[bool, int, str]:
        """Smaller where the template says more."""
        fixed = sum(len(part) for part in self.parts if isinstance(part, str))
        return self.takes_any, -fixed, self.text

    def compiled(self) -> re.Pattern[str]:
        """The regular expression that the family's names match in full, with a group for each wildcard."""
        return re.compile("".join(re.escape(p) if isinstance(p, str) else p.pattern for p in self.parts))


def pattern_of(text: str) -> re.Pattern[str] | None:
    """The regular expression of what a template shown as text may stand for; None for a plain name.

    A name that only looks like a template, and would take for ever to match, is a plain one.
    """
    parts, end, ways = [], 0, 1
    for found in _SHOWN.finditer(text):
        kind, least, most = found[1], int(found[2]), int(found[3] or found[2])
        if (kind != ANY and kind not in KINDS) or most > _LONGEST:
            continue
        characters = f"[{KINDS[kind]}]" if kind in KINDS else "."
        parts.append(f"{re.escape(text[end : found.start()])}{characters}{{{least},{max(least, most)}}}")
        ways *= max(most - least, 0) + 1
        end = found.end()
    if not parts or ways > _MOST_WAYS:
        return None
    return re.compile("".join(parts) + re.escape(text[end:]))
