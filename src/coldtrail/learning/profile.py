"""How each function normally runs, for people to look at beside a strange run."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

import numpy as np

from coldtrail.records import Flow, Profile, ProfileRun, ProfileStep

MOST_RUNS = 3
MOST_SAMPLED = 400
"""Runs of one shape that medians are taken from: the latest."""
MOST_STEPS = 60

Shape = tuple[tuple[str, str, str | None, int], ...]


def profiles(flows: Iterable[Flow]) -> list[Profile]:
    """One profile a function, sorted by application and function; flows come in the order of their start."""
    by_function: dict[tuple[str, str], list[Flow]] = defaultdict(list)
    for flow in flows:
        by_function[flow.application_name, flow.function_name].append(flow)
    return [_profile(key, by_function[key]) for key in sorted(by_function)]


def _profile(key: tuple[str, str], flows: list[Flow]) -> Profile:
    shapes: dict[Shape, list[Flow]] = defaultdict(list)
    for flow in flows:
        shapes[_shape(flow)].append(flow)
    usual = sorted(shapes.items(), key=lambda item: (-len(item[1]), str(item[0])))[:MOST_RUNS]
    durations = [flow.end_time - flow.start_time for flow in flows]
    triggers = Counter(flow.trigger for flow in flows if flow.trigger is not None)
    return Profile(
        *key,
        len(flows),
        sum(flow.cold_start for flow in flows) / len(flows),
        sum(flow.error for flow in flows) / len(flows),
        float(np.median(durations)),
        float(np.quantile(durations, 0.95)),
        tuple((trigger, number / len(flows)) for trigger, number in triggers.most_common(5)),
        tuple(_run(shape, same, len(flows)) for shape, same in usual),
    )


def _shape(flow: Flow) -> Shape:
    return tuple(
        (event.event_name, event.event_type, event.event_target_resource, depth)
        for event, depth in zip(flow.events, flow.depths, strict=True)
    )[:MOST_STEPS]


def _run(shape: Shape, flows: list[Flow], of: int) -> ProfileRun:
    sample = flows[-MOST_SAMPLED:]
    steps = []
    for i, (name, kind, target, depth) in enumerate(shape):
        starts = [flow.events[i].start_time - flow.events[0].start_time for flow in sample]
        spans = [flow.events[i].end_time - flow.events[i].start_time for flow in sample]
        median, p95 = np.quantile(spans, [0.5, 0.95])
        offset = float(np.median(starts))
        steps.append(ProfileStep(name, kind, target, depth, offset, float(median), float(p95)))
    return ProfileRun(len(flows) / of, len(flows), tuple(steps))
