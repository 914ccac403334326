"""Functions that were invoked, and of which the telemetry holds no run: what to turn on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from coldtrail.alerts.wording.amounts import counted
from coldtrail.assembly.join.functions import named_by
from coldtrail.records.tally import Tally

_MOST_TOLD = 20


def untraced(tally: Tally, recorded: Collection[str]) -> list[str]:
    """A sentence for each function that was invoked, but has no run among those of the recorded functions."""
    by_function: dict[str, Counter[str | None]] = {}
    for (address, caller), number in sorted(tally.unrecorded.items(), key=repr):
        name = named_by(address).name
        if name not in recorded and address not in recorded:
            by_function.setdefault(name, Counter())[caller] += number
    told = [_sentence(name, by) for name, by in list(by_function.items())[:_MOST_TOLD]]
    if len(by_function) > _MOST_TOLD:
        more = counted(len(by_function) - _MOST_TOLD, "more function")
        told.append(f"{more} without any record; turn active tracing on for them too.")
    return told


def _sentence(name: str, by: Counter[str | None]) -> str:
    times = by.total()
    often = "once" if times == 1 else f"{times:,} times"
    callers = sorted({caller for caller in by if caller is not None})
    who = f" by {', '.join(callers[:3])}" if callers else ""
    return f"{name} was invoked {often}{who}, without a record of its own: turn active tracing on for {name}."
