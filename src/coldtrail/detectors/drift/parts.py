"""What parts of histories teach, many functions at once: baselines, and how runs look by those of other runs.

A function's history is cut into parts, one after the other; each is judged by what the others taught.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from coldtrail.detectors.drift.baselines import (
    ALL_PATHS,
    LEAST_GROUP,
    MOST_CALLERS,
    MOST_GROUPS,
    MOST_PATHS,
    OTHER_PATHS,
    READY_RUNS,
    Baseline,
    Gaps,
    Groups,
    Hours,
)
from coldtrail.detectors.drift.e_values import BURST_POWER, HIGHER_POWER, MORE_POWER
from coldtrail.detectors.drift.gaps import gaps_of, sampling_of
from coldtrail.detectors.drift.grids import Grids
from coldtrail.detectors.drift.kinds import Commonest, Grouped, kinds_of
from coldtrail.detectors.drift.log_e_values import log_durations, log_e_values_in, own_seconds
from coldtrail.detectors.drift.readings import (
    CALLERS,
    CALLS,
    DURATION,
    ERRORS,
    MEASURES,
    OWN_TIME,
    PATHS,
    RARE_PATHS,
    RATE,
    Readings,
)
from coldtrail.detectors.drift.thinning import evenly
from coldtrail.features.batch import Bools, Floats, Ints
from coldtrail.features.hashing import each_once

LEAST_OTHERS = 20
"""Runs of the paths without a distribution of their own, for them to have one together."""
PARTS = 5
"""Parts of a function's history, one after the other: each is judged by what the others taught."""
_DAY_S = 86_400.0
_WHOLE = PARTS
_TEACHERS = PARTS + 1
"""Of each function: its history without each of the parts, and the whole."""


