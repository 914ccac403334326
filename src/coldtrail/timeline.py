"""The events of one run put in order: depth first by start time, with depths and self-times."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

from coldtrail.records import Event

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
    if len({event.start_time for event in ordered}) < len(ordered):
        ordered.sort(key=BY_START)
    index = {event.event_id: i for i, event in enumerate(ordered)}
    nested = _nested(ordered, index)
    if nested is None:
        ordered, depths, self_times = _branched(ordered, index)
    else:
        depths, self_times = nested
    if start is None:
        start = ordered[0].start_time if ordered else 0.0
    if end is None or end < start:
        end = max(start, max([event.end_time for event in ordered], default=start))
    roots = [event for event, depth in zip(ordered, depths, strict=True) if depth == 1]
    own = end - start - _covered(roots, start, end)
    return Timeline(tuple(ordered), tuple(depths), tuple(self_times), start, end, own if own > 0.0 else 0.0)


def _nested(ordered: list[Event], index: dict[str, int]) -> tuple[list[int], list[float]] | None:
    """Depths and self-times where sorting by start has put each event inside its parent already.

    None where branches of the run overlap, so that they must be taken apart; the usual run has none.
    """
    above: list[int] = []
    depths: list[int] = []
    own = [event.end_time - event.start_time for event in ordered]
    reached = [event.start_time for event in ordered]
    for i, event in enumerate(ordered):
        parent = event.event_parent_id
        j = None if parent is None else index.get(parent)
        if j is None or j == i:
            above = [i]
            depths.append(1)
            continue
        while above and above[-1] != j:
            above.pop()
        if not above:
            return None
        above.append(i)
        depths.append(len(above))
        begin = reached[j] if reached[j] > event.start_time else event.start_time
        end = ordered[j].end_time
        stop = event.end_time if event.end_time < end else end
        if stop > begin:
            own[j] -= stop - begin
            reached[j] = stop
    return depths, [seconds if seconds > 0.0 else 0.0 for seconds in own]


def _branched(ordered: list[Event], index: dict[str, int]) -> tuple[list[Event], list[int], list[float]]:
    """Events depth first, depths and self-times, for any tree and for what is none."""
    roots, children = _family(ordered, index)
    walked, depths = _walk(roots, children)
    if len(walked) < len(ordered):
        _open_circles(walked, depths, children, len(ordered))
    return [ordered[i] for i in walked], depths, _self_times(ordered, walked, children)


def _family(ordered: list[Event], index: dict[str, int]) -> tuple[list[int], dict[int, list[int]]]:
    """The events without a parent, and the children of each that has some, as positions."""
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
