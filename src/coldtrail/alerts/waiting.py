"""What is strange and waits for a second signal before anybody is told: a slow call now and then, and among
the runs of a busy function a rare path.

Now and then any service answers late. That one call was slow is told once several runs of a function, or of
functions that call the same service, show it within an hour of each other, and they are more than a hundredth
of the runs that usually come in an hour; once it took many times as long as
any on record; and at once where the run's own code is slow, or anything else alarms in the run.

A function that runs so often that a run or two an hour must look strange by chance alone shows each of its
rare branches every day. That one of its runs took its usual steps in another order, or left one out, is told
once several runs of an hour, or of a minute, do the same. What a function never did before waits nowhere. The
verdict stays as it is: anomalous, with its reasons.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from coldtrail.alerts.correlation import at_one_time
from coldtrail.alerts.effects import SLOWER, times_as_long
from coldtrail.alerts.groups import Group
from coldtrail.alerts.parts import Part
from coldtrail.alerts.slowness import SLOW_SERVICE
from coldtrail.features.vocabulary import NO_RESOURCE_TYPES
from coldtrail.records.identity import FunctionKey

LASTING = 3
"""Slow runs, none further than an hour from the next, that are no accident."""
LASTING_SHARE = 0.01
"""Of the runs that come in an hour, how many of them must be slow: of a busy function some always are."""
BUSY_RUNS = 400.0
"""Runs an hour of a function from which one false alarm an hour is within the default budget."""
HOUR_S, MINUTE_S = 3600.0, 60.0
Paces = Mapping[FunctionKey, float]
"""How many runs of each function usually come in an hour."""
_SLOW = frozenset(("duration", SLOW_SERVICE))
_PATHS = frozenset(("order", "omission"))


def waits(group: Group, runs_an_hour: Paces | None = None) -> bool:
    """Whether nobody is told of a group yet."""
    if group.version is not None or group.started:
        return False
    functions = {part.cause.whose for part in group.parts}
    usual = sum((runs_an_hour or {}).get(one, 0.0) for one in functions)
    starts = [run.start for run in group.each_once]
    if group.cause.kind in _SLOW:
        return all(map(_is_slow_call, group.parts)) and not lasts(starts, usual)
    is_rare_path = group.cause.kind in _PATHS and all(part.alarming <= _PATHS for part in group.parts)
    return is_rare_path and usual >= BUSY_RUNS and not (lasts(starts, usual) or _crowds(starts, usual))


def lasts(starts: Sequence[float], runs_an_hour: float) -> bool:
    """Whether so many runs are slow, of those that usually come in an hour, that it is no accident."""
    for time in at_one_time(starts, lambda start: (start, start)):
        in_an_hour = max(Counter(start // HOUR_S for start in time).values())
        if len(time) >= LASTING and in_an_hour >= LASTING_SHARE * runs_an_hour:
            return True
    return False


def _crowds(starts: Sequence[float], runs_an_hour: float) -> bool:
    """Whether enough runs of one minute show it."""
    in_a_minute = max(Counter(start // MINUTE_S for start in starts).values())
    return in_a_minute >= max(LASTING, LASTING_SHARE * runs_an_hour * MINUTE_S / HOUR_S)


def _is_slow_call(part: Part) -> bool:
    """Whether nothing is strange but that a call took a few times as long as it ever did."""
    is_call = bool(part.event_type) and part.event_type not in NO_RESOURCE_TYPES
    of_call = is_call and part.reason.kind == "duration" and part.alarming <= {"duration"}
    return of_call and times_as_long(part.reason) < SLOWER
