"""Flows to how long each of their steps usually takes, and how far that differs from time to time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coldtrail.detectors.drift.baselines import LEAST_GROUP, READY_RUNS, Baseline
from coldtrail.detectors.drift.kinds import kinds_of
from coldtrail.detectors.drift.rank_scores import POINTS
from coldtrail.detectors.drift.step_times import HOURS, RISE, StepTimes
from coldtrail.detectors.drift.thinning import evenly, standing_for
from coldtrail.detectors.drift.thresholds import (
    exponents_of_each,
    highest_statistic,
    shrunk,
    threshold,
    typical,
)
from coldtrail.detectors.drift.timed import A_UNIT, WHOLE, Timed, times_of
from coldtrail.features.batch import Encoded, Floats, Ints

MOST_STEPS = 64
"""Steps of a function that are followed: the commonest."""
FARTHEST = 6.9
"""Log ratio to the median up to which a time counts in a mean: a thousand times."""
FARTHEST_WHOLE = 1.4
"""The same of all steps of a run together."""
PERIODS = (5, 20)
"""Parts of a history between which means are compared, one after another."""
TOGETHER, LEAST_TOGETHER = 64, 2
"""Runs, one after the other, of which it is known how much more their mean varies than that of others; of a
sample, so many at least."""
LEAST_SPREAD, LEAST_VARIANCE = 0.05, 0.1
USUAL_LIMIT = 7.0
"""A threshold, about. A mean that lies too high by a normal error of variance v makes false shifts
exp(2 (threshold / rise)² v) times as frequent; a margin of threshold / rise · v makes up for that."""
MOST_MARGIN = 2.5
"""Standard deviations of the error."""
LEAST_OF_AN_HOUR = 5
"""Runs at an hour of the day, of each half of the days, from which it may show."""
SURE = 3.0
"""Standard deviations by which two halves of the days have to agree on the hours."""
_A_RUN_LENGTH = np.log(2 / RISE**2 * np.exp(2 * 0.583 * RISE))
"""Log runs until a false shift at a threshold of 0 (Siegmund, "Sequential Analysis", 1985, chapter X: a
normal mean, a reference of half the rise; .583 is what a random walk passes a boundary by)."""
_DAY_S = 86_400.0


class _Runs(NamedTuple):
    """Of each run its start and weight."""

    start: Floats
    weight: Floats


def learn_step_times(flows: Encoded, functions: Mapping[int, Baseline]) -> StepTimes:
    """What flows of any order teach of functions whose baselines are known from enough runs."""
    flows = flows.in_order(np.argsort(flows.start, kind="stable"))
    times = times_of(flows)
    runs = _Runs(flows.start, flows.weight)
    ready = np.array([one for one, known in functions.items() if known.runs >= READY_RUNS], np.int64)
    some = np.flatnonzero(np.isin(flows.function[times.flow], ready))
    function, kind = flows.function[times.flow[some]], times.kind[some]
    if not len(some):
        return StepTimes()
    kinds = kinds_of(function, kind, runs.weight[times.flow[some]])
    order = kinds.most_first(kinds.number)
    often = np.flatnonzero((kinds.number >= LEAST_GROUP) & (kinds.places(order) < MOST_STEPS))
    row = np.full(len(kinds.kind), -1)
    row[often] = np.arange(len(often))
    kept = np.flatnonzero(row[kinds.of] >= 0)
    timed = Timed(times.flow[some[kept]], row[kinds.of[kept]].astype(np.int32), times.value[some[kept]])
    steps = _steps(kinds.teacher[often], kinds.kind[often], timed, runs.weight)
    steps = replace(steps, hours=_hours(steps, timed, runs))
    steps, timed = _with_all_together(steps, timed, runs)
    spread, margin = _variation(steps, timed, runs)
    steps = replace(steps, spread=spread, margin=margin)
    return replace(steps, limit=_limits(steps, timed, runs, functions))


def _steps(function: Ints, kind: Ints, timed: Timed, weight: Floats) -> StepTimes:
    """The distribution of each step's times."""
    points = _points(timed, weight[timed.flow], len(function))
    steps = StepTimes(function, kind, points, hours=np.zeros((len(function), HOURS)))
    excess = np.clip(timed.value / A_UNIT - steps.median[timed.row], -FARTHEST, FARTHEST)
    mean = steps.median + _mean(timed.row, excess, weight[timed.flow], len(function))
    low, high = POINTS * 16 // 100, POINTS - 1 - POINTS * 16 // 100
    spread = (points[:, high].astype(np.float64) - points[:, low]) / 2 / A_UNIT
    counts = 1 / np.maximum(spread, LEAST_SPREAD)
    later = np.zeros(len(function))
    return replace(steps, mean=mean, counts=counts, margin=later, spread=later, limit=later)


