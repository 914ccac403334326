"""Functions that were invoked, and of which the telemetry holds no run: what to turn on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import NamedTuple

from coldtrail.alerts.wording.amounts import counted
from coldtrail.assembly.join.functions import named_by
from coldtrail.records.tally import Tally

_MOST_TOLD, _MOST_CALLERS = 20, 3


REMEDY = "turn active tracing on for"
"""What the sentences end in."""


class Invoked(NamedTuple):
    """How often a function without a record was invoked, and by whom, in words: `3 times by a, b`."""

    name: str
    often: str


def unrecorded(tally: Tally, recorded: Collection[str]) -> list[Invoked]:
    """The functions that were invoked, but have no run among those of the recorded functions, by name."""
    by_function: dict[str, Counter[str | None]] = {}
    for (address, caller), number in sorted(tally.unrecorded.items(), key=repr):
        name = named_by(address).name
        if name not in recorded and address not in recorded:
            by_function.setdefault(name, Counter())[caller] += number
    return [Invoked(name, _often(by)) for name, by in by_function.items()]


def untraced(tally: Tally, recorded: Collection[str]) -> list[str]:
    """A sentence for each of them, with what to do."""
    found = unrecorded(tally, recorded)
    told = [
        f"{name} was invoked {often}, without a record of its own: {REMEDY} {name}."
        for name, often in found[:_MOST_TOLD]
    ]
    if len(found) > _MOST_TOLD:
        more = counted(len(found) - _MOST_TOLD, "more function")
        told.append(f"{more} without any record; {REMEDY} them too.")
    return told


def _often(by: Counter[str | None]) -> str:
    times = by.total()
    often = "once" if times == 1 else f"{times:,} times"
    callers = sorted({caller for caller in by if caller is not None})
    return f"{often} by {', '.join(callers[:_MOST_CALLERS])}" if callers else often
