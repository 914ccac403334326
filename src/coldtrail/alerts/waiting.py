"""What is strange and waits for a second signal before anybody is told: a slow call now and then.

Now and then any service answers late. That one call was slow is told once several runs of a function, or of
functions that call the same service, show it within an hour of each other; once it took many times as long as
any on record; and at once where the run's own code is slow, or anything else alarms in the run. The verdict
stays as it is: anomalous, with its reasons.
"""

from __future__ import annotations

from coldtrail.alerts.correlation import at_one_time
from coldtrail.alerts.effects import SLOWER, times_as_long
from coldtrail.alerts.groups import Group
from coldtrail.alerts.parts import Part
from coldtrail.alerts.slowness import SLOW_SERVICE
from coldtrail.features.vocabulary import NO_RESOURCE_TYPES

LASTING = 3
"""Slow runs, none further than an hour from the next, that are no accident."""
_SLOW = frozenset(("duration", SLOW_SERVICE))


def waits(group: Group) -> bool:
    """Whether nobody is told of a group yet."""
    if group.cause.kind not in _SLOW or group.version is not None or group.started:
        return False
    return all(map(_is_slow_call, group.parts)) and not _lasts(group)


def _is_slow_call(part: Part) -> bool:
    """Whether nothing is strange but that a call took a few times as long as it ever did."""
    is_call = bool(part.event_type) and part.event_type not in NO_RESOURCE_TYPES
    of_call = is_call and part.reason.kind == "duration" and part.alarming <= {"duration"}
    return of_call and times_as_long(part.reason) < SLOWER


def _lasts(group: Group) -> bool:
    times = at_one_time(group.each_once, lambda run: (run.start, run.start))
    return any(len(time) >= LASTING for time in times)
