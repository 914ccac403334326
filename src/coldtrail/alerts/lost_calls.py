"""Steps left out in many functions at once, as lost telemetry makes them: one trouble, not one for each.

A lost call leaves no mark in a trace: it looks like a step left out. But losses strike at random: several
functions within hours, different steps, each in about the same share of its function's runs. A step that is
missing far more often than the others, or one missing everywhere, is no such loss and stands by itself. So is
what comes with something new or repeated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median

from coldtrail.alerts.correlation import at_one_time, in_several
from coldtrail.alerts.parts import Part
from coldtrail.records.identity import ApplicationKey, FunctionKey
from coldtrail.verdicts.causes import OWN_DOING

LEAST_FUNCTIONS = 3
LEAST_STEPS = 4
STANDS_OUT = 3.0
"""Times the usual share, and runs more, by which a step that is missing stands out."""


def lost_calls(parts: Iterable[Part], runs: Mapping[FunctionKey, int]) -> list[list[Part]]:
    """The parts that the loss of telemetry explains, a list for each application, the strangest first.

    `runs` tells how many runs of each function were judged.
    """
    applications: dict[ApplicationKey, list[Part]] = defaultdict(list)
    for part in parts:
        if part.cause.kind == "omission" and not part.alarming & OWN_DOING:
            applications[part.cause.whose.application_key].append(part)
    found = []
    for missing in applications.values():
        lost = list(_at_once(_alike(missing, runs)))
        if _is_random(lost):
            found.append(sorted(lost, key=lambda one: one.strangeness))
    return found


def _is_random(parts: Sequence[Part]) -> bool:
    """Whether several functions miss different steps, and no step makes up half of what is missing."""
    times: dict[tuple[str, str, str], int] = defaultdict(int)
    for part in parts:
        times[part.cause.thing] += len(part.sightings)
    enough = in_several(parts, _function, LEAST_FUNCTIONS) and len(times) >= LEAST_STEPS
    return enough and 2 * max(times.values()) < sum(times.values())


def _alike(parts: Sequence[Part], runs: Mapping[FunctionKey, int]) -> list[Part]:
    """The parts that miss their step in about the usual share of their function's runs."""
    of = {id(part): max(runs[part.cause.whose], len(part.sightings)) for part in parts}
    usual = median(len(part.sightings) / of[id(part)] for part in parts)
    most = {key: STANDS_OUT * (usual * number + 1.0) for key, number in of.items()}
    return [part for part in parts if len(part.sightings) <= most[id(part)]]


def _at_once(parts: Sequence[Part]) -> Iterator[Part]:
    """The parts most of whose runs lie in a time in which several functions missed steps."""
    runs = sorted((one.start, i) for i, part in enumerate(parts) for one in part.sightings)
    within: dict[int, int] = defaultdict(int)
    for time in at_one_time(runs, lambda run: (run[0], run[0])):
        if in_several(time, lambda run: _function(parts[run[1]]), LEAST_FUNCTIONS):
            for _, i in time:
                within[i] += 1
    for i, part in enumerate(parts):
        if 2 * within[i] > len(part.sightings):
            yield part


def _function(part: Part) -> str:
    return part.cause.function
