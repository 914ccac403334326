"""How long what each function does now and then may stay away before it has stopped.

An absence is counted in runs, not in time: those of the application between two runs of a function, those of
the function between two that fail, or take a step. So nights, weekends and sampled telemetry are no absences.
Runs of the application count no faster than they usually come, or a rush elsewhere would silence a function.
How long an absence comes by chance follows from the longest ones seen (Weissman, "Estimation of Parameters
and Large Quantiles Based on the k Largest Observations", 1978,
https://doi.org/10.1080/01621459.1978.10480104), and is never less than if each run were drawn alone.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from math import exp, log, log1p
from typing import NamedTuple

import numpy as np

from coldtrail.detectors.drift.baselines import READY_RUNS, AbsenceLimit, AbsenceLimits, Baseline
from coldtrail.detectors.drift.readings import MEASURES
from coldtrail.features.arrays import MOST
from coldtrail.features.batch import Encoded, Floats, Ints
from coldtrail.features.hashing import each_once
from coldtrail.features.vocabulary import Vocabulary

WHOLE, FAILURES = 0, -1
"""The function itself, and its failures; any other kind is a step's number."""
LEAST_TIMES = 20
"""How often a thing must have come before it can be missed."""
MOST_STEPS = 64
MOST_SHARE = 0.9
"""A step that more runs take is missed in each single run."""
LEAST_ABSENCE_RUNS = 20.0
LEAST_PACE_S = 1e-3
MARGIN = 5.0
"""An absence is no more than usual up to so many times the longest seen."""
_TAIL = 0.05
_LEAST_TAIL = 5
_MOST_LOG = 50.0


class Presence(NamedTuple):
    """Which flows show what."""

    flow: Ints
    kind: Ints


