"""The events of one run put in order: depth first by start time, with depths and self-times."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

from coldtrail.records.flow import Event

_START = attrgetter("start_time")
BY_START = attrgetter("start_time", "end_time", "event_id")


class Timeline(NamedTuple):
    """The run's events in order, one depth and one self-time each, and the times of the whole run."""

    events: tuple[Event, ...]
    depths: tuple[int, ...]
    self_times: tuple[float, ...]
    start_time: float
    end_time: float
    own_time: float


def arrange(events: Sequence[Event], start: float | None = None, end: float | None = None) -> Timeline:
    """The timeline of events in any order; start and end of the run are taken from them unless given.

    An event whose parent is unknown, or that is its own ancestor, counts as having none; events that start
    together go by their end, then by their id. A self-time is the event's duration less the time in which any
    child of it ran (children may run side by side); the own time is that of the whole run, in seconds.
    """
    ordered = sorted(events, key=_START)
    if start is None:
        start = ordered[0].start_time if ordered else 0.0
    if end is None or end < start:
        end = max(start, max([event.end_time for event in ordered], default=start))
    nested = _nested(ordered, start, end)
    if nested is None:
        return _branched(ordered, start, end)
    depths, self_times, own = nested
    return Timeline(tuple(ordered), tuple(depths), tuple(self_times), start, end, own)


def _nested(ordered: list[Event], start: float, end: float) -> tuple[list[int], list[float], float] | None:
    """Depths, self-times and own time where sorting by start has put each event inside its parent already.

    None where branches of the run overlap, events start together or a parent is unknown, so that more must be
    compared; the usual run has none of these.
    """
    # The run itself stands at 0, as what is above the events without a parent.
    ids: list[str | None] = [None]
    ends, reached, own = [end], [start], [end - start]
    above, depths = [0], []
    last: float | None = None
    for i, event in enumerate(ordered, 1):
        begin, stop, parent, j = event.start_time, event.end_time, event.event_parent_id, above[-1]
        while ids[j] != parent:
            above.pop()
            if not above:
                return None
            j = above[-1]
        if begin == last:
            return None
        last = begin
        depths.append(len(above))
        above.append(i)
        ids.append(event.event_id)
        ends.append(stop)
        reached.append(begin)
        own.append(stop - begin)
        if begin < reached[j]:
            begin = reached[j]
        if stop > ends[j]:
            stop = ends[j]
        if stop > begin:
            own[j] -= stop - begin
            reached[j] = stop
    if min(own) < 0.0:
        own = [max(seconds, 0.0) for seconds in own]
    return depths, own[1:], own[0]


def _branched(events: list[Event], start: float, end: float) -> Timeline:
    """The timeline of any tree of events, and of what is none."""
    ordered = sorted(events, key=BY_START)
    roots, children = _family(ordered)
    walked, depths = _walk(roots, children)
    if len(walked) < len(ordered):
        _open_circles(walked, depths, children, len(ordered))
    first = [ordered[i] for i, depth in zip(walked, depths, strict=True) if depth == 1]
    own = end - start - _covered(sorted(first, key=BY_START), start, end)
    self_times = _self_times(ordered, walked, children)
    line = tuple([ordered[i] for i in walked])
    return Timeline(line, tuple(depths), tuple(self_times), start, end, max(own, 0.0))


def _family(ordered: list[Event]) -> tuple[list[int], dict[int, list[int]]]:
    """The events without a parent, and the children of each that has some, as positions."""
    index = {event.event_id: i for i, event in enumerate(ordered)}
    children: dict[int, list[int]] = {}
    roots: list[int] = []
    for i, event in enumerate(ordered):
        parent = event.event_parent_id
        j = None if parent is None else index.get(parent)
        if j is None or j == i:
            roots.append(i)
        elif j in children:
            children[j].append(i)
        else:
            children[j] = [i]
    return roots, children


def _walk(roots: list[int], children: dict[int, list[int]]) -> tuple[list[int], list[int]]:
    walked: list[int] = []
    depths: list[int] = []
    stack = [(i, 1) for i in reversed(roots)]
    while stack:
        i, depth = stack.pop()
        walked.append(i)
        depths.append(depth)
        if i in children:
            depth += 1
            stack += [(j, depth) for j in reversed(children[i])]
    return walked, depths


def _open_circles(walked: list[int], depths: list[int], children: dict[int, list[int]], size: int) -> None:
    """Add the events of circles of parents to the walk, each circle opened at its first event."""
    seen = set(walked)
    for first in range(size):
        stack = [(first, 1)]
        while stack:
            i, depth = stack.pop()
            if i in seen:
                continue
            seen.add(i)
            walked.append(i)
            depths.append(depth)
            stack += [(j, depth + 1) for j in reversed(children.get(i, ()))]


def _self_times(ordered: list[Event], walked: list[int], children: dict[int, list[int]]) -> list[float]:
    times = []
    for i in walked:
        event = ordered[i]
        spent = event.end_time - event.start_time
        if i in children:
            spent -= _covered([ordered[j] for j in children[i]], event.start_time, event.end_time)
        times.append(spent if spent > 0.0 else 0.0)
    return times


def _covered(events: list[Event], start: float, end: float) -> float:
    """Seconds between start and end in which at least one of the events (sorted by start) ran."""
    covered = 0.0
    reached = start
    for event in events:
        begin = event.start_time if event.start_time > reached else reached
        stop = event.end_time if event.end_time < end else end
        if stop > begin:
            covered += stop - begin
            reached = stop
    return covered
