"""Rarities: a trigger, a step, its place, its repeats or its duration that few runs of a function show.

Whoever attacks while a model learns hides among it. Attacks in a hundredth of all flows may be an eighth of
one function's runs; what the same runs show is one rarity, and triggers and steps lead.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from coldtrail.alerts.wording.phrases import event_words
from coldtrail.bundle.history import History
from coldtrail.config import MOST_RARE
from coldtrail.features.batch import Encoded, Floats, Ints
from coldtrail.features.vocabulary import NO_RESOURCE_TYPES, Vocabulary, is_end
from coldtrail.records.finding import FindingKey
from coldtrail.records.flow import NOBODY

RARE_SHARE = MOST_RARE
"""Of a function's runs."""
LONGER_S = 0.5
FEW_RUNS = 50
"""A function with fewer runs has too few to call any of them rare."""


class Shown(NamedTuple):
    """What some runs of a function show."""

    cause: FindingKey
    what: str
    runs: Ints
    """Places among the function's runs."""
    steps: Ints
    """Rows of the steps that show it; none where it is the trigger."""


class Rarity(NamedTuple):
    """What few runs of a function show."""

    shown: Shown
    own: Encoded
    """All runs of the function, without the steps of cold starts."""
    rows: Ints
    """Of the history, one for each run of `own`."""
    runs: float
    """That show it, as they weigh."""
    of_runs: float

    @property
    def showing(self) -> Ints:
        """The rows of the history that show it."""
        return self.rows[self.shown.runs]


def rarities(history: History, functions: Ints | None = None) -> Iterator[Rarity]:
    """What is rare in a history, function by function; of some functions only, if they are given."""
    flows = history.flows
    order = np.argsort(flows.function, kind="stable")
    if functions is not None:
        order = order[np.isin(flows.function[order], functions)]
    numbers, starts = np.unique(flows.function[order], return_index=True)
    for function, rows in zip(numbers.tolist(), np.split(order, starts[1:]), strict=False):
        if flows.weight[rows].sum() >= FEW_RUNS:
            yield from _of_function(history, function, rows)


def like(history: History, row: int, cause: FindingKey | None = None) -> Ints:
    """The rows that show the same as one: what a cause names, or else the rarest of what it shows."""
    function = int(history.flows.function[row])
    rows = np.flatnonzero(history.flows.function == function)
    own = without_starts(history, rows)
    total = float(own.weight.sum())
    found: list[tuple[float, int, Ints]] = []
    for named, _, showing, _ in _things(own, history.vocabulary, function):
        weight = float(own.weight[showing].sum())
        if weight < RARE_SHARE * total and (cause is None or named == cause) and np.isin(row, rows[showing]):
            found.append((weight, len(found), rows[showing]))
    return min(found)[2] if found else np.array([row])


def _of_function(history: History, function: int, rows: Ints) -> Iterator[Rarity]:
    own = without_starts(history, rows)
    total = float(own.weight.sum())
    seen: set[bytes] = set()
    for shown in _things(own, history.vocabulary, function):
        runs = float(own.weight[shown.runs].sum())
        if 0.0 < runs < RARE_SHARE * total and shown.runs.tobytes() not in seen:
            seen.add(shown.runs.tobytes())
            yield Rarity(shown, own, rows, runs, total)


def without_starts(history: History, rows: Ints) -> Encoded:
    """The flows of the rows without the steps of cold starts, which come when the platform wants."""
    own = history.flows.take(rows)
    return own.steps_where(~own.starting)


def _things(own: Encoded, words: Vocabulary, function: int) -> Iterator[Shown]:
    """What the runs of a function show: steps and triggers first, then the rest."""
    key = words.functions[function]
    none = np.zeros(0, np.int64)
    for trigger in np.unique(own.trigger[own.trigger > 0]).tolist():
        word = words.triggers[trigger]
        showing = np.flatnonzero(own.trigger == trigger)
        named = FindingKey.by_trigger(key, None if word == NOBODY else word)
        yield Shown(named, f"started by {word}", showing, none)
    steps = np.unique(own.action[own.action > 0]).tolist()
    for step in steps:
        kind, name, target = words.actions[step]
        new = "new_event" if kind in NO_RESOURCE_TYPES else "new_action"
        at = np.flatnonzero(own.action == step)
        what = event_words(name, kind, target)
        yield Shown(FindingKey(*key, new, name, kind, target or ""), what, np.unique(own.flow_of[at]), at)
    for step in steps:
        kind, name, target = words.actions[step]
        what, thing = event_words(name, kind, target), (name, kind, target or "")
        at = np.flatnonzero(own.action == step)
        times, often = _often(own, at)
        yield Shown(
            FindingKey(*key, "count", *thing), f"{what}, more than {_times(times)} a run", often, none
        )
        seconds, long = _long(own, at)
        yield Shown(FindingKey(*key, "duration", *thing), f"{what}, longer than {seconds:.2g} s", long, none)
        before = np.where(at > own.offsets[own.flow_of[at]], own.action[at - 1], 0)
        for previous in np.unique(before).tolist():
            there = at[before == previous]
            showing = np.unique(own.flow_of[there])
            yield Shown(FindingKey(*key, "order", *thing), _placed(words, step, previous), showing, there)


def _placed(words: Vocabulary, step: int, previous: int) -> str:
    kind, name, target = words.actions[step]
    what = "the end of the run" if is_end(name, kind) else event_words(name, kind, target)
    if previous <= 0:
        return f"{what}, first of all"
    kind, name, target = words.actions[previous]
    return f"{what}, right after {event_words(name, kind, target)}"


def _times(number: float) -> str:
    return "once" if number <= 1 else f"{number:,.0f} times"


def _often(own: Encoded, at: Ints) -> tuple[float, Ints]:
    """How often nearly all runs that take a step take it at most, and the few that take it more often."""
    times = np.bincount(own.flow_of[at], minlength=len(own))
    usual = _usual(times[times > 0].astype(np.float64), own.weight[times > 0])
    return usual, np.flatnonzero(times > usual)


def _long(own: Encoded, at: Ints) -> tuple[float, Ints]:
    """Seconds that a step itself stays far under in nearly all runs, and the few in which it takes longer."""
    usual = _usual(own.self_time[at], own.weight[own.flow_of[at]])
    limit = max(2.0 * usual, usual + LONGER_S)
    return limit, np.unique(own.flow_of[at[own.self_time[at] > limit]])


def _usual(values: Floats, weight: Floats) -> float:
    order = np.argsort(values)
    passed = np.cumsum(weight[order])
    place = int(np.searchsorted(passed, (1.0 - RARE_SHARE) * passed[-1]))
    return float(values[order][min(place, len(values) - 1)])