def presence_of(flows: Encoded) -> Presence:
    """The failures, and the different steps outside the cold start, of each flow."""
    most = int(flows.step.max(initial=0)) + 1
    found = []
    for first, block in flows.blocks():
        running = ~block.starting & (block.step > 0)
        pairs = each_once(block.flow_of[running] * most + block.step[running])
        found.append((pairs // most + first, pairs % most))
    failed = np.flatnonzero(flows.failed)
    flow, kind = zip(*found, strict=True)
    return Presence(np.concatenate([*flow, failed]), np.concatenate([*kind, np.full(len(failed), FAILURES)]))


def applications_of(words: Vocabulary) -> Ints:
    """(function number,) the number of its application."""
    return np.array(words.function_applications, np.int64)


def counted(groups: Ints, amounts: Floats) -> Floats:
    """(flow,) the sum of the amounts of a flow's group up to it, in the order of the flows."""
    order = np.argsort(groups, kind="stable")
    total = np.cumsum(amounts[order])
    first = np.flatnonzero(np.diff(groups[order], prepend=groups[order][:1] - 1))
    before = np.repeat(np.append(0.0, total)[first], np.diff(np.append(first, len(order))))
    out = np.empty(len(groups))
    out[order] = total - before
    return out


def clock(groups: Ints, start: Floats, weights: Floats, paces: Floats) -> Floats:
    """(flow,) the runs of a flow's group up to it, counted no faster than one in the group's pace."""
    order = np.argsort(groups, kind="stable")
    since = np.diff(start[order], prepend=start[order][:1])
    since[np.diff(groups[order], prepend=groups[order][:1]) != 0] = 0.0
    passed = np.empty(len(groups))
    passed[order] = np.minimum(weights[order], np.maximum(since, 0.0) / paces[groups[order]])
    return counted(groups, passed)


def _paces(groups: Ints, start: Floats, weights: Floats) -> Floats:
    """(group,) the usual seconds from run to run; of absences drawn evenly the mean, by their median."""
    out = np.ones(int(groups.max(initial=0)) + 1)
    for group in each_once(groups).tolist():
        rows = np.flatnonzero(groups == group)
        if len(rows) > 1:
            out[group] = max(
                float(np.median(np.diff(start[rows]) / weights[rows[1:]])) / log(2), LEAST_PACE_S
            )
    return out


def learn_absence_limits(
    flows: Encoded,
    words: Vocabulary,
    functions: Mapping[int, Baseline],
    stopped: Mapping[tuple[int, int], float] | None = None,
) -> AbsenceLimits:
    """What flows of any order teach of functions whose baselines are known.

    What had stopped by the end of the flows is not waited for, nor what `stopped` says, by function and kind,
    to have stopped at some time, and has hardly come since.
    """
    flows = flows.in_order(np.argsort(flows.start, kind="stable"))
    own = counted(flows.function, flows.weight * flows.complete)
    of = applications_of(words)[flows.function]
    pace = _paces(of, flows.start, flows.weight)
    together = clock(of, flows.start, flows.weight, pace)
    ends = np.zeros(int(of.max(initial=0)) + 1)
    np.maximum.at(ends, of, together)
    out: AbsenceLimits = {}
    for function, rows, kinds in by_function(flows.function, presence_of(flows)):
        baseline = functions.get(function)
        if baseline is None or baseline.runs < READY_RUNS:
            continue
        chance = 1 / (baseline.runs_a_false_shift * len(MEASURES) * (len(kinds) + 1))
        found: dict[int, AbsenceLimit | None] = {
            WHOLE: _of_function(
                flows.start[rows],
                np.append(together[rows], ends[of[rows[0]]]),
                float(pace[of[rows[0]]]),
                chance,
            )
        }
        for kind, shown in kinds.items():
            found[kind] = _of_kind(own[rows], shown, chance)
        kept = {
            kind: limit
            for kind, limit in found.items()
            if limit is not None and not _over(stopped or {}, function, kind, flows.start[rows], kinds)
        }
        if kept:
            out[function] = kept
    return out


def by_function(
    functions: Ints, presence: Presence, among: Container[int] | None = None
) -> Iterator[tuple[int, Ints, dict[int, Ints]]]:
    """Each function (among some), its flows, and by kind the places among these that show it; of steps the
    commonest."""
    order = np.argsort(functions, kind="stable")
    numbers, first = np.unique(functions[order], return_index=True)
    bounds = np.append(first, len(order)).tolist()
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    whose = np.lexsort((place[presence.flow], functions[presence.flow]))
    shown, kind = place[presence.flow[whose]], presence.kind[whose]
    ends = np.append(np.searchsorted(functions[order][shown], numbers), len(shown)).tolist()
    for i, function in enumerate(numbers.tolist()):
        if among is not None and function not in among:
            continue
        of, at = kind[ends[i] : ends[i + 1]], shown[ends[i] : ends[i + 1]] - bounds[i]
        yield function, order[bounds[i] : bounds[i + 1]], {one: at[of == one] for one in _commonest(of)}


def _commonest(kind: Ints) -> list[int]:
    found, times = np.unique(kind, return_counts=True)
    commonest: list[int] = found[np.argsort(-times, kind="stable")[: MOST_STEPS + 1]].tolist()
    return commonest


def _of_function(start: Floats, at: Floats, pace: float, chance: float) -> AbsenceLimit | None:
    """The absences of a function, in runs of its application; `at` ends with their number."""
    runs = np.diff(at)
    most = _lasting(runs, chance)
    return None if most is None else AbsenceLimit(float(np.median(np.diff(start))), most, pace)


def _of_kind(own: Floats, shown: Ints, chance: float) -> AbsenceLimit | None:
    """The absences of one thing that a function does, in its own runs."""
    share = len(shown) / max(len(own), 1)
    usual = len(shown) / (len(own) - int(shown[0])) if len(shown) else 0.0
    if share > MOST_SHARE or len(shown) <= LEAST_TIMES:
        return None
    at = own[shown]
    most = _lasting(np.diff(np.append(at, own[-1])), chance / share)
    return None if most is None else AbsenceLimit(usual, most, 0.0)


def _lasting(absences: Floats, chance: float) -> float | None:
    """What `longest` says, where the last absence has not ended; None where the thing is gone already."""
    most = longest(absences[:-1], chance)
    return None if most is None or absences[-1] > most else max(most, MARGIN * float(absences[-1]))


def _over(
    stopped: Mapping[tuple[int, int], float],
    function: int,
    kind: int,
    start: Floats,
    kinds: Mapping[int, Ints],
) -> bool:
    since = stopped.get((function, kind))
    if since is None:
        return False
    came = start if kind == WHOLE else start[kinds[kind]]
    return bool(np.count_nonzero(came > since) < LEAST_TIMES)


def longest(absences: Floats, chance: float) -> float | None:
    """The absence that comes with such a chance each time, with a margin; None where too few are known.

    None as well where none takes any time: all runs that were learned start at once.
    """
    if len(absences) < LEAST_TIMES or not absences.any():
        return None
    alone = min(1 / float(absences.mean()), 1 - 1 / (len(absences) + 1))
    by_chance = log(1 / chance) / -log1p(-alone)
    most = MARGIN * float(absences.max())
    return max(LEAST_ABSENCE_RUNS, by_chance, tail_of(absences, chance), most)


def tail_of(absences: Floats, chance: float) -> float:
    """The absence that comes with such a chance each time, by the longest ones seen (Weissman 1978)."""
    number = min(max(_LEAST_TAIL, int(_TAIL * len(absences))), len(absences) - 1)
    ordered = np.sort(np.maximum(absences, 1e-3))
    start = float(ordered[-number - 1])
    slope = float(np.log(ordered[-number:] / start).mean())
    tail = start * exp(min(slope * log(number / (len(absences) * chance)), _MOST_LOG))
    return min(float(tail), MOST)
