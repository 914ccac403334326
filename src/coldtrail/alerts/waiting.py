"""What is strange and waits for a second signal before anybody is told: a slow call now and then, what is
hardly strange, and among the runs of busy functions a rare path, a lost call or slow code.

Now and then any service answers late. That one call was slow is told once several runs of a function, or of
functions that call the same service, show it within an hour of each other, and they are more than a hundredth
of the runs that usually come in an hour; once it took many times as long as any on record; and at once where
the run's own code is slow, or anything else alarms in the run. Sums of small surprises, and new names of a
family that the function uses, are told as slow calls are.

A function that runs so often that a run or two an hour must look strange by chance alone shows each of its
rare branches every day, and now and then a call longer than any before: of a heavy tail, one eight times the
longest on record comes about as soon again as eight records are long. That its runs took their usual steps in
another order, or left one out, is told once a share of those of an hour, or of a minute, do the same; calls
that are slow, or lost, once they last; code of its own once it lasts, or took many times as long as any on
record. What else a function never did before waits nowhere. The verdict stays as it is: anomalous, with its
reasons.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import inf

from coldtrail.alerts.correlation import at_one_time
from coldtrail.alerts.effects import SLOWER, times_as_long
from coldtrail.alerts.groups import Group
from coldtrail.alerts.hardly_strange import is_hardly_strange
from coldtrail.alerts.parts import OWN_CODE, Part
from coldtrail.alerts.slowness import SLOW_SERVICE
from coldtrail.features.vocabulary import NO_RESOURCE_TYPES
from coldtrail.records.identity import FunctionKey

LASTING = 3
"""Slow runs, none further than an hour from the next, that are no accident."""
LASTING_SHARE = 0.01
"""Of the runs that come in an hour, how many of them must be slow: of a busy function some always are."""
CROWDING, PATHS_SHARE = 5, 0.05
"""Runs of one minute that take a rare path, and the share of those that usually come in it, or in an hour."""
BUSY_RUNS = 400.0
"""Runs an hour of a function from which one false alarm an hour is within the default budget."""
HOUR_S, MINUTE_S = 3600.0, 60.0
Paces = Mapping[FunctionKey, float]
"""How many runs of each function usually come in an hour."""
_SLOW = frozenset(("duration", SLOW_SERVICE))
_PATHS = frozenset(("order", "omission"))
_BY_CHANCE = _PATHS | {"duration", OWN_CODE}
"""What alarms in some of very many runs, whatever they do."""


def waits(group: Group, runs_an_hour: Paces | None = None) -> bool:
    """Whether nobody is told of a group yet."""
    return certain_at(group, runs_an_hour) == inf


def certain_at(group: Group, runs_an_hour: Paces | None = None) -> float:
    """The end of the run with which a group became worth telling; infinity while it waits."""
    runs = group.each_once
    functions = {part.cause.whose for part in group.parts}
    usual = sum((runs_an_hour or {}).get(one, 0.0) for one in functions)
    at_once = [min(part.sightings).end for part in group.parts if not _may_wait(group, part, usual)]
    if at_once or group.version is not None or group.started:
        at_once = at_once or [runs[0].end]
    is_path = group.cause.kind in _PATHS and usual >= BUSY_RUNS
    share = PATHS_SHARE if is_path else LASTING_SHARE
    lasting = _enough([run.start for run in runs], usual, share)
    return min([*at_once, inf if lasting is None else runs[lasting].end])


def lasts(starts: Sequence[float], runs_an_hour: float) -> bool:
    """Whether so many runs are slow, of those that usually come in an hour, that it is no accident."""
    return _enough(sorted(starts), runs_an_hour, LASTING_SHARE) is not None


def _may_wait(group: Group, part: Part, runs_an_hour: float) -> bool:
    """Whether what a part of a group tells is worth nobody's time by itself."""
    if group.cause.kind == part.cause.kind and is_hardly_strange(part):
        return True
    if runs_an_hour < BUSY_RUNS:
        return group.cause.kind in _SLOW and _is_slow_call(part)
    return _is_by_chance(part)


def _enough(starts: Sequence[float], runs_an_hour: float, share: float) -> int | None:
    """Where the run stands with which so many are strange, of those that usually come in an hour or, of busy
    functions, in a minute, that it is no accident. The starts come in order."""
    least, crowd = share * runs_an_hour, inf
    if runs_an_hour >= BUSY_RUNS:
        crowd = max(CROWDING, PATHS_SHARE * runs_an_hour * MINUTE_S / HOUR_S)
    place = -1
    for time in at_one_time(starts, lambda start: (start, start)):
        hours, minutes = Counter[float](), Counter[float]()
        for number, start in enumerate(time, 1):
            place += 1
            hours[start // HOUR_S] += 1
            minutes[start // MINUTE_S] += 1
            lasting = number >= LASTING and max(hours.values()) >= least
            if lasting or minutes[start // MINUTE_S] >= crowd:
                return place
    return None


def _is_slow_call(part: Part) -> bool:
    """Whether nothing is strange but that a call took a few times as long as it ever did."""
    is_call = bool(part.event_type) and part.event_type not in NO_RESOURCE_TYPES
    of_call = is_call and part.reason.kind == "duration" and part.alarming <= {"duration"}
    return of_call and times_as_long(part.reason) < SLOWER


def _is_by_chance(part: Part) -> bool:
    """Whether some of very many runs show what a part does, whatever they do: a slow call, or a rare path."""
    is_known = part.cause.kind in _PATHS or part.cause.kind == "duration"
    is_far = OWN_CODE in part.alarming and times_as_long(part.reason) >= SLOWER
    return is_known and part.alarming <= _BY_CHANCE and not is_far
