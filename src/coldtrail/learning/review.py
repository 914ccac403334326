"""Rare and novel in what was learned: what a person should look at before trusting it.

Whoever attacks while a model learns hides among what is rare. Listed is what fewer than one in seven of a
function's runs show: a trigger, a step, so many repeats of it, so long a duration, the step before it. What
the same runs show is told once; triggers and steps come before the rest, the rarest of each first.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from msgspec import Struct

from coldtrail.causes import Cause
from coldtrail.detecting import event_words
from coldtrail.features.encode import Encoded, Floats, Ints
from coldtrail.features.vocabulary import NO_RESOURCE_TYPES, Vocabulary
from coldtrail.history import History

Function = tuple[str, str]
"""Application and function."""

RARE_SHARE = 0.15
"""Of a function's runs. Attacks in a hundredth of all flows may be an eighth of one function's."""
LONGER_S = 0.5
MOST_IDS = 200
_FIRST = ("trigger", "new_action", "new_event")
FEW_RUNS = 50
"""A function with fewer runs has too few to call any of them rare."""


class Finding(Struct, frozen=True, kw_only=True):
    """Something rare that was learned, and an example to look at."""

    cause: Cause
    what: str
    runs: int
    """That show it."""
    of_runs: int
    """Of the function."""
    first: float
    """Start of the first of them, UTC epoch seconds."""
    last: float
    function_flow_id: str
    """Of the first of them."""
    application_flow_id: str
    flow_ids: list[str]
    """Of all that are kept, at most 200, by start."""


def review(history: History) -> list[Finding]:
    """What is rare in a history, the rarest of the busiest functions first."""
    found = list(_findings(history))
    return sorted(found, key=lambda one: (one.cause.kind not in _FIRST, one.runs / one.of_runs, one.cause))


def like(history: History, row: int, cause: Cause | None = None) -> Ints:
    """The rows that show the same as one: what a cause names, or else the rarest of what it shows."""
    function = int(history.flows.function[row])
    rows = np.flatnonzero(history.flows.function == function)
    own = _without_starts(history, rows)
    total = float(own.weight.sum())
    found: list[tuple[float, int, Ints]] = []
    for named, _, showing in _things(own, history.vocabulary, function):
        weight = float(own.weight[showing].sum())
        if weight < RARE_SHARE * total and (cause is None or named == cause) and np.isin(row, rows[showing]):
            found.append((weight, len(found), rows[showing]))
    return min(found)[2] if found else np.array([row])


def _findings(history: History) -> Iterator[Finding]:
    flows = history.flows
    order = np.argsort(flows.function, kind="stable")
    numbers, starts = np.unique(flows.function[order], return_index=True)
    for function, rows in zip(numbers.tolist(), np.split(order, starts[1:]), strict=True):
        if flows.weight[rows].sum() >= FEW_RUNS:
            yield from _of_function(history, function, rows)


def _of_function(history: History, function: int, rows: Ints) -> Iterator[Finding]:
    own = _without_starts(history, rows)
    total = float(own.weight.sum())
    seen: set[bytes] = set()
    for cause, what, showing in _things(own, history.vocabulary, function):
        if 0.0 < own.weight[showing].sum() < RARE_SHARE * total and showing.tobytes() not in seen:
            seen.add(showing.tobytes())
            yield _finding(history, rows, showing, own.weight, total, cause, what)


def _without_starts(history: History, rows: Ints) -> Encoded:
    """The flows of the rows without the steps of cold starts, which come when the platform wants."""
    own = history.flows.take(rows)
    return own.steps_where(~own.starting)


def _things(own: Encoded, words: Vocabulary, function: int) -> Iterator[tuple[Cause, str, Ints]]:
    """What the runs of a function show, with the runs that do: steps and triggers first, then the rest."""
    key = words.functions[function]
    for trigger in np.unique(own.trigger[own.trigger > 0]).tolist():
        word = words.triggers[trigger]
        yield Cause(*key, "trigger", "", word), f"started by {word}", np.flatnonzero(own.trigger == trigger)
    steps = np.unique(own.action[own.action > 0]).tolist()
    for step in steps:
        kind, name, target = words.actions[step]
        new = "new_event" if kind in NO_RESOURCE_TYPES else "new_action"
        showing = np.unique(own.flow_of[own.action == step])
        yield Cause(*key, new, name, target or ""), event_words(name, kind, target), showing
    for step in steps:
        kind, name, target = words.actions[step]
        what = event_words(name, kind, target)
        at = np.flatnonzero(own.action == step)
        yield Cause(*key, "count", name, target or ""), f"{what}, so often", _often(own, at)
        yield Cause(*key, "duration", name, target or ""), f"{what}, so long", _long(own, at)
        before = np.where(at > own.offsets[own.flow_of[at]], own.action[at - 1], 0)
        for previous in np.unique(before).tolist():
            showing = np.unique(own.flow_of[at[before == previous]])
            yield Cause(*key, "order", name, target or ""), f"{what}, in this place", showing


def _often(own: Encoded, at: Ints) -> Ints:
    """The few runs that take a step more often than nearly all that take it."""
    times = np.bincount(own.flow_of[at], minlength=len(own))
    usual = _usual(times[times > 0].astype(np.float64), own.weight[times > 0])
    return np.flatnonzero(times > usual)


def _long(own: Encoded, at: Ints) -> Ints:
    """The few runs in which a step itself takes seconds longer than in nearly all."""
    usual = _usual(own.self_time[at], own.weight[own.flow_of[at]])
    return np.unique(own.flow_of[at[own.self_time[at] > max(2.0 * usual, usual + LONGER_S)]])


def _usual(values: Floats, weight: Floats) -> float:
    order = np.argsort(values)
    passed = np.cumsum(weight[order])
    place = int(np.searchsorted(passed, (1.0 - RARE_SHARE) * passed[-1]))
    return float(values[order][min(place, len(values) - 1)])


def _finding(
    history: History, rows: Ints, showing: Ints, weight: Floats, total: float, cause: Cause, what: str
) -> Finding:
    start = history.flows.start[rows[showing]]
    first = int(np.argmin(start))
    trace, flow = history.names[rows[showing[first]]]
    return Finding(
        cause=cause,
        what=what,
        runs=max(round(float(weight[showing].sum())), 1),
        of_runs=round(total),
        first=float(start.min()),
        last=float(start.max()),
        function_flow_id=flow,
        application_flow_id=trace,
        flow_ids=[history.names[row][1] for row in rows[showing][np.argsort(start)][:MOST_IDS].tolist()],
    )
