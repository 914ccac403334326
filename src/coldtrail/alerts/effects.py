"""How large the effect is that a reason tells of, beside what the function's own history holds.

That a thing is improbable says how sure one can be of it, not how much it matters: a function all of whose
runs take a millisecond is surprised by two. So the size is read from the values of the finding, and the
distance from the threshold counts only where it is small or large by orders of magnitude.
"""

from __future__ import annotations

from enum import IntEnum

from coldtrail.alerts.familiar import is_familiar, may_be_anybodys
from coldtrail.records.finding import Seconds, Times
from coldtrail.records.verdict import Reason

FAR_BANS = 4.0
"""So much past the threshold: ten thousand times as rare as what may alarm."""
NEAR_BANS = 1.0
"""Not a tenth as frequent as what may alarm: a way that is hardly rarer than others."""
SLOWER = 8.0
"""Times the longest on record, which is no mere tail. Of a Pareto tail with the exponent 1, the call after n
others exceeds c times the longest of them once in about c n times; of a lighter tail, less often."""
MORE_TIMES, MORE = 2.0, 3
"""How many times as often as ever, and how many times more, a step must come to be more than a retry."""
FAR_MORE_TIMES, FAR_MORE = 5.0, 10
"""The same from which it is a flood."""
_BY_CHANCE = frozenset(("order", "omission", "new_event", "new_action"))
"""Kinds whose findings say no more of their size than how rare they are: what never came in a whole record is
as far past any threshold as that record is long, be it an attack or a branch that few runs take."""
_OF_THE_CODE = frozenset(("own_code", "run_itself"))


class Effect(IntEnum):
    """How large an effect is; it adds up with what else makes an alert severe."""

    SMALL = -1
    PLAIN = 0
    LARGE = 1


def effect_of(reason: Reason, event_type: str, bans: float) -> Effect:
    """The size of what a reason tells, in a run that scores so many bans above the threshold."""
    seen, expected = reason.finding.seen, reason.finding.expected
    if isinstance(seen, Seconds):
        return Effect.LARGE if times_as_long(reason) >= SLOWER and seen.of in _OF_THE_CODE else Effect.PLAIN
    if reason.kind == "count" and isinstance(seen, Times):
        return _of_times(seen, expected if isinstance(expected, Times) else None)
    if reason.kind == "new_resource" and not reason.near:
        return _of_place(reason, event_type, bans)
    if reason.kind in _BY_CHANCE:
        return Effect.SMALL if bans < NEAR_BANS else Effect.PLAIN
    return Effect.LARGE if bans >= FAR_BANS else Effect.PLAIN


def times_as_long(reason: Reason) -> float:
    """How many times the longest on record (the usual time, where there is none) something took; 0 where the
    reason tells of no time."""
    seen, expected = reason.finding.seen, reason.finding.expected
    if not isinstance(seen, Seconds) or not isinstance(expected, Seconds):
        return 0.0
    longest = expected.longest or expected.seconds
    return seen.seconds / longest if longest > 0.0 else float("inf")


def _of_place(reason: Reason, event_type: str, bans: float) -> Effect:
    """What is familiar is a rarer branch; how rare it is says more only of places that may be others'."""
    if is_familiar(reason, event_type):
        return Effect.SMALL
    is_far = bans >= FAR_BANS and may_be_anybodys(reason.target, event_type)
    return Effect.LARGE if is_far else Effect.PLAIN


def _of_times(seen: Times, expected: Times | None) -> Effect:
    ever = expected.times if expected is not None else 0
    more = seen.times - ever
    if more >= FAR_MORE and seen.times >= FAR_MORE_TIMES * ever:
        return Effect.LARGE
    return Effect.PLAIN if more >= MORE and seen.times >= MORE_TIMES * ever else Effect.SMALL
