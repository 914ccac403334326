"""Baselines as arrays, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from coldtrail.detectors.drift.baselines import (
    ONCE,
    READY_RUNS,
    AbsenceLimit,
    AbsenceLimits,
    Baseline,
    Hours,
    LazyBaselines,
    Level,
    Load,
    ShiftBaselines,
    Span,
)
from coldtrail.detectors.drift.rank_scores import POINTS
from coldtrail.detectors.drift.readings import MEASURES, TOLD
from coldtrail.detectors.drift.step_times import COLUMNS, HOURS, StepTimes
from coldtrail.features.arrays import LEAST, MOST, Array, floats, integers, prefixed
from coldtrail.features.vocabulary import ABSENT

State = dict[str, NDArray[np.generic]]
_Grid = tuple[float, ...]
_MOST_LOG = 100.0
"""No logarithm of a time is larger: its power is still a number."""
_ANY = 2.0**63
_CLOSE = 1e-9
"""Sums of the same weights differ by less, in whatever order they were added."""


def _points(name: str, of: str, least: float, most: float) -> tuple[Array, Array]:
    """Distributions one after the other, and the points of each."""
    return floats(f"{name}_points", f"{name}_point", least=least, most=most), integers(f"{name}_lengths", of)


def _keyed(name: str, least: float, most: float | str) -> Array:
    """Pairs of a function and what it does."""
    return integers(f"{name}_key", name, 2, least=(1, least), most=("functions", most))


STEP_ARRAYS = (
    integers("function", "row", least=1, most="functions"),
    integers("kind", "row", least=-1, most="steps"),
    integers("points", "row", POINTS, least=-(2.0**15), most=2.0**15 - 1),
    floats("mean", "row", least=-_MOST_LOG, most=_MOST_LOG),
    floats("margin", "row"),
    floats("spread", "row", least=LEAST),
    floats("limit", "row", least=LEAST),
    floats("counts", "row"),
    floats("hours", "row", HOURS, least=-_MOST_LOG, most=_MOST_LOG),
)
ARRAYS = (
    integers("function", "function", least=1, most="functions"),
    floats("amounts", "function", 3),
    floats("exponents", "function", len(MEASURES), least=LEAST),
    floats("highest", "function", len(MEASURES)),
    floats("hours", 2, HOURS),
    _keyed("group", -_ANY, _ANY),
    floats("group_runs", "group"),
    _keyed("pause", -1, "steps"),
    floats("pause", "pause", 3),
    _keyed("gap", ABSENT, "triggers"),
    _keyed("path", -_ANY, _ANY),
    floats("path_runs", "path"),
    _keyed("caller", ABSENT, "triggers"),
    floats("caller_runs", "caller"),
    integers("span_key", "span", least=1, most="functions"),
    floats("span_runs", "span", 2),
    integers("level_key", "level", 3, least=(1, 0, -_ANY), most=("functions", len(TOLD) - 1, _ANY)),
    floats("level_amounts", "level", 3),
    *prefixed("step_", STEP_ARRAYS),
    integers("load_key", "load", least=1),
    floats("load", "load", 4, least=LEAST),
    _keyed("stride", ABSENT, "triggers"),
    integers("stride_runs", "stride", least=2),
    *_points("calls", "function", 0.0, MOST),
    *_points("group_duration", "group", -_MOST_LOG, _MOST_LOG),
    *_points("group_own", "group", -MOST, MOST),
    *_points("gap", "gap", -_MOST_LOG, _MOST_LOG),
)


def state_of(baselines: ShiftBaselines) -> State:
    """All that was learned, as arrays for `restored`."""
    numbers = sorted(baselines.functions)
    known = [baselines.functions[number] for number in numbers]
    groups = [
        (n, p, *g) for n, one in zip(numbers, known, strict=True) for p, g in sorted(one.groups.items())
    ]
    gaps = [
        (n, c, *gaps) for n, one in zip(numbers, known, strict=True) for c, gaps in sorted(one.gaps.items())
    ]
    waits = [(number, sorted(kinds.items())) for number, kinds in sorted(baselines.absence_limits.items())]
    out: State = {
        "function": np.array(numbers, np.int64),
        "amounts": np.array([(one.runs, one.errors, one.a_day) for one in known]).reshape(-1, 3),
        "exponents": np.array([one.exponents for one in known]).reshape(-1, len(MEASURES)),
        "highest": np.array([one.highest for one in known]).reshape(-1, len(MEASURES)),
        "hours": np.stack([baselines.hours.seconds, baselines.hours.runs]),
        "group_key": np.array([group[:2] for group in groups], np.int64).reshape(-1, 2),
        "group_runs": np.array([group[2] for group in groups], np.float64),
        "pause_key": np.array([(n, k) for n, kinds in waits for k, _ in kinds], np.int64).reshape(-1, 2),
        "pause": np.array([limit for _, kinds in waits for _, limit in kinds], np.float64).reshape(-1, 3),
        "gap_key": np.array([gap[:2] for gap in gaps], np.int64).reshape(-1, 2),
        "load_key": np.array(sorted(baselines.loads), np.int64),
        "load": np.array([load for _, load in sorted(baselines.loads.items())], np.float64).reshape(-1, 4),
        "stride_key": np.array([gap[:2] for gap in gaps if gap[2] > 1], np.int64).reshape(-1, 2),
        "stride_runs": np.array([gap[2] for gap in gaps if gap[2] > 1], np.int64),
        "span_key": np.array(sorted(baselines.spans), np.int64),
        "span_runs": np.array([span for _, span in sorted(baselines.spans.items())], np.float64).reshape(
            -1, 2
        ),
        "level_key": np.array(sorted(baselines.levels), np.int64).reshape(-1, 3),
        "level_amounts": np.array([one for _, one in sorted(baselines.levels.items())], np.float64).reshape(
            -1, 3
        ),
    }
    out |= {f"step_{name}": column for name, column in baselines.step_times.columns().items()}
    out["step_points"] = out["step_points"].astype(np.int64)
    out |= _packed("calls", [one.calls for one in known])
    out |= _packed("group_duration", [group[3] for group in groups])
    out |= _packed("group_own", [group[4] for group in groups])
    out |= _packed("gap", [gap[3] for gap in gaps])
    out |= _packed_counts("path", numbers, [one.paths for one in known])
    return out | _packed_counts("caller", numbers, [one.callers for one in known])


def restored(state: State) -> ShiftBaselines:
    """The baselines of what `state_of` gave; raises KeyError or ValueError where arrays are missing or do
    not fit."""
    functions = _Stored(state)
    seconds, runs_an_hour = state["hours"].astype(np.float64)
    spans = zip(state["span_key"].tolist(), state["span_runs"].tolist(), strict=True)
    levels = zip(map(tuple, state["level_key"].tolist()), state["level_amounts"].tolist(), strict=True)
    return ShiftBaselines(
        functions,
        Hours(seconds, runs_an_hour),
        absence_limits=_absence_limits(state, functions),
        step_times=_step_times(state, functions),
        loads={
            application: Load(*load)
            for application, load in zip(state["load_key"].tolist(), state["load"].tolist(), strict=True)
        },
        spans={function: Span(*span) for function, span in spans},
        levels={key: Level(*level) for key, level in levels},
    )


class _Stored(LazyBaselines):
    """The baselines of a state, each made when it is first asked for."""

    def __init__(self, state: State) -> None:
        """Raises ValueError where arrays do not fit."""
        self._amounts, self._exponents, self._highest = (
            state[name].astype(np.float64) for name in ("amounts", "exponents", "highest")
        )
        numbers = state["function"].astype(np.int64)
        self._places = {number: place for place, number in enumerate(numbers.tolist())}
        self._calls = _Points("calls", state, len(numbers))
        self._group = _Keyed("group", state)
        self._group_runs = state["group_runs"].astype(np.float64)
        self._durations = _Points("group_duration", state, len(self._group_runs))
        self._own_times = _Points("group_own", state, len(self._group_runs))
        self._gap = _Keyed("gap", state)
        self._gaps = _Points("gap", state, len(state["gap_key"]))
        keys = map(tuple, state["stride_key"].tolist())
        self._strides = dict(zip(keys, state["stride_runs"].tolist(), strict=True))
        self._path, self._path_runs = _Keyed("path", state), state["path_runs"].astype(np.float64)
        self._caller, self._caller_runs = _Keyed("caller", state), state["caller_runs"].astype(np.float64)
        self._made: dict[int, Baseline] = {}
        runs, errors, _ = self._amounts.T
        if (errors > runs * (1 + _CLOSE)).any() or ((runs >= READY_RUNS) & (self._calls.lengths == 0)).any():
            raise ValueError("the runs of functions")
        if not self._durations.lengths.all() or not self._own_times.lengths.all():
            raise ValueError("an empty distribution")

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[int]:
        return iter(self._places)

    def __contains__(self, number: object) -> bool:
        return number in self._places

    def __getitem__(self, number: int) -> Baseline:
        found = self._made.get(number)
        if found is None:
            found = self._made[number] = self._baseline(number, self._places[number])
        return found

    @property
    def common_paths(self) -> frozenset[int]:
        """The paths that some function has taken more than once."""
        return frozenset(self._path.kind[self._path_runs > ONCE].tolist())

    def runs_a_day(self) -> dict[int, float]:
        """By function."""
        return dict(zip(self._places, self._amounts[:, 2].tolist(), strict=True))

    def _baseline(self, number: int, place: int) -> Baseline:
        runs, errors, a_day = self._amounts[place].tolist()
        groups = {
            path: (float(self._group_runs[row]), self._durations[row], self._own_times[row])
            for path, row in self._group.of(number)
        }
        gaps = {
            caller: (self._strides.get((number, caller), 1), self._gaps[row])
            for caller, row in self._gap.of(number)
            if self._gaps.lengths[row]
        }
        paths = {path: float(self._path_runs[row]) for path, row in self._path.of(number)}
        callers = {caller: float(self._caller_runs[row]) for caller, row in self._caller.of(number)}
        return Baseline(
            runs, groups, self._calls[place], errors, paths, callers, gaps, a_day,
            self._exponents[place], self._highest[place],
        )  # fmt: skip


class _Keyed:
    """Rows by function and by what it does."""

    def __init__(self, name: str, state: State) -> None:
        function, self.kind = state[f"{name}_key"].astype(np.int64).T
        self._order = np.argsort(function, kind="stable")
        numbers, first = np.unique(function[self._order], return_index=True)
        ends = np.append(first, len(function))[1:].tolist()
        self._bounds = dict(zip(numbers.tolist(), zip(first.tolist(), ends, strict=True), strict=True))

    def of(self, function: int) -> list[tuple[int, int]]:
        """What a function does, and the row of each."""
        first, last = self._bounds.get(function, (0, 0))
        rows = self._order[first:last]
        return list(zip(self.kind[rows].tolist(), rows.tolist(), strict=True))


class _Points:
    """Distributions one after the other."""

    def __init__(self, name: str, state: State, number: int) -> None:
        """Raises ValueError where there are not so many, or their points are not in order."""
        self._flat = state[f"{name}_points"].astype(np.float64)
        self.lengths = state[f"{name}_lengths"].astype(np.int64)
        if len(self.lengths) != number or (self.lengths < 0).any() or (self.lengths > len(self._flat)).any():
            raise ValueError(f"the points of {name}")
        self._ends = np.cumsum(self.lengths)
        if self.lengths.sum() != len(self._flat):
            raise ValueError(f"the points of {name}")
        falls = np.append(np.diff(self._flat) < 0, False)
        falls[self._ends[self._ends > 0] - 1] = False
        if falls.any():
            raise ValueError(f"the points of {name} are not in order")

    def __getitem__(self, row: int) -> _Grid:
        end = int(self._ends[row])
        return tuple(self._flat[end - int(self.lengths[row]) : end].tolist())


def _absence_limits(state: State, functions: Mapping[int, Baseline]) -> AbsenceLimits:
    out: AbsenceLimits = {}
    for (function, kind), row in zip(state["pause_key"].tolist(), state["pause"].tolist(), strict=True):
        limit = AbsenceLimit(*row)
        if function not in functions or not limit.runs > 0 or (kind == 0 and not limit.pace > 0):
            raise ValueError("the pauses of functions")
        out.setdefault(function, {})[kind] = limit
    return out


def _step_times(state: State, functions: Mapping[int, Baseline]) -> StepTimes:
    """Raises ValueError where they are not in order, or of functions that are not known."""
    steps = StepTimes.of({name: state[f"step_{name}"] for name in COLUMNS})
    steps = replace(steps, points=steps.points.astype(np.int16))
    pairs = list(zip(steps.function.tolist(), steps.kind.tolist(), strict=True))
    if pairs != sorted(set(pairs)) or any(function not in functions for function, _ in pairs):
        raise ValueError("the steps that are followed")
    if len(steps) and (np.diff(steps.points) < 0).any():
        raise ValueError("the points of steps are not in order")
    return steps


def _packed(name: str, grids: Sequence[_Grid]) -> State:
    lengths = np.array([len(grid) for grid in grids], np.int64)
    flat = np.array([value for grid in grids for value in grid], np.float64)
    return {f"{name}_points": flat, f"{name}_lengths": lengths}


def _packed_counts(name: str, numbers: Sequence[int], counts: Sequence[Mapping[int, float]]) -> State:
    rows = [(n, *item) for n, one in zip(numbers, counts, strict=True) for item in sorted(one.items())]
    keys = np.array([row[:2] for row in rows], np.int64).reshape(-1, 2)
    return {f"{name}_key": keys, f"{name}_runs": np.array([row[2] for row in rows], np.float64)}