def _points(timed: Timed, weight: Floats, rows: int) -> NDArray[np.int16]:
    order = np.lexsort((timed.value, timed.row))
    reached = np.cumsum(weight[order])
    ends = np.cumsum(np.bincount(timed.row, minlength=rows))
    before = np.append(0.0, reached[ends[:-1] - 1])
    total = reached[ends - 1] - before
    wanted = before[:, None] + (np.arange(POINTS) + 0.5) / POINTS * total[:, None]
    at = np.searchsorted(reached, wanted)
    first = np.append(0, ends[:-1])
    at = np.clip(at, first[:, None], ends[:, None] - 1)
    points: NDArray[np.int16] = timed.value[order][at]
    return points


def _mean(row: NDArray[np.integer], value: Floats, weight: Floats, rows: int) -> Floats:
    total = np.bincount(row, weight, rows)
    mean: Floats = np.bincount(row, weight * value, rows) / np.where(total > 0, total, 1.0)
    return mean


def _hours(steps: StepTimes, timed: Timed, runs: _Runs) -> Floats:
    """(step, hour) how far times lie from their usual at each hour of the day, where one half of the days
    tells what the other half does."""
    scores = steps.scores(timed, runs.start)
    start = runs.start[timed.flow]
    hour, day = (start // 3600).astype(np.int64) % HOURS, (start // _DAY_S).astype(np.int64)
    cell = (timed.row.astype(np.int64) * HOURS + hour) * 2 + day % 2
    shape, size = (len(steps), HOURS, 2), len(steps) * HOURS * 2
    number = np.bincount(cell, minlength=size).reshape(shape).astype(np.float64)
    mean = np.bincount(cell, scores, size).reshape(shape) / np.maximum(number, 1.0)
    known = (number >= LEAST_OF_AN_HOUR).all(axis=2)
    weight = np.where(known, number.min(axis=2), 0.0)
    total = np.maximum(weight.sum(axis=1), 1.0)
    product = (weight * mean.prod(axis=2)).sum(axis=1) / total
    noise = np.sqrt((weight**2 / np.maximum(number, 1.0).prod(axis=2)).sum(axis=1)) / total
    shown = np.where(product > SURE * noise, product, 0.0)
    both = np.maximum(number.sum(axis=2), 1.0)
    level = (mean * number).sum(axis=2) / both
    hours: Floats = np.where(known, level * shown[:, None] / (shown[:, None] + 1 / both), 0.0)
    return hours


def _with_all_together(steps: StepTimes, timed: Timed, runs: _Runs) -> tuple[StepTimes, Timed]:
    """The steps, and beside them all steps of each function that has several; and the times of all these."""
    numbers, size = np.unique(steps.function, return_counts=True)
    several = np.flatnonzero(size > 1)
    wholes = StepTimes(
        numbers[several],
        np.full(len(several), WHOLE),
        np.zeros((len(several), POINTS), np.int16),
        **dict.fromkeys(("mean", "margin", "spread", "limit", "counts"), np.zeros(len(several))),
        hours=np.zeros((len(several), HOURS)),
    )
    every = wholes.beside(steps)
    timed = timed._replace(row=every.find(steps.function, steps.kind)[timed.row].astype(np.int32))
    scores = every.scores(timed, runs.start)
    every = replace(every, counts=_in_common(every, timed, scores))
    whole, _ = every.together(timed, scores)
    at = np.flatnonzero(every.kind == WHOLE)
    if not len(at):
        return every, timed
    place = np.searchsorted(at, whole.row)
    points, mean = every.points.copy(), every.mean.copy()
    points[at] = _points(whole._replace(row=place.astype(np.int32)), runs.weight[whole.flow], len(at))
    ratio = np.clip(every.ratios(timed)[whole.flow], -FARTHEST_WHOLE, FARTHEST_WHOLE)
    mean[at] = _mean(place, ratio, runs.weight[whole.flow], len(at))
    every = replace(every, points=points, mean=mean)
    return every, timed.beside(whole)


def _in_common(every: StepTimes, timed: Timed, scores: Floats) -> Floats:
    """(step,) `counts`, with what the scores of one run have in common for each function as a whole."""
    some = every.whole[timed.row] >= 0
    flow, row, counts = timed.flow[some], every.whole[timed.row[some]], every.counts[timed.row[some]]
    runs = int(flow.max(initial=-1)) + 1
    added = np.bincount(flow, counts * scores[some], runs)
    square, total = np.bincount(flow, counts**2, runs), np.bincount(flow, counts, runs)
    of = np.zeros(runs, np.int64)
    of[flow] = row
    beyond = np.bincount(of, added**2 - square, len(every))
    most = np.bincount(of, total**2 - square, len(every))
    common = np.clip(beyond / np.where(most > 0, most, 1.0), 0.0, 1.0)
    out: Floats = np.where(every.kind == WHOLE, common, every.counts)
    return out


def _variation(steps: StepTimes, timed: Timed, runs: _Runs) -> tuple[Floats, Floats]:
    """(step,) the spreads, and the margins: by how much a mean counts as usual still, for the error of the
    history's own and for what it differs by from period to period.

    Steps of one function tell both together; all of them as one, by itself.
    """
    order = np.lexsort((timed.flow, timed.row))
    row, flow = timed.row[order].astype(np.int64), timed.flow[order]
    scores = steps.scores(timed, runs.start)[order]
    size = np.maximum(np.bincount(row, minlength=len(steps)), 1)
    place = np.arange(len(row)) - (np.cumsum(size) - size)[row]
    whole = (steps.kind == WHOLE).astype(np.int64)
    pool = np.unique(np.stack([steps.function, whole]), axis=1, return_inverse=True)[1].ravel()
    each = np.bincount(row, standing_for(runs.weight[flow]), len(steps)) / size
    together = np.maximum(np.rint(TOGETHER / each), LEAST_TOGETHER).astype(np.int64)
    mean = np.bincount(row, scores, len(steps)) / size
    # What the hour explains is taken out of scores, which then vary less than by one.
    square = np.maximum(np.bincount(row, scores**2, len(steps)) / size - mean**2, LEAST_VARIANCE)
    near = _between(row, scores, place // together[row], pool, np.zeros(len(steps))) / square
    beside = TOGETHER * near / each
    between = np.zeros(len(steps))
    for periods in PERIODS:
        between = np.maximum(between, _between(row, scores, place * periods // size[row], pool, beside))
    spread = np.sqrt(square * (1 + TOGETHER * near))
    variance = square * (1 + beside) / size + between
    margin = np.minimum(USUAL_LIMIT / RISE * variance / spread, MOST_MARGIN * np.sqrt(variance))
    return spread, margin


def _between(row: Ints, scores: Floats, period: Ints, pool: Ints, beside: Floats) -> Floats:
    """(step,) the variance of means between periods, beyond what chance explains; `beside` is what neighbours
    add to the variance of a period's mean, as a share. The steps of one pool tell it together.

    It is that of the analysis of variance, in which a period counts by its runs: the last one may have a
    single run, whose time would outweigh all others (Searle, Casella and McCulloch, "Variance Components",
    1992, section 3.6).
    """
    rows = len(pool)
    first = np.flatnonzero(np.append(True, (np.diff(row) != 0) | (np.diff(period) != 0)))
    of = row[first]
    number = np.diff(np.append(first, len(row))).astype(np.float64)
    mean = np.add.reduceat(scores, first) / number
    runs, periods = np.bincount(row, minlength=rows).astype(np.float64), np.bincount(of, minlength=rows)
    of_all = np.bincount(row, scores, rows) / np.maximum(runs, 1.0)
    square = np.bincount(row, scores**2, rows) - np.bincount(of, number * mean**2, rows)
    within = square / np.maximum(runs - periods, 1.0)
    free = np.maximum(periods - 1, 1)
    each = np.maximum((runs - np.bincount(of, number**2, rows) / np.maximum(runs, 1.0)) / free, 1.0)
    chance = within * (1 + beside) / each
    found = np.bincount(of, number * (mean - of_all[of]) ** 2, rows) / free / each
    several = periods > 1
    excess = np.where(several, found - chance, 0.0)
    error = np.where(several, chance * np.sqrt(2 / free), 0.0)
    weight = np.where(several, runs, 0.0)
    total = np.maximum(np.bincount(pool, weight), 1.0)
    pooled = np.bincount(pool, weight * excess) / total
    errors = np.sqrt(np.bincount(pool, (weight * error) ** 2)) / total
    beyond: Floats = np.maximum(pooled - errors, 0.0)[pool]
    return beyond


def _limits(steps: StepTimes, timed: Timed, runs: _Runs, functions: Mapping[int, Baseline]) -> Floats:
    """(step,) thresholds from the budget of false shifts, of which all steps of a function have one."""
    factors = steps.log_e_values(timed.row, steps.scores(timed, runs.start))
    taken = evenly(timed.row.astype(np.int64), runs.start[timed.flow], runs.weight[timed.flow])
    order = np.lexsort((timed.flow, timed.row))
    order = order[taken[order]]
    size = np.bincount(timed.row[order], minlength=len(steps))
    each = [one[:, None] for one in np.split(factors[order], np.cumsum(size)[:-1])]
    exponents = exponents_of_each(each, 1)
    own, usual = exponents[:, 0].tolist(), typical(exponents).item()
    weight = np.bincount(timed.row, runs.weight[timed.flow], len(steps)).tolist()
    several = np.bincount(steps.function)[steps.function].tolist()
    out = np.empty(len(steps))
    for at, (function, theta) in enumerate(zip(steps.function.tolist(), own, strict=True)):
        known = functions[function]
        share = min(weight[at] / max(known.runs, 1.0), 1.0)
        length = share * known.runs_a_false_shift / float(np.exp(_A_RUN_LENGTH))
        leaning = shrunk(theta, float(size[at]), usual)
        highest = highest_statistic(each[at][:, 0])
        out[at] = threshold(leaning, highest, length, several[at])
    return out
