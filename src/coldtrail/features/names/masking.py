"""Names of resources without their random parts, so that the same thing is called the same every time."""

from __future__ import annotations

import re
from hashlib import blake2b

from coldtrail.features.names.credentials import without_secrets

MAX_CHARS = 512
RAW_CHARS = 2_048
"""Raw names are cut here, before anything is masked in them: an ARN is at most so long."""
NAMELESS = "unnamed"
_MAX_CACHED = 50_000
_MAX_CACHED_CHARS = 256
_DIGEST_CHARS = 17
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")

# Account ids, runs of exactly 12 digits, stay: another account's bucket must look new.
_RANDOM = re.compile(
    r"""
      (?<![0-9A-Za-z]) [0-9A-Fa-f]{8} (?: - [0-9A-Fa-f]{4} ){3} - [0-9A-Fa-f]{12} (?![0-9A-Za-z])  # UUID
    | (?<!\d) (?:19|20)\d\d ([-/_.]) \d\d \1 \d\d  # date
      (?: [T ] \d\d [:.-]? \d\d (?: [:.-]? \d\d (?: [.,] \d{1,9} )? )? (?: Z | [+-]\d\d:?\d\d )? )? (?!\d)
    | (?<!\d) (?:19|20)\d{6} T \d{4,6} (?: [.,] \d{1,9} )? Z? (?![0-9A-Za-z])  # basic date
    | (?<![0-9A-Za-z]) [0-7] [0-9A-HJKMNP-TV-Z]{25} (?![0-9A-Za-z])  # ULID
    | (?<![0-9A-Za-z]) (?= [0-9]* [A-Fa-f] ) (?= [A-Fa-f]* [0-9] ) [0-9A-Fa-f]{8,} (?![0-9A-Za-z])  # hex id
    | (?<!\d) (?! \d{12} (?!\d) ) \d{6,}  # number
    """,
    re.VERBOSE,
)


def normalise(name: str, max_chars: int = MAX_CHARS) -> str:
    """The name with each random or secret part as `*`; over `max_chars` it is cut and ends in a digest."""
    return _shorten(_masked(_printable(name)), name, max_chars)


def clean(name: str, max_chars: int = MAX_CHARS) -> str:
    """The name as given, but without what is secret by its form, printable and at most `max_chars` long."""
    if len(name) <= max_chars:
        return without_secrets(_printable(name))
    return _cut(without_secrets(_printable(name[: 2 * max_chars])), name, max_chars)


def _printable(name: str) -> str:
    if name.isprintable():
        return name or NAMELESS
    return "".join(char if char.isprintable() else "?" for char in name)


def _masked(name: str) -> str:
    while (shorter := _RANDOM.sub("*", without_secrets(name))) != name:
        name = shorter
    return name


def _shorten(name: str, whole: str, max_chars: int) -> str:
    return name if len(name) <= max_chars else _cut(name, whole, max_chars)


def _cut(name: str, whole: str, max_chars: int) -> str:
    digest = blake2b(whole.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest().translate(_LETTERS)
    if max_chars <= _DIGEST_CHARS:
        return digest[:max_chars]
    return f"{_masked(name[: max_chars - _DIGEST_CHARS])}~{digest}"


class Names(dict[str, str]):
    """Normalised names by raw name: `names[raw]`, computed once and kept within a bound."""

    def __init__(self, max_chars: int = MAX_CHARS) -> None:
        super().__init__()
        self._max_chars = max_chars

    def __missing__(self, name: str) -> str:
        return self._keep(name, normalise(name, self._max_chars))

    def _keep(self, name: str, result: str) -> str:
        if len(name) <= _MAX_CACHED_CHARS:
            if len(self) >= _MAX_CACHED:
                self.clear()
            self[name] = result
        return result


class RawNames(Names):
    """Names as given by those that came: printable, cut to a bound, and equal ones held once."""

    def __init__(self, max_chars: int = RAW_CHARS) -> None:
        super().__init__(max_chars)

    def __missing__(self, name: str) -> str:
        return self._keep(name, clean(name, self._max_chars))
