"""Anomalous flows put together by cause: what one person looks at once is one group.

Flows of one function and cause are one group, and so are causes that differ in the object of a bucket alone.
Beyond `MOST_CAUSES`, the causes of one kind are told together:
a function that writes to a new bucket each time has one trouble, not fifty. Runs that a group's own calls
started join it. Steps left out at random in several functions are one group, a gap in the telemetry.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from coldtrail.alerts.familiar import place_of
from coldtrail.alerts.lost_calls import lost_calls
from coldtrail.alerts.parts import Part, Sighting
from coldtrail.records.finding import FindingKey
from coldtrail.records.identity import FunctionKey
from coldtrail.verdicts.causes import MOST_CAUSES, NEW_KINDS

GAP = "gap"
"""The kind of what the loss of telemetry explains."""


@dataclass
class Group:
    """What is told as one alert."""

    cause: FindingKey
    parts: list[Part]
    """The leading one first; of a change, what is new in most of its runs."""
    sightings: list[Sighting]
    started: list[Part] = field(default_factory=list)
    """Flows of other functions that calls of this group started."""
    version: str | None = None
    """Of a change, the version never learned."""
    runs: int = 0
    """Of a change, all runs of the version."""
    shown: list[int] = field(default_factory=list)
    """Of a change, how many runs show each part."""

    @property
    def each_once(self) -> list[Sighting]:
        """The runs by their start, each once: late telemetry may show one again, or who started it."""
        latest_first = sorted(self.sightings, key=lambda one: (not one.starter, one), reverse=True)
        return sorted({one[1:3]: one for one in latest_first}.values())


def groups_of(parts: Iterable[Part], runs: Mapping[FunctionKey, int]) -> list[Group]:
    """The groups of parts with different causes; `runs` tells how many runs of each function were judged."""
    parts = list(parts)
    lost = [_lost(some) for some in lost_calls(parts, runs)]
    gone = {part.cause for group in lost for part in group.parts}
    return lost + _together(_with_started([part for part in parts if part.cause not in gone]))


def _lost(parts: list[Part]) -> Group:
    """What the loss of telemetry explains in an application."""
    cause = FindingKey(*parts[0].cause.whose.application_key, "", GAP)
    return Group(cause, parts, [sighting for part in parts for sighting in part.sightings])


def _with_started(parts: Iterable[Part]) -> list[Group]:
    """A group for each part; parts that say that a run was started join the one whose calls started it."""
    callers: dict[str, list[Group]] = defaultdict(list)
    groups, woken = [], []
    for part in parts:
        if part.cause.kind == "trigger":
            woken.append(part)
            continue
        group = Group(part.cause, [part], part.sightings)
        groups.append(group)
        if part.cause.kind in NEW_KINDS and part.cause.target:
            callers[part.cause.target].append(group)
    for part in sorted(woken, key=lambda one: one.cause):
        traces = part.traces
        by_trace = [(len(traces & one.parts[0].traces), one) for one in callers[_started_by(part)]]
        number, caller = max(by_trace, key=lambda found: (found[0], found[1].cause), default=(0, None))
        if caller is None or 2 * number < len(traces):
            groups.append(Group(part.cause, [part], part.sightings))
        else:
            caller.started.append(part)
            caller.sightings = caller.sightings + part.sightings
    return groups


def _started_by(part: Part) -> str:
    """The name of the resource that started the runs: the last word of `AWS::SNS BookingTopic`."""
    return (part.cause.target or part.cause.action).rpartition(" ")[2]


def _together(groups: list[Group]) -> list[Group]:
    """The groups, those of one place as one; those of one function and kind where there are too many."""
    kinds: dict[tuple[FunctionKey, str], list[Group]] = defaultdict(list)
    for group in groups:
        kinds[group.cause.whose, group.cause.kind].append(group)
    out: list[Group] = []
    for (whose, kind), alike in kinds.items():
        many = len(alike) > MOST_CAUSES
        out += [_one(FindingKey(*whose, kind), alike)] if many else _of_one_place(alike)
    return out


def _of_one_place(groups: list[Group]) -> list[Group]:
    """The groups; what is done alike to several objects of one bucket, or pages of one host, as one."""
    places: dict[FindingKey, list[Group]] = defaultdict(list)
    for group in groups:
        cause = group.cause
        at = place_of(cause.target) if cause.kind != "trigger" else cause.target
        places[cause._replace(target=at)].append(group)
    return [_one(cause, alike) for cause, alike in places.items()]


def _one(cause: FindingKey, groups: list[Group]) -> Group:
    parts = sorted((part for group in groups for part in group.parts), key=lambda one: one.strangeness)
    sightings = [sighting for group in groups for sighting in group.sightings]
    return Group(cause, parts, sightings, [part for group in groups for part in group.started])
