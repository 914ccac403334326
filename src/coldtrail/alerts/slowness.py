"""One trouble for a service that keeps several functions waiting: the cause lies outside of each of them.

Where calls of one service are unusually slow in several functions within an hour of each other, what each of
them would tell is one group. Calls of that service that fail meanwhile, as when it throttles, join it. So do
calls of functions that wait for it, in whose traces they are slow for that reason. What is new or repeated
never joins it, nor time in a function's own code, though the run waits as well: a flood slows others, too.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from coldtrail.alerts.correlation import at_one_time, in_several, mostly_within
from coldtrail.alerts.groups import Group
from coldtrail.alerts.parts import OWN_CODE, Part
from coldtrail.features.vocabulary import NO_RESOURCE_TYPES
from coldtrail.records.finding import FindingKey
from coldtrail.records.identity import ApplicationKey
from coldtrail.verdicts.causes import OWN_DOING

SLOW_SERVICE = "slow_service"
LEAST_FUNCTIONS = 2
_ONE_PLACE = frozenset(("remote", "http", "lambda"))
_FAILING = frozenset(("order", "omission"))
Service = tuple[str, str]
"""Its type, and its name where its calls share nothing but their type."""
_MORE = OWN_DOING | {OWN_CODE}
"""What alarms in no run that is told as one that waits."""


def gathered(groups: Iterable[Group]) -> list[Group]:
    """The groups; those that wait for the same service at the same time as one."""
    out: list[Group] = []
    troubles: list[Group] = []
    waiting: dict[tuple[ApplicationKey, Service], list[Group]] = defaultdict(list)
    for group in groups:
        service = _service(group)
        (waiting[group.cause.whose.application_key, service] if service else out).append(group)
    for (application, service), alike in sorted(waiting.items()):
        slowed = _slowed_together(sorted(alike, key=lambda one: one.cause))
        joined = {id(group) for group in slowed}
        out += [group for group in alike if id(group) not in joined]
        troubles += [_one(application, service, slowed)] if slowed else []
    return _without_callers(out, troubles) + troubles


def _slowed_together(groups: list[Group]) -> list[Group]:
    """The groups most of whose runs lie in times in which calls of several functions were slow."""
    runs = sorted((run.start, at) for at, group in enumerate(groups) for run in group.sightings)
    within: Counter[int] = Counter()
    for time in at_one_time(runs, lambda run: (run[0], run[0])):
        slow = (groups[at] for _, at in time if groups[at].cause.kind == "duration")
        if in_several(slow, lambda one: one.cause.function, LEAST_FUNCTIONS):
            within.update(at for _, at in time)
    return [group for at, group in enumerate(groups) if mostly_within(group.sightings, within[at])]


def _without_callers(groups: list[Group], troubles: list[Group]) -> list[Group]:
    """The groups; calls of functions that themselves wait, in most of their traces, join the trouble."""
    waited_in = [(one, _traces(one)) for one in troubles]
    out = []
    for group in groups:
        traces = _traces(group) if group.cause.kind == "duration" and _service(group) else set()
        shared = [(len(traces & others), place) for place, (_, others) in enumerate(waited_in)]
        most, place = max(shared, default=(0, 0))
        if not traces or 2 * most < len(traces):
            out.append(group)
        else:
            troubles[place].parts += group.parts
            troubles[place].sightings += group.sightings
    return out


def _traces(group: Group) -> set[str]:
    return set().union(*(part.traces for part in group.parts))


def _service(group: Group) -> Service | None:
    """The one service that all parts of a group wait for, or whose calls fail; None where there is more to
    tell."""
    if group.version is not None or group.started or any(part.alarming & _MORE for part in group.parts):
        return None
    services = {_waited_for(part) for part in group.parts}
    return services.pop() if len(services) == 1 else None


def _waited_for(part: Part) -> Service | None:
    if not part.event_type or part.event_type in NO_RESOURCE_TYPES:
        return None
    if part.cause.kind != "duration" and not (part.failed and part.cause.kind in _FAILING):
        return None
    if not _is_one_place(part.event_type):
        return part.event_type, ""
    return (part.event_type, part.reason.target) if part.reason.target else None


def _one(application: ApplicationKey, service: Service, groups: list[Group]) -> Group:
    """All groups as one; the strangest slow call whose flow was kept leads."""
    parts = sorted(
        (part for group in groups for part in group.parts),
        key=lambda part: (part.cause.kind != "duration", part.flow is None, part.strangeness),
    )
    sightings = [sighting for group in groups for sighting in group.sightings]
    return Group(FindingKey(*application, "", SLOW_SERVICE, "", *service), parts, sightings)


def _is_one_place(event_type: str) -> bool:
    """Whether calls of this type share nothing but their kind: each web address or function is a service."""
    return event_type.rpartition("::")[2].casefold() in _ONE_PLACE
