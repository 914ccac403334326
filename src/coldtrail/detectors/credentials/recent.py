"""Tables that forget: of what names itself only the last used is kept."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TypeVar

Name = TypeVar("Name")
Held = TypeVar("Held")


def keep(table: MutableMapping[Name, Held], name: Name, value: Held, most: int) -> None:
    """Puts what was used just now at the end of a table, and drops what was used longest ago."""
    table.pop(name, None)
    table[name] = value
    while len(table) > most:
        del table[next(iter(table))]


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
