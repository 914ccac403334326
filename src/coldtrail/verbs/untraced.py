"""Functions that were invoked, and of which the telemetry holds no run: what to turn on."""

from __future__ import annotations

from collections.abc import Collection

from coldtrail.alerts.wording.amounts import counted
from coldtrail.records.tally import Tally

_MOST_TOLD = 20


def untraced(tally: Tally, recorded: Collection[str]) -> list[str]:
    """A sentence for each function that was invoked, but has no run among those of the recorded functions."""
    by_function: dict[str, dict[str | None, int]] = {}
    for (name, caller), number in sorted(tally.unrecorded.items(), key=repr):
        if name not in recorded:
            by_function.setdefault(name, {})[caller] = number
    told = [_sentence(name, by) for name, by in list(by_function.items())[:_MOST_TOLD]]
    if len(by_function) > _MOST_TOLD:
        more = counted(len(by_function) - _MOST_TOLD, "more function")
        told.append(f"{more} without any record; turn active tracing on for them too.")
    return told


def _sentence(name: str, by: dict[str | None, int]) -> str:
    times = sum(by.values())
    often = "once" if times == 1 else f"{times:,} times"
    callers = sorted({caller for caller in by if caller is not None})
    who = f" by {', '.join(callers[:3])}" if callers else ""
    return f"{name} was invoked {often}{who}, without a record of its own: turn active tracing on for {name}."
