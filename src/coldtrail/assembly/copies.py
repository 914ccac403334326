"""Copies of the steps of one run: what agrees is one step, and what contradicts stands side by side.

So nothing that any document says of a step is hidden by what another says of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import median_low

from msgspec.structs import replace

from coldtrail.assembly.forms import apart, is_at_one_time, is_form_of
from coldtrail.assembly.statements import MOST_STATEMENTS, Aspects, contradiction
from coldtrail.assembly.trace import Source
from coldtrail.records.contradiction import Contradiction
from coldtrail.records.flow import Event

LONGEST_RUN_S = 900.0
"""Of a Lambda function: https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html. What a copy
dates further from the rest of its run cannot be its time."""


def united(told: Mapping[Event, Source], around: float | None) -> tuple[list[Event], list[Contradiction]]:
    """The steps of a run of which some are told several times, with masked names, and in what they contradict
    each other; `around` is a time of the run, where it is known apart from them."""
    told = _under_one_name(told)
    steps = {event_id: (copies, apart(copies)) for event_id, copies in _by_id(told).items()}
    times = [kept[0].start_time for _, kept in steps.values() if len(kept) == 1]
    around = median_low(times) if times else around
    out: list[Event] = []
    found = []
    for copies, kept in steps.values():
        if len(kept) > 1:
            found.append(_contradiction(kept, {event: told[event] for event in copies}))
            kept = _dated(kept, around)
        out += kept
    return out, found


def _by_id(events: Mapping[Event, Source]) -> dict[str, list[Event]]:
    by_id: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_id[event.event_id].append(event)
    return by_id


def _under_one_name(told: Mapping[Event, Source]) -> dict[Event, Source]:
    """The events, those below a step whose name has changed as it was completed under its last name."""
    names: dict[tuple[str | None, str | None], str] = {}
    for event_id, copies in _by_id(told).items():
        if len({event.event_name for event in copies}) > 1:
            kept = apart([replace(event, event_parent_name=None) for event in copies])
            last = {event.event_name for event in kept}
            early = [event.event_name for event in copies if event.event_name not in last]
            names |= {(event_id, name): kept[0].event_name for name in early}
    out: dict[Event, Source] = {}
    for event, source in told.items():
        name = names.get((event.event_parent_id, event.event_parent_name))
        shown = event if name is None else replace(event, event_parent_name=name)
        out[shown] = min(source, out.get(shown, source))
    return out


def _dated(kept: list[Event], around: float | None) -> list[Event]:
    """The copies; those dated where the run cannot have been stand where the others do."""
    likely = [event for event in kept if around is None or _is_near(event, around)]
    if not likely or len(likely) == len(kept):
        return kept
    times = {"start_time": likely[0].start_time, "end_time": likely[0].end_time}
    return apart([event if event in likely else replace(event, **times) for event in kept])


def _is_near(event: Event, around: float) -> bool:
    return max(abs(event.start_time - around), abs(event.end_time - around)) <= LONGEST_RUN_S


def _contradiction(kept: Sequence[Event], copies: Mapping[Event, Source]) -> Contradiction:
    several = len({one.event_parent_id for one in kept}) > 1
    aspects: Aspects = {
        "name": [(one.event_name,) for one in kept],
        "outcome": [(one.error,) for one in kept],
        "parent": [(one.event_parent_id if several else one.event_parent_name,) for one in kept],
        "resource": [(one.event_target_resource,) for one in kept],
        "type": [(one.event_type,) for one in kept],
    }
    differing = {name: values for name, values in aspects.items() if len(set(values)) > 1}
    if not differing or not _are_at_one_time(kept):
        differing["times"] = [(one.start_time, one.end_time) for one in kept]
    told_by = [(one.witness, _source(one, copies)) for one in kept[:MOST_STATEMENTS]]
    return contradiction("step", kept[0].event_id, kept[0].event_name, differing, told_by, len(kept))


def _source(event: Event, copies: Mapping[Event, Source]) -> Source:
    return min([source for copy, source in copies.items() if copy == event or is_form_of(copy, event)])


def _are_at_one_time(kept: Sequence[Event]) -> bool:
    starts, ends = [one.start_time for one in kept], [one.end_time for one in kept]
    return is_at_one_time(min(starts), max(starts)) and is_at_one_time(min(ends), max(ends))
