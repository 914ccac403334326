"""How surprising it is to meet something for the first time."""

from __future__ import annotations

from math import log10

from coldtrail.detectors.egress.states import Meetings
from coldtrail.features.recent import keep

_FADES = 0.9985
"""An hour's part after the next one: half of what is known is of the last three weeks."""
_READY_TIMES, _READY_S = 30, 86_400.0
_HOUR_S = 3_600.0


def met(held: Meetings, name: int, at: float, most: int) -> float:
    """Points for meeting something, 0 if it is known or too little is: minus the decimal logarithm of how
    many new things an hour brings (of late, and half a one at the start)."""
    if held.since < 0 or at < held.since:
        held.since = at
    if int(at // _HOUR_S) != held.hour:
        held.hour = int(at // _HOUR_S)
        held.hours, held.new = held.hours * _FADES + 1.0, held.new * _FADES
    times, points = held.known.get(name, 0), 0.0
    held.times += 1
    if not times:
        if is_ready(held, at):
            points = -log10((held.new + 0.5) / (held.hours + 1.0))
        held.new += 1.0 if held.times > 1 else 0.0
    keep(held.known, name, times + 1, most)
    return max(0.0, points)


def is_ready(held: Meetings, at: float) -> bool:
    """Whether enough was seen, over enough time."""
    return held.times >= _READY_TIMES and at - held.since >= _READY_S


def lacking(held: Meetings) -> str | None:
    """What it still needs, a sentence; None where it has enough but for time."""
    if held.times >= _READY_TIMES:
        return None
    return f"{held.times} of {_READY_TIMES} calls with a destination were seen"
