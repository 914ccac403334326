"""Shifts that one cause moves, put together: measures of one function, or one measure of several functions.

What moves in several functions at one time (from when it began to when it was certain) has its cause outside
of each: a load, a slow partner, a release of what they share. Functions of one trace are as busy as the one
that starts it, which is told for all. Whoever is far busier than the others stands by itself: a flood would
hide in a load.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf
from statistics import median
from typing import NamedTuple

from coldtrail.alerts.correlation import at_one_time, in_several, mostly_within
from coldtrail.records.finding import StepKey
from coldtrail.records.identity import ApplicationKey, FunctionKey
from coldtrail.records.shift import Shift

FAMILIES = {
    "time_drift": ("own_time", "duration", "step_time"),
    "path_drift": ("drips", "paths", "errors", "calls"),
    "caller_drift": ("callers",),
    "rate_drift": ("rate",),
    "load_drift": ("load",),
    "silence": ("silence",),
    "no_failures": ("no_failures",),
    "no_step": ("no_step",),
}
"""By the kind of their alert, the measures that one cause moves together; of those that shift, the first is
told."""
_FAMILY = {measure: kind for kind, measures in FAMILIES.items() for measure in measures}
_ORDER = list(_FAMILY)
LEAST_FUNCTIONS = {"duration": 3, "step_time": 2, "errors": 3, "rate": 2, "silence": 3, "no_failures": 3}
"""By the measures that something outside a function moves, in how many functions it does at least. Load moves
with people, so that two functions of different traces are no accident; nor are two with a slow step."""
STANDS_OUT = 3.0
"""Times the median of how many times as often functions run, by which a flood stands out of a load."""


class Together(NamedTuple):
    """Shifts that are told as one."""

    shifts: Sequence[Shift]
    """The one that is told first; one a function."""
    is_of_many: bool = False
    """Whether they are the application's, and not of the first one's function."""
    again: Sequence[Shift] = ()
    """The same of the same functions at other times, later."""


def family_of(measure: str) -> str:
    """The kind of the alert that tells a shift of a measure; empty where there is no such measure."""
    return _FAMILY.get(measure, "")


def told_together(shifts: Iterable[Shift]) -> list[Together]:
    """The shifts, each function's once for each family of measures, as they are told together."""
    alike: dict[tuple[ApplicationKey, str], list[list[Shift]]] = {}
    families = _families(shifts)
    for same in sorted(families, key=lambda one: (one[0].found, one[0].function_name, one[0].measure)):
        alike.setdefault((same[0].key.application_key, same[0].measure), []).append(same)
    return [one for (_, measure), functions in alike.items() for one in _of_measure(measure, functions)]


def _families(shifts: Iterable[Shift]) -> list[list[Shift]]:
    """Of each function and family of measures, all shifts of the first measure that shifts, by time. What
    takes longer at one time and at another are two things."""
    families: dict[tuple[FunctionKey, str], list[Shift]] = {}
    for shift in shifts:
        families.setdefault((shift.key, family_of(shift.measure)), []).append(shift)
    out: dict[tuple[FunctionKey, str, StepKey | None], list[Shift]] = {}
    for same in (one for every in families.values() for one in _at_one_time(every)):
        first = min((shift.measure for shift in same), key=_ORDER.index)
        told = sorted((one for one in same if one.measure == first), key=lambda one: one.found)
        of = told[0].key, first, told[0].step if first == "step_time" else None
        out.setdefault(of, []).extend(told)
    return list(out.values())


def _at_one_time(same: Sequence[Shift]) -> list[list[Shift]]:
    """Shifts of one family, those of steps apart where one was certain before the next began."""
    if not any(shift.measure == "step_time" for shift in same):
        return [list(same)]
    out: list[list[Shift]] = []
    end = -inf
    for shift in sorted(same, key=lambda one: (one.since, one.found)):
        if shift.since > end:
            out.append([])
        out[-1].append(shift)
        end = max(end, shift.found)
    return out


def _by_step(led: Iterable[list[list[Shift]]]) -> list[list[list[list[Shift]]]]:
    """Functions that wait for one step, each with those that wait for them."""
    steps: dict[StepKey | None, list[list[list[Shift]]]] = {}
    for functions in led:
        steps.setdefault(functions[0][0].step, []).append(functions)
    return list(steps.values())


def _of_measure(measure: str, functions: Sequence[list[Shift]]) -> list[Together]:
    """One measure of an application's functions."""
    if measure not in LEAST_FUNCTIONS:
        return [Together(same[:1]) for same in functions]
    led = _led(functions) if measure in ("rate", "step_time") else [[same] for same in functions]
    if measure == "step_time":
        return [one for same in _by_step(led) for one in _of_led(measure, same)]
    return _of_led(measure, led)


def _of_led(measure: str, led: Sequence[list[list[Shift]]]) -> list[Together]:
    many = _of_many(measure, led)
    out = [_of_one(same) for same in led if same not in many]
    if many:
        shifts = sorted((same[0] for functions in many for same in functions), key=lambda one: -times(one))
        out.append(Together(shifts, True, [one for functions in many for one in _of_one(functions).again]))
    return out


def _of_one(led: Sequence[list[Shift]]) -> Together:
    again = [one for same in led for one in same[1:]]
    return Together([same[0] for same in led], again=sorted(again, key=lambda one: (one.found, one.id)))


def _led(functions: Sequence[list[Shift]]) -> list[list[list[Shift]]]:
    """The functions, each behind the one that starts its traces, if that shifts as well."""
    out: list[list[list[Shift]]] = []
    for same in sorted(functions, key=lambda one: (one[0].since, -one[0].runs, one[0].function_name)):
        leader = next((one for one in out if _same_traces(one[0], same)), None)
        if leader is None:
            out.append([same])
        else:
            leader.append(same)
    return out


def _same_traces(leading: Sequence[Shift], led: Sequence[Shift]) -> bool:
    """Whether each shift of a function lies in the traces of another's."""
    traces = {trace for one in leading for trace in one.traces if trace}
    mine = {trace for one in led for trace in one.traces if trace}
    return bool(mine) and mostly_within([*mine], len(mine & traces))


def _of_many(measure: str, led: Sequence[list[list[Shift]]]) -> list[list[list[Shift]]]:
    """What began to shift while several others did and is moved no more than they; none where that is one."""
    rows = sorted(
        ((shift, at) for at, functions in enumerate(led) for shift in functions[0]),
        key=lambda row: (row[0].since, row[0].found, row[1]),
    )
    joined: dict[int, float] = {}
    for time in at_one_time(rows, lambda row: (row[0].since, row[0].found)):
        most = STANDS_OUT * median(times(shift) for shift, _ in time) if measure == "rate" else inf
        kept = [row for row in time if times(row[0]) <= most]
        if in_several(kept, lambda row: row[1], LEAST_FUNCTIONS[measure]):
            joined |= {at: most for shift, at in kept if shift is led[at][0][0]}
    many = [led[at] for at, most in joined.items() if all(times(one) <= most for one in led[at][0])]
    return many if len(many) >= LEAST_FUNCTIONS[measure] else []


def times(shift: Shift) -> float:
    """How many times what was usual a shift has become."""
    return shift.after / shift.before if shift.before > 0 else 1.0
