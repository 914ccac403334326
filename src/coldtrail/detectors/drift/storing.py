"""Baselines as arrays, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from coldtrail.detectors.drift.baselines import (
    HOURS,
    READY_RUNS,
    AbsenceLimit,
    AbsenceLimits,
    Baseline,
    Groups,
    Hours,
    ShiftBaselines,
)
from coldtrail.detectors.drift.readings import MEASURES
from coldtrail.features.arrays import LEAST, MOST, Array, floats, integers
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
        (n, c, grid) for n, one in zip(numbers, known, strict=True) for c, grid in sorted(one.gaps.items())
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
    }
    out |= _packed("calls", [one.calls for one in known])
    out |= _packed("group_duration", [group[3] for group in groups])
    out |= _packed("group_own", [group[4] for group in groups])
    out |= _packed("gap", [gap[2] for gap in gaps])
    out |= _packed_counts("path", numbers, [one.paths for one in known])
    return out | _packed_counts("caller", numbers, [one.callers for one in known])


def restored(state: State) -> ShiftBaselines:
    """The baselines of what `state_of` gave; raises KeyError or ValueError where arrays are missing or do
    not fit."""
    numbers = state["function"].tolist()
    calls = _unpacked("calls", state, len(numbers))
    groups = _groups(state)
    gaps = _gaps(state)
    paths, callers = _counts("path", state), _counts("caller", state)
    functions = {}
    columns = zip(numbers, state["amounts"], state["exponents"], state["highest"], calls, strict=True)
    for number, amounts, exponents, highest, grid in columns:
        runs, errors, a_day = (float(amount) for amount in amounts)
        if errors > runs * (1 + _CLOSE) or (runs >= READY_RUNS and not grid):
            raise ValueError("the runs of functions")
        functions[number] = Baseline(
            runs, groups.get(number, {}), grid, errors, paths.get(number, {}), callers.get(number, {}),
            gaps.get(number, {}), a_day, exponents.astype(np.float64), highest.astype(np.float64),
        )  # fmt: skip
    seconds, runs_an_hour = state["hours"].astype(np.float64)
    return ShiftBaselines(
        functions, Hours(seconds, runs_an_hour), absence_limits=_absence_limits(state, functions)
    )


def _absence_limits(state: State, functions: Mapping[int, Baseline]) -> AbsenceLimits:
    out: AbsenceLimits = {}
    for (function, kind), row in zip(state["pause_key"].tolist(), state["pause"].tolist(), strict=True):
        limit = AbsenceLimit(*row)
        if function not in functions or not limit.runs > 0 or (kind == 0 and not limit.pace > 0):
            raise ValueError("the pauses of functions")
        out.setdefault(function, {})[kind] = limit
    return out


def _groups(state: State) -> dict[int, Groups]:
    keys = state["group_key"].tolist()
    durations = _unpacked("group_duration", state, len(keys))
    own_times = _unpacked("group_own", state, len(keys))
    out: dict[int, Groups] = {}
    rows = zip(keys, state["group_runs"].tolist(), durations, own_times, strict=True)
    for (function, path), runs, duration, own in rows:
        if not duration or not own:
            raise ValueError("an empty distribution")
        out.setdefault(function, {})[path] = (runs, duration, own)
    return out


def _gaps(state: State) -> dict[int, dict[int, _Grid]]:
    keys = state["gap_key"].tolist()
    out: dict[int, dict[int, _Grid]] = {}
    for (function, caller), grid in zip(keys, _unpacked("gap", state, len(keys)), strict=True):
        if grid:
            out.setdefault(function, {})[caller] = grid
    return out


def _packed(name: str, grids: Sequence[_Grid]) -> State:
    lengths = np.array([len(grid) for grid in grids], np.int64)
    flat = np.array([value for grid in grids for value in grid], np.float64)
    return {f"{name}_points": flat, f"{name}_lengths": lengths}


def _unpacked(name: str, state: State, number: int) -> list[_Grid]:
    flat, lengths = state[f"{name}_points"], state[f"{name}_lengths"].astype(np.int64)
    if len(lengths) != number or lengths.sum() != len(flat) or (lengths < 0).any():
        raise ValueError(f"the points of {name}")
    ends = np.cumsum(lengths)
    falls = np.flatnonzero(np.diff(flat.astype(np.float64)) < 0) + 1
    if not np.isin(falls, ends).all():
        raise ValueError(f"the points of {name} are not in order")
    bounds = zip(ends.tolist(), lengths.tolist(), strict=True)
    return [tuple(flat[end - n : end].tolist()) for end, n in bounds]


def _packed_counts(name: str, numbers: Sequence[int], counts: Sequence[Mapping[int, float]]) -> State:
    rows = [(n, *item) for n, one in zip(numbers, counts, strict=True) for item in sorted(one.items())]
    return {
        f"{name}_key": np.array([row[:2] for row in rows], np.int64).reshape(-1, 2),
        f"{name}_runs": np.array([row[2] for row in rows], np.float64),
    }


def _counts(name: str, state: State) -> dict[int, dict[int, float]]:
    out: dict[int, dict[int, float]] = {}
    for (function, kind), runs in zip(
        state[f"{name}_key"].tolist(), state[f"{name}_runs"].tolist(), strict=True
    ):
        out.setdefault(function, {})[kind] = runs
    return out
