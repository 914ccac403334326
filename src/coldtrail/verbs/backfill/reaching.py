"""Which sources can be asked for what was, and how."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from coldtrail.service.feeds import is_pushed
from coldtrail.service.settings import SourceTable

DAY_S = 86_400.0


class Reachable(NamedTuple):
    """What settings lead to."""

    tables: tuple[SourceTable, ...]
    """Sources that can be asked, set to begin so far back."""
    notes: tuple[str, ...]
    """Why others cannot be, and what is done instead, a sentence each."""


def reachable(tables: Sequence[SourceTable], days: float) -> Reachable:
    """The sources that hold history, each set to begin `days` back where it has a start."""
    found: list[SourceTable] = []
    notes: list[str] = []
    for table in tables:
        settings: Any = table.settings
        names = settings.__struct_fields__
        if is_pushed(table):
            notes.append(f"{table.name} is sent telemetry, and cannot be asked for what was.")
            continue
        if getattr(settings, "queue", ""):
            if not getattr(settings, "bucket", ""):
                notes.append(
                    f"{table.name} reads a queue, which holds only what is new; name its bucket to learn "
                    "from the objects there."
                )
                continue
            notes.append(f"{table.name}: its bucket is listed, for the queue tells only of new objects.")
            settings = msgspec.structs.replace(settings, queue="")
        if "since_s" in names:
            settings = msgspec.structs.replace(settings, since_s=days * DAY_S)
        else:
            notes.append(f"{table.name} knows no time to begin at: all that it holds is learned.")
        found.append(SourceTable(table.kind, table.name, settings))
    return Reachable(tuple(found), tuple(notes))
