"""How each function normally runs: distributions, shares, and the e-values that follow."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import sqrt
from typing import NamedTuple

import numpy as np

from coldtrail.detectors.drift.e_values import log_e_values_of_kinds, log_e_values_of_rare_paths
from coldtrail.detectors.drift.readings import MEASURES
from coldtrail.detectors.drift.step_times import HOURS, StepTimes
from coldtrail.detectors.drift.thresholds import threshold
from coldtrail.features.batch import Floats

ALL_PATHS, OTHER_PATHS = 0, -1
"""All paths together, and those without a distribution of their own."""
RARE = 0
"""The kind of all paths, or callers, that were met less than twice."""
MOST_GROUPS, LEAST_GROUP = 8, 40
"""Paths with a distribution of durations of their own, and the runs each needs."""
MOST_PATHS, MOST_CALLERS = 256, 64
ONCE = 1.5
"""What was met in no more runs than this was met once, whatever weight age has left it."""
LEAST_EXPOSURE_S = 1800.0
"""Seconds in an hour of the day from which its own rate is known."""
HOURS_WEIGHT_RUNS = 10.0
UNKNOWN_HOUR = 2.0
"""At an hour of the day that was never watched, runs may come so many times as often as in the busiest
known."""
FAR_HOURS = 3
"""So far from a watched hour, and beyond; nearer to one, less in proportion."""
RUNS_A_FALSE_SHIFT = 50_000.0
DAYS_A_FALSE_SHIFT = 30.0
"""One false shift a function in so many runs, or days, whichever is longer."""
READY_RUNS = 50.0
LIKELY = 1.64
"""Standard deviations."""


class AbsenceLimit(NamedTuple):
    """How long one thing may stay away before it has stopped."""

    usual: float
    """Of the function itself the seconds from run to run, of all else the share of runs that show it,
    since the first that did."""
    runs: float
    """Runs beyond which it has stopped."""
    pace: float
    """Of the function itself the usual seconds from run to run of its application, else 0."""


class Span(NamedTuple):
    """The runs by which it is known how a function usually runs, whatever was learned since."""

    since: float
    """UTC epoch seconds."""
    until: float
    """Of the last of them; 0 while there are too few."""


class Level(NamedTuple):
    """How far a function has moved in one measure, as was told, since the runs of its span."""

    since: float
    before: float
    after: float


class Load(NamedTuple):
    """How busy an application usually is."""

    runs_a_second: float
    """At an average hour."""
    bin_s: float
    """Of the bins in which its runs are counted."""
    spread: float
    """How many times as much as a Poisson's these counts vary."""
    limit: float
    """The log CUSUM statistic above which its load has changed."""


Levels = dict[tuple[int, int, int], Level]
"""By function, measure, and path or caller."""
AbsenceLimits = dict[int, dict[int, AbsenceLimit]]
"""By function and kind."""
Group = tuple[float, tuple[float, ...], tuple[float, ...]]
Groups = dict[int, Group]
Gaps = tuple[int, tuple[float, ...]]
"""Of how many runs a stride is, 1 where every run was learned; and quantiles of log seconds of a stride, a
run, as if each hour of the day were an average one."""


@dataclass(frozen=True)
class Baseline:
    """What one function taught."""

    runs: float
    groups: Groups
    """By path, `ALL_PATHS` or `OTHER_PATHS`: warm runs, quantiles of log durations and own times."""
    calls: tuple[float, ...]
    """Quantiles of the number of calls."""
    errors: float
    """Runs that failed."""
    paths: dict[int, float]
    """Runs by path."""
    callers: dict[int, float]
    gaps: dict[int, Gaps]
    """By caller: how long after its run before it starts another."""
    a_day: float
    """Runs a day."""
    exponents: Floats = field(default_factory=lambda: np.ones(len(MEASURES)))
    highest: Floats = field(default_factory=lambda: np.zeros(len(MEASURES)))
    """(measure,) the highest log CUSUM statistic in its own history."""

    @cached_property
    def path_log_e_values(self) -> dict[int, float]:
        """The log e-value of each path, rare ones under `RARE`."""
        return self._log_e_values_of(self.paths)

    @cached_property
    def caller_log_e_values(self) -> dict[int, float]:
        """The log e-value of each caller."""
        return self._log_e_values_of(self.callers)

    @cached_property
    def rare_path_log_e_values(self) -> tuple[float, float]:
        """The log e-values of a common and of a rare path."""
        return log_e_values_of_rare_paths(at_most(shares(self.paths, self.runs)[RARE], self.runs))

    @cached_property
    def error_log_e_values(self) -> tuple[float, float]:
        """The log e-values of a run that went well and of one that failed."""
        share = at_most(self.errors / max(self.runs, 1.0), self.runs)
        log_e_values = log_e_values_of_kinds({0: 1 - share, 1: share})
        return (log_e_values[0], log_e_values[1]) if share < 0.5 else (0.0, 0.0)

    def _log_e_values_of(self, counts: Mapping[int, float]) -> dict[int, float]:
        likely = shares(counts, self.runs)
        return log_e_values_of_kinds({kind: at_most(share, self.runs) for kind, share in likely.items()})

    @property
    def runs_a_false_shift(self) -> float:
        """How many runs go by until a shift is told by chance."""
        return max(RUNS_A_FALSE_SHIFT, DAYS_A_FALSE_SHIFT * self.a_day)

    @cached_property
    def thresholds(self) -> tuple[float, ...]:
        """(measure,) the log CUSUM statistic above which a shift is told."""
        runs = self.runs_a_false_shift
        pairs = zip(self.exponents.tolist(), self.highest.tolist(), strict=True)
        return tuple(threshold(theta, highest, runs, len(MEASURES)) for theta, highest in pairs)


