"""Judged runs, in the order of their start, to the functions of which one step, or all, take longer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import exp, log, sqrt
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from coldtrail.detectors.drift.baselines import ShiftBaselines
from coldtrail.detectors.drift.change_points import SETTLED_RUNS
from coldtrail.detectors.drift.cusum import NOWHERE, Cusum, Stretch
from coldtrail.detectors.drift.effects import LEAST_RATIO, Effect, usual_duration
from coldtrail.detectors.drift.readings import DURATION, OWN_TIME, STEP_TIME
from coldtrail.detectors.drift.runs import Detection, Lasting, Runs
from coldtrail.detectors.drift.step_learning import FARTHEST, FARTHEST_WHOLE
from coldtrail.detectors.drift.timed import A_UNIT, OWN, WHOLE, Timed
from coldtrail.errors import BundleError
from coldtrail.features.batch import Floats, Ints
from coldtrail.records.stage import State, packed, unpacked

_ALL_VALUES = (-32_000, 32_000)
DOUBLE_S = 40.0
"""How long times must be twice as long for that to last. Neighbours, collectors of garbage and people who
come at once slow everything for some seconds; a mean over four times the time wanders half as far."""


class _Seen(NamedTuple):
    """Times by step and run."""

    row: Ints
    flow: Ints
    factors: Floats
    values: Floats


class StepChanges:
    """Follows how long each step of each function takes, its own code, and all of them together."""

    def __init__(self, baselines: ShiftBaselines) -> None:
        self._baselines = baselines
        self._steps = baselines.step_times
        self._cusums: dict[int, Cusum] = {}
        """By row of the steps."""
        self._lasted: dict[int, list[tuple[int, int]]] = {}
        """By function, from which run to which one a rise of one of its steps lasted, among those that are
        looked at together."""

    def push(self, batch: Sequence[Runs]) -> list[Detection]:
        """The rises that runs make certain; these come in the order of their start."""
        return [one for runs in batch for one in self._follow(runs)]

    def _follow(self, runs: Runs) -> list[Detection]:
        quiet = np.flatnonzero(~runs.alarmed[runs.timed.flow])
        timed = runs.timed.at(quiet)
        if not len(timed.flow):
            return []
        times = self._seen(timed, runs.readings.start)
        found: list[tuple[int, int, Detection]] = []
        each = np.split(np.arange(len(times.row)), np.flatnonzero(np.diff(times.row)) + 1)
        self._lasted = {}
        # What is told of all steps together depends on what is told of each.
        for rows in sorted(each, key=lambda rows: bool(self._steps.kind[times.row[rows[0]]] == WHOLE)):
            row = int(times.row[rows[0]])
            stretch = self._stretch(row, runs, times, rows)
            found += [(place, row, one) for place, one in self._found(row, stretch, timed)]
        return [one for *_, one in sorted(found, key=lambda told: told[:2])]

    def _seen(self, timed: Timed, start: Floats) -> _Seen:
        """The times, and those of all steps of each run together, by step and run."""
        steps, scores = self._steps, self._steps.scores(timed, start)
        whole, of_whole = steps.together(timed, scores)
        excess = timed.value / A_UNIT - steps.mean[timed.row]
        ratios = np.clip(steps.ratios(timed)[whole.flow], -FARTHEST_WHOLE, FARTHEST_WHOLE)
        row = np.concatenate([timed.row, whole.row]).astype(np.int64)
        flow = np.concatenate([timed.flow, whole.flow])
        factors = steps.log_e_values(row, np.concatenate([scores, of_whole]))
        values = np.concatenate([np.clip(excess, -FARTHEST, FARTHEST), ratios - steps.mean[whole.row]])
        order = np.argsort(row * (int(flow.max()) + 1) + flow)
        return _Seen(row[order], flow[order], factors[order], values[order])

    def _stretch(self, row: int, runs: Runs, times: _Seen, rows: Ints) -> Stretch:
        return Stretch(
            self._baselines.functions[int(self._steps.function[row])],
            STEP_TIME,
            runs.readings,
            times.flow[rows].tolist(),
            runs.place,
            times.factors[rows],
            values=times.values[rows],
            limit=float(self._steps.limit[row]),
        )

    def _found(self, row: int, runs: Stretch, timed: Timed) -> Iterator[tuple[int, Detection]]:
        """The rises of one step, each with the place of its run."""
        cusum, beyond = self._cusums.setdefault(row, Cusum()), None
        since = -1 if cusum.told else None
        at = 0 if cusum.told else cusum.pass_over(runs, 0)
        while at < len(runs.factors):
            place, certain = runs.places[at], cusum.grow(runs, at)
            if cusum.told:
                beyond = beyond or self._beyond(row, cusum, runs, timed)
                found = self._told_again(row, cusum, beyond, at)
                beyond = None if cusum.settled == 0 else beyond
                if found is not None:
                    yield place, found
            elif certain and (effect := self._to_tell(row, cusum, runs.start(at), place)) is not None:
                cusum.told, cusum.effects, cusum.further = True, [effect], Cusum()
                cusum.settled, cusum.went_on, beyond, since = 0, False, None, place
                cusum.told_as = self._measure(row, effect)
                yield place, self._detection(row, cusum, runs, effect, place)
            if since is not None and not cusum.told:
                self._has_lasted(row, since, place)
                since = None
            at = at + 1 if cusum.told else cusum.pass_over(runs, at + 1)
        if since is not None:
            self._has_lasted(row, since, len(runs.readings.start))

    def _has_lasted(self, row: int, since: int, end: int) -> None:
        if self._cusums[row].told_as == STEP_TIME:
            self._lasted.setdefault(int(self._steps.function[row]), []).append((since, end))

    def _to_tell(self, row: int, cusum: Cusum, start: float, place: int) -> Effect | None:
        """The effect of a rise that a run makes certain; None where it is too small, or has not lasted, or
        where all steps together show what one of them, and no other, was told to do."""
        lasted = self._lasted.get(int(self._steps.function[row]), ())
        if self._steps.kind[row] == WHOLE and sum(since <= place <= end for since, end in lasted) == 1:
            return None
        return self._effect(row, cusum.value) if _has_come_to_stay(cusum, start) else None

    def _beyond(self, row: int, cusum: Cusum, runs: Stretch, timed: Timed) -> Stretch:
        """The runs, compared with what was told of those before them."""
        effect = cusum.effects[0]
        rise = log(effect.after / effect.before)
        mine = self._steps.function[timed.row] == self._steps.function[row]
        if self._steps.kind[row] != WHOLE:
            mine = timed.row == row
        some = timed.at(mine)
        less = np.clip(some.value - round(A_UNIT * rise), *_ALL_VALUES).astype(np.int16)
        times = self._seen(some._replace(value=less), runs.readings.start)
        return runs._replace(factors=times.factors[times.row == row])

    def _told_again(self, row: int, cusum: Cusum, runs: Stretch, at: int) -> Detection | None:
        """The rise beyond what was told that a run makes certain, once it is known how large that was."""
        further = cusum.further = cusum.further or Cusum()
        cusum.settled += 1
        if not further.grow(runs, at) or not _has_come_to_stay(further, runs.start(at)):
            return None
        effect = self._effect(row, further.value)
        if effect is None or effect.after <= cusum.effects[0].after:
            return None
        settled = cusum.settled >= SETTLED_RUNS
        found = self._detection(row, further, runs, effect, runs.places[at]) if settled else None
        cusum.effects, cusum.further, cusum.settled, cusum.went_on = [effect], None, 0, True
        return found

    def _detection(self, row: int, cusum: Cusum, runs: Stretch, effect: Effect, place: int) -> Detection:
        function, start = int(self._steps.function[row]), float(runs.readings.start[place])
        measure, flows = self._measure(row, effect), tuple(cusum.flows)
        told = self._from_the_first(function, measure, effect)
        return Detection(function, measure, cusum.since, start, cusum.runs, told, cusum.look, flows)

    def _effect(self, row: int, rise: float) -> Effect | None:
        """What was usual and what is now, where times have risen so far as a logarithm; None where that is
        too little to be told."""
        kind = int(self._steps.kind[row])
        usual = self._usual(row) if kind == WHOLE else exp(float(self._steps.mean[row]))
        return None if exp(rise) < LEAST_RATIO else Effect(usual, usual * exp(rise), max(kind, OWN))

    def _usual(self, row: int) -> float:
        return usual_duration(self._baselines.functions[int(self._steps.function[row])])

    def _measure(self, row: int, effect: Effect) -> int:
        """What a rise is told as. Own code that takes longer, while runs hardly do, is told as a step."""
        kind = int(self._steps.kind[row])
        if kind == WHOLE:
            return DURATION
        adds = effect.after - effect.before >= (LEAST_RATIO - 1) * self._usual(row)
        return OWN_TIME if kind == OWN and adds else STEP_TIME

    def _from_the_first(self, function: int, measure: int, effect: Effect) -> Effect:
        """The effect, told from where the function was first known to be."""
        level = self._baselines.levels.get((function, measure, effect.kind))
        return effect if level is None else replace(effect, before=level.before)

    def lasting(self) -> list[Lasting]:
        """The rises that were told and go on."""
        out = []
        for row, cusum in self._cusums.items():
            if cusum.told:
                function = int(self._steps.function[row])
                is_known = cusum.certain_runs and not cusum.went_on
                by_now = self._effect(row, cusum.value) if is_known else None
                measure = cusum.told_as
                effect = self._from_the_first(function, measure, by_now or cusum.effects[0])
                out.append(Lasting(function, measure, cusum.since, cusum.runs, effect))
        return out

    def places(self) -> list[list[int]]:
        """Where the flows lie that a rise may still show, those of each by themselves."""
        cusums = self._cusums.values()
        return [[cusum.look] for cusum in cusums if cusum.look != NOWHERE] + [cusum.flows for cusum in cusums]

    def snapshot(self) -> State:
        """All that is remembered, for `restore`."""
        return {"cusums": packed(self._cusums)}

    def restore(self, state: State) -> None:
        """Remember what `snapshot` gave; raises `BundleError` where that is damaged."""
        cusums = unpacked(state, "cusums", dict[int, Cusum])
        if any(
            not 0 <= row < len(self._steps) or (one.told and not one.effects) for row, one in cusums.items()
        ):
            raise BundleError("The state is damaged (the steps that are followed).")
        self._cusums = cusums


def _has_come_to_stay(cusum: Cusum, now: float) -> bool:
    """Whether times have been so much longer for long enough that it is more than some seconds of a rush."""
    lasted = max(now - cusum.since, 0.0)
    return cusum.value * sqrt(lasted) >= log(2.0) * sqrt(DOUBLE_S)
