"""Baselines that stay where they were first learned, however often more is learned.

Each day is learned after it was judged. If a baseline followed, a function that slows a little every day
would be usual every day, and what moves one way for weeks would never be told. So a function is known from
the runs of a span: those first learned, or since a person accepted a change of it. What was told of it since,
and lasts, moves its baseline: the same step is told once, and the next one again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import replace

import numpy as np

from coldtrail.detectors.drift.baselines import Baseline, Levels, ShiftBaselines, Span
from coldtrail.detectors.drift.changing import moved
from coldtrail.detectors.drift.e_values import grid_of
from coldtrail.detectors.drift.effects import Effect
from coldtrail.detectors.drift.learning import learn_baselines
from coldtrail.detectors.drift.readings import CALLERS, PATHS, Readings
from coldtrail.features.batch import Bools, Floats

ENOUGH_RUNS = 400.0
"""Of a function, from which it is known how it runs."""
LEAST_NEWEST = 20
"""Runs of a version, from which it is known how many steps they take, about."""
LEAST_LEFT = 0.5
"""Of these, that a history must still hold: it forgets, over years."""
OPEN = Span(0.0, 0.0)


def spans_of(readings: Readings, before: Mapping[int, Span]) -> dict[int, Span]:
    """The spans of the functions of the readings: those there were, as far as they are still known, and those
    that have enough runs by now."""
    last = float(readings.start.max(initial=0.0))
    weight = np.bincount(readings.function, readings.weight)
    inside = np.bincount(readings.function, readings.weight * _within(readings, before), len(weight))
    out: dict[int, Span] = {}
    for function in np.flatnonzero(weight).tolist():
        span, known = before.get(function, OPEN), float(inside[function])
        if span.until and known < LEAST_LEFT * ENOUGH_RUNS:
            span, known = OPEN, float(weight[function])
        out[function] = span if span.until or known < ENOUGH_RUNS else Span(span.since, last)
    return out


def _within(readings: Readings, spans: Mapping[int, Span]) -> Floats:
    """(run,) 1 for the runs of their function's span, which has no end while it is open."""
    most = int(readings.function.max(initial=0)) + 1
    since, until = np.zeros(most), np.full(most, np.inf)
    for function, span in spans.items():
        if function < most:
            since[function], until[function] = span.since, span.until or np.inf
    inside = (readings.start >= since[readings.function]) & (readings.start <= until[readings.function])
    return inside.astype(np.float64)


def anchored(
    baselines: ShiftBaselines,
    readings: Readings,
    spans: Mapping[int, Span],
    levels: Levels,
    done: Set[int] = frozenset(),
) -> ShiftBaselines:
    """The baselines, learned from all readings; those of functions with a span that is not open are learned
    from it alone, and moved by the levels. Of some functions that was `done` before."""
    last = float(readings.start.max(initial=0.0))
    ended = [one for one, span in spans.items() if 0.0 < span.until < last and one not in done]
    ended = [one for one in ended if one in baselines.functions]
    held = np.isin(readings.function, ended) & (_within(readings, spans) > 0.0)
    first = learn_baselines(readings.take(np.flatnonzero(held)), baselines.hours).functions
    functions = dict(baselines.functions)
    for function, baseline in first.items():
        functions[function] = _with_later(baseline, functions[function])
    kept = {key: level for key, level in levels.items() if key[0] in functions}
    for function, steps in _steps(kept).items():
        for step in () if function in done else steps:
            functions[function] = moved(functions[function], step)
    return replace(baselines, functions=functions, spans=dict(spans), levels=kept)


def with_ways_of(
    baselines: ShiftBaselines, readings: Readings, newest: Iterable[tuple[int, Bools]]
) -> ShiftBaselines:
    """The baselines, in which functions that have changed go the ways of their newest version, with as many
    steps.

    `newest` gives functions with the rows of what runs since. While these are few it is not known how often
    each way is gone, and none is taken for too frequent: that a release goes other ways is no shift.
    """
    functions = dict(baselines.functions)
    for function, rows in newest:
        known = functions.get(function)
        mine = np.flatnonzero(rows & (readings.function == function) & (readings.complete > 0))
        runs = float(readings.weight[mine].sum())
        if known is None or len(mine) < LEAST_NEWEST:
            continue
        ways, of = np.unique(readings.path[mine], return_inverse=True)
        counts = np.bincount(of, readings.weight[mine], len(ways)) * known.runs / runs
        paths = dict(zip(ways.tolist(), counts.tolist(), strict=True)) if runs >= ENOUGH_RUNS else {}
        calls = grid_of(readings.calls[mine].astype(np.float64), readings.weight[mine])
        functions[function] = replace(known, paths=paths, calls=calls)
    return replace(baselines, functions=functions)


def _with_later(first: Baseline, later: Baseline) -> Baseline:
    """A baseline that also knows the paths and callers that came later."""
    share = first.runs / max(later.runs, 1.0)
    return replace(
        first,
        groups={**later.groups, **first.groups},
        paths={**{path: share * runs for path, runs in later.paths.items()}, **first.paths},
        callers={**{caller: share * runs for caller, runs in later.callers.items()}, **first.callers},
        gaps={**later.gaps, **first.gaps},
    )


def _steps(levels: Levels) -> dict[int, list[dict[int, Effect]]]:
    """By function, the effects that move it together: each path and each caller by itself."""
    out: dict[int, list[dict[int, Effect]]] = defaultdict(lambda: [{}])
    for (function, measure, kind), level in sorted(levels.items()):
        effect = Effect(level.before, level.after, kind)
        if measure in (PATHS, CALLERS):
            out[function].append({measure: effect})
        else:
            out[function][0][measure] = effect
    return dict(out)