def at_most(share: float, runs: float) -> float:
    """The largest share that so many runs leave likely: the upper end of its interval (Wilson 1927), 95 times
    in 100. An e-value at the mean would grow by chance alone where the runs were few."""
    runs, square = max(runs, 1.0), LIKELY**2
    middle = share + square / (2 * runs)
    spread = LIKELY * sqrt(share * (1 - share) / runs + square / (4 * runs**2))
    return min((middle + spread) / (1 + square / runs), 0.999)


def shares(counts: Mapping[int, float], runs: float) -> dict[int, float]:
    """The share of each kind met twice or more; the others, and those still to come, are `RARE` together.

    Their share is what was met once or twice (Good 1953: the kinds met k times will have the mass of those
    met k + 1 times), half a run, and what a person has accepted.
    """
    known = {kind: count for kind, count in counts.items() if count > ONCE and kind != RARE}
    if not known:
        return {RARE: 1.0}
    accepted = counts.get(RARE, 0.0)
    once = max(runs - sum(known.values()), 0.0)
    twice = sum(count for count in known.values() if count <= 2.5)
    rare = min((once + twice + accepted + 0.5) / (runs + accepted + 1), 0.9)
    total = sum(known.values())
    return {kind: count / total * (1 - rare) for kind, count in known.items()} | {RARE: rare}


@dataclass(frozen=True)
class Hours:
    """How busy each hour of the day (UTC) is, all functions together."""

    seconds: Floats = field(default_factory=lambda: np.zeros(HOURS))
    """(hour,) watched."""
    runs: Floats = field(default_factory=lambda: np.zeros(HOURS))
    """(hour,)"""

    @cached_property
    def factors(self) -> tuple[float, ...]:
        """(hour,) how many times as many runs come as on average; hours never watched may be the busiest."""
        watched = self.seconds >= LEAST_EXPOSURE_S
        if not watched.any():
            return (UNKNOWN_HOUR,) * HOURS
        mean = self.runs.sum() / self.seconds.sum()
        rates = (self.runs + HOURS_WEIGHT_RUNS) / (self.seconds + HOURS_WEIGHT_RUNS / mean) / mean
        hours = np.arange(HOURS)
        apart = np.abs(hours[:, None] - hours[watched])
        nearest = np.minimum(apart, HOURS - apart).min(axis=1)
        unknown = 1 + (UNKNOWN_HOUR - 1) * np.minimum(nearest, FAR_HOURS) / FAR_HOURS
        return tuple(np.where(watched, rates, unknown * rates[watched].max()).tolist())

    def at(self, start: float) -> float:
        """The factor of the hour in which a run starts."""
        return self.factors[int(start // 3600) % HOURS]

    def during(self, start: Floats) -> Floats:
        """(run,) the factors of the hours in which runs start."""
        return np.array(self.factors)[(start // 3600).astype(np.int64) % HOURS]


class LazyBaselines(Mapping[int, Baseline], ABC):
    """Baselines that are made when they are asked for, by their function's number."""

    @property
    @abstractmethod
    def common_paths(self) -> frozenset[int]:
        """The paths that some function has taken more than once."""

    @abstractmethod
    def runs_a_day(self) -> dict[int, float]:
        """By function."""


@dataclass(frozen=True)
class ShiftBaselines:
    """The baselines of all functions, by their number in the vocabulary."""

    functions: Mapping[int, Baseline] = field(default_factory=dict)
    hours: Hours = field(default_factory=Hours)
    exponents: Floats = field(default_factory=lambda: np.ones(len(MEASURES)))
    """(measure,) of all functions together; known right after learning, and not kept."""
    absence_limits: AbsenceLimits = field(default_factory=dict)
    """How long what functions do may stay away."""
    step_times: StepTimes = field(default_factory=StepTimes)
    """How long their steps take."""
    loads: Mapping[int, Load] = field(default_factory=dict)
    """By application."""
    spans: dict[int, Span] = field(default_factory=dict)
    """By function, the runs that taught its baseline."""
    levels: Levels = field(default_factory=dict)
    """By what was told a baseline is moved from what its span taught."""

    def runs_a_day(self) -> dict[int, float]:
        """By function."""
        if isinstance(self.functions, LazyBaselines):
            return self.functions.runs_a_day()
        return {function: one.a_day for function, one in self.functions.items()}

    @property
    def common_paths(self) -> frozenset[int]:
        """The paths that some function has taken more than once, and `RARE`."""
        if isinstance(self.functions, LazyBaselines):
            return self.functions.common_paths | {RARE}
        known = (one.paths.items() for one in self.functions.values())
        return frozenset(path for paths in known for path, runs in paths if runs > ONCE) | {RARE}