class Parts:
    """The runs of some functions, those of each together in the order of their start, and what they teach."""

    def __init__(self, readings: Readings, hours: Hours) -> None:
        self.numbers, first, self._function, size = np.unique(
            readings.function, return_index=True, return_inverse=True, return_counts=True
        )
        self._readings, self._hours = readings, hours
        place = np.arange(len(self._function)) - first[self._function]
        self.ready: Bools = size >= READY_RUNS
        self._part = np.where(self.ready[self._function], place * PARTS // size[self._function], _WHOLE)
        self._teachers = len(self.numbers) * _TEACHERS
        self._row, self._teacher = self._taught()
        self._learn()

    def _taught(self) -> tuple[Ints, Ints]:
        """The runs of each teacher, and which it is, one teacher after another."""
        ready = self.ready[self._function]
        rows = [np.flatnonzero(ready & (self._part != k)) for k in range(PARTS)]
        rows.append(np.arange(len(self._function)))
        teachers = [self._function[some] * _TEACHERS + k for k, some in enumerate(rows)]
        row, teacher = np.concatenate(rows), np.concatenate(teachers)
        order = np.argsort(teacher, kind="stable")
        return row[order], teacher[order]

    def _learn(self) -> None:
        readings, row, teacher = self._readings, self._row, self._teacher
        self._durations, self._own_times = log_durations(readings.duration), own_seconds(readings.own_time)
        whole = np.flatnonzero(readings.complete[row])
        self._whole, self._whole_of = row[whole], teacher[whole]
        weight = readings.weight[self._whole]
        self._whole_rows = Grouped(self._whole_of, self._whole, self._teachers)
        paths = kinds_of(self._whole_of, readings.path[self._whole], weight)
        callers = kinds_of(self._whole_of, readings.caller[self._whole], weight)
        self._common_paths = Commonest(paths, MOST_PATHS, self._teachers)
        self._common_callers = Commonest(callers, MOST_CALLERS, self._teachers)
        calls = readings.calls[self._whole].astype(np.float64)
        self._calls = Grids(self._whole_of, calls, weight, self._teachers)
        self._learn_groups(np.flatnonzero(readings.cold[self._whole] == 0))
        self._learn_gaps()

    def _learn_groups(self, warm: Ints) -> None:
        """The distributions of warm runs: of all, of each usual path, and of the others."""
        row, teacher = self._whole[warm], self._whole_of[warm]
        weight = self._readings.weight[row]
        paths = kinds_of(teacher, self._readings.path[row], weight)
        place = paths.places(paths.most_first(paths.number))
        self._often = (place < MOST_GROUPS) & (paths.number >= LEAST_GROUP)
        self._often_place, self._warm_paths = place, paths
        others = np.bincount(teacher[~self._often[paths.of]], minlength=self._teachers)
        self._has_others = others >= LEAST_OTHERS
        usual = self._teachers + np.cumsum(self._often) - 1
        self._groups = 2 * self._teachers + int(self._often.sum())
        self._path_group = np.where(self._often, usual, -1)
        other = np.where(self._has_others, self._groups - self._teachers + np.arange(self._teachers), -1)
        self._other_group = other
        of_path = np.where(self._often[paths.of], self._path_group[paths.of], other[teacher])
        some = np.flatnonzero(of_path >= 0)
        group = np.concatenate([teacher, of_path[some]])
        rows = np.concatenate([row, row[some]])
        self._group_rows = Grouped(group, rows, self._groups)
        weights = self._readings.weight[rows]
        self._duration_grids = Grids(group, self._durations[rows], weights, self._groups)
        self._own_grids = Grids(group, self._own_times[rows], weights, self._groups)

    def _learn_gaps(self) -> None:
        """The distributions of the time since the same caller's run before."""
        row, teacher = self._row, self._teacher
        readings, caller, weight = self._readings, self._readings.caller[row], self._readings.weight[row]
        mean, stride = sampling_of(
            self._function, readings.caller, readings.weight, float(self._hours.seconds.sum())
        )
        sampling = mean[row], stride[row]
        gaps = gaps_of(teacher, caller, readings.start[row], weight, sampling, self._hours)
        self._gap_of_run = gaps[teacher % _TEACHERS == _WHOLE]
        known = np.flatnonzero(~np.isnan(gaps))
        kinds = kinds_of(teacher[known], caller[known], weight[known])
        many = np.flatnonzero(kinds.number >= LEAST_GROUP)
        first = np.searchsorted(kinds.teacher[many], kinds.teacher[many])
        many = many[np.arange(len(many)) - first < MOST_CALLERS]
        self._gap_group = np.full(len(kinds.number), -1)
        self._gap_group[many] = np.arange(len(many))
        self._gap_kinds = kinds
        group = self._gap_group[kinds.of]
        some = np.flatnonzero(group >= 0)
        self._gap_stride = np.ones(len(many), np.int64)
        self._gap_stride[group[some]] = sampling[1][known[some]]
        self._gap_grids = Grids(group[some], gaps[known[some]], None, len(many))

    def baselines(self) -> dict[int, Baseline]:
        """The baseline of each function, by its number."""
        found = {}
        watched = max(float(self._hours.seconds.sum()), 1.0)
        every = Grouped(self._function, np.arange(len(self._function)), len(self.numbers))
        for at, number in enumerate(self.numbers.tolist()):
            teacher = at * _TEACHERS + _WHOLE
            a_day = float(self._readings.weight[every[at]].sum()) / watched * _DAY_S
            plain = self._plain(teacher)
            found[number] = replace(
                plain,
                groups=self._groups_of(teacher),
                calls=self._calls[teacher],
                gaps=self._gaps_of(teacher),
                a_day=a_day,
            )
        return found

    def _plain(self, teacher: int) -> Baseline:
        """A baseline without distributions."""
        rows = self._whole_rows[teacher]
        weight = self._readings.weight[rows]
        return Baseline(
            float(weight.sum()),
            {},
            (),
            float(self._readings.error[rows] @ weight),
            self._common_paths.of(teacher),
            self._common_callers.of(teacher),
            {},
            0.0,
        )

    def _groups_of(self, teacher: int) -> Groups:
        if not len(self._group_rows[teacher]):
            return {}
        own = slice(*np.searchsorted(self._warm_paths.teacher, (teacher, teacher + 1)).tolist())
        often = np.flatnonzero(self._often[own])
        often = often[np.argsort(self._often_place[own][often])] + own.start
        kinds = zip(self._warm_paths.kind[often].tolist(), self._path_group[often].tolist(), strict=True)
        numbers = {ALL_PATHS: teacher} | dict(kinds)
        if self._has_others[teacher]:
            numbers[OTHER_PATHS] = int(self._other_group[teacher])
        return {
            path: (
                float(self._readings.weight[self._group_rows[group]].sum()),
                self._duration_grids[group],
                self._own_grids[group],
            )
            for path, group in numbers.items()
        }

    def _gaps_of(self, teacher: int) -> dict[int, Gaps]:
        own = slice(*np.searchsorted(self._gap_kinds.teacher, (teacher, teacher + 1)).tolist())
        pairs = zip(self._gap_kinds.kind[own].tolist(), self._gap_group[own].tolist(), strict=True)
        return {
            caller: (int(self._gap_stride[group]), self._gap_grids[group])
            for caller, group in pairs
            if group >= 0
        }

    def held_out(self) -> dict[int, Floats]:
        """(run, measure) by function, of those with enough runs: the log e-values of each run, by what the
        other parts of the history taught."""
        judged = np.flatnonzero(self._part != _WHOLE)
        teacher = self._function[judged] * _TEACHERS + self._part[judged]
        out = np.zeros((len(judged), len(MEASURES)))
        self._judge_times(judged, teacher, out)
        by_teacher = Grouped(teacher, np.arange(len(judged)), self._teachers)
        for one in each_once(teacher).tolist():
            rows = by_teacher[one]
            mine, taught = self._readings.take(judged[rows]), self._plain(one)
            for measure in (ERRORS, PATHS, RARE_PATHS, CALLERS):
                out[rows, measure] = log_e_values_in(measure, taught, mine, mine.start)
        ends = np.flatnonzero(np.diff(self._function[judged])) + 1
        numbers = self.numbers[self.ready].tolist()
        return dict(zip(numbers, np.split(out, ends) if numbers else (), strict=True))

    def evenly(self, held_out: Mapping[int, Floats]) -> dict[int, Floats]:
        """The same of the runs that stand for equally many: what is rare comes as often as it came."""
        readings = self._readings
        taken = evenly(self._function, readings.start, readings.weight)
        return {number: factors[taken[readings.function == number]] for number, factors in held_out.items()}

    def _judge_times(self, judged: Ints, teacher: Ints, out: Floats) -> None:
        """Fills in what distributions say."""
        mine = self._readings.take(judged)
        path = self._warm_paths.find(teacher, mine.path)
        usual = np.append(self._path_group, -1)[path]
        group = np.where(usual >= 0, usual, self._other_group[teacher])
        group = np.where(mine.cold == 0, group, -1)
        for measure, grids, times in (
            (DURATION, self._duration_grids, self._durations),
            (OWN_TIME, self._own_grids, self._own_times),
        ):
            out[:, measure] = grids.log_e_values_of_more(group, times[judged], HIGHER_POWER)
        calls = mine.calls.astype(np.float64)
        out[:, CALLS] = self._calls.log_e_values_of_more(teacher, calls, MORE_POWER)
        out[mine.complete == 0] = 0.0
        gaps = self._gap_of_run[judged]
        caller = np.append(self._gap_group, -1)[self._gap_kinds.find(teacher, mine.caller)]
        caller = np.where(np.isnan(gaps), -1, caller)
        out[:, RATE] = self._gap_grids.log_e_values_of_less(caller, gaps, BURST_POWER)
