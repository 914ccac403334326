"""Tables that forget: of what names itself only the last used is kept, and a number stands for its name."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from typing import TypeVar

Name = TypeVar("Name")
Held = TypeVar("Held")


@lru_cache(maxsize=65_536)
def mark(*texts: str) -> int:
    """A number that stands for texts in what is held: the same for the same."""
    digest = blake2b("\0".join(texts).encode("utf-8", "surrogatepass"), digest_size=7).digest()
    return int.from_bytes(digest, "big")


def keep(table: MutableMapping[Name, Held], name: Name, value: Held, most: int) -> None:
    """Puts what was used just now at the end of a table, and drops what was used longest ago."""
    table.pop(name, None)
    table[name] = value
    while len(table) > most:
        del table[next(iter(table))]


def keep_all(table: dict[Name, Held], more: Mapping[Name, Held], most: int) -> None:
    """The same for many at once, in the order in which they were used."""
    for name in more:
        table.pop(name, None)
    table.update(more)
    for name in list(islice(table, max(len(table) - most, 0))):
        del table[name]


def count(table: dict[Name, int], name: Name, most: int) -> bool:
    """Counts a name, of which the rarest gives way where there are too many; whether it is new."""
    known = table.get(name)
    if known is not None:
        table[name] = known + 1
        return False
    if len(table) >= most:
        del table[min(table, key=lambda one: table[one])]
    table[name] = 1
    return True
