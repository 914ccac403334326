"""What telemetry tells twice, or in a way that cannot be quite so."""

from __future__ import annotations

from collections import Counter

from coldtrail.alerts.wording.amounts import counted

_AGAIN = " told again"
_ADOPTED = "steps taken up without their parent"
_FLOWS_AGAIN = "flows that came again"


def oddities(counts: Counter[str], repeated: int, misplaced: int, contradicted: int) -> list[str]:
    """A sentence each: `counts` are those of the stages, `repeated` are documents read more than once."""
    again = sum([number for label, number in counts.items() if label.endswith(_AGAIN)])
    told = [
        (repeated, "document", "read more than once, byte for byte: what they tell counts once."),
        (again, "record", "told again by another document: left out."),
        (counts[_FLOWS_AGAIN], "flow", "told again after the trace was closed: left out."),
        (
            misplaced,
            "step",
            "outside the time of the run: clocks that differ, or late work.",
        ),
        (
            counts[_ADOPTED],
            "step",
            "whose parent is missing, taken as work of the only run of their time: incomplete.",
        ),
        (contradicted, "flow", "whose documents contradict each other: all that they say is kept."),
    ]
    return [f"{counted(number, noun)} {what}" for number, noun, what in told if number]
