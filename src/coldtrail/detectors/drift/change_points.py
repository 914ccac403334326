"""Readings, in the order of their start, to the shifts that show in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec
import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from coldtrail.detectors.drift.baselines import MOST_CALLERS, READY_RUNS, Baseline, ShiftBaselines
from coldtrail.detectors.drift.changing import moved
from coldtrail.detectors.drift.cusum import NOWHERE, Cusum, Stretch
from coldtrail.detectors.drift.effects import Effect, Seen, effect_of
from coldtrail.detectors.drift.loads import Loads
from coldtrail.detectors.drift.log_e_values import log_e_values, log_e_values_in, log_gaps
from coldtrail.detectors.drift.readings import (
    CALLERS,
    DURATION,
    ERRORS,
    LOAD,
    MEASURES,
    OWN_TIME,
    PATHS,
    RATE,
    Readings,
)
from coldtrail.detectors.drift.runs import Detection, Lasting, Runs
from coldtrail.errors import BundleError
from coldtrail.features.batch import Bools, Floats, Ints
from coldtrail.records.stage import State, joined, packed, part, unpacked

LEAST_S = 1e-3
SETTLED_RUNS = 100
"""After so many runs it is known how large a shift is; what goes beyond it before is the same shift."""
RUSH_S = 60.0
"""Where so many runs come in a second that they are followed by strides, people who come at once are a rush
and no rate; that is what lasts longer."""
_LEAST_STRETCH = 64
"""Runs that are looked at together for what goes beyond a shift; twice as many where those show nothing."""
TIMES = frozenset((DURATION, OWN_TIME))
"""Of functions whose steps are followed, `StepChanges` tells these."""
COUNTED_ALWAYS = frozenset((ERRORS, CALLERS, RATE))


class Track(Struct):
    """What is remembered of a function."""

    last: dict[int, float] = {}
    """Start of the latest run by each caller; where it strides, of the latest that ended one."""
    strides: dict[int, int] = {}
    """By caller that strides, the runs since."""
    measures: list[Cusum] = msgspec.field(default_factory=lambda: [Cusum() for _ in MEASURES])


class ChangePoints:
    """Follows each function, with a few numbers a measure and the first flows of what may be a shift."""

    def __init__(self, baselines: ShiftBaselines, applications: Ints | None = None) -> None:
        """`applications` are those of functions, by number; without them no loads are told."""
        self._baselines = baselines
        self._timed = frozenset(baselines.step_times.function.tolist())
        self._loads = Loads(baselines, np.zeros(1, np.int64) if applications is None else applications)
        self._tracks: dict[int, Track] = {}

    def push(self, batch: Sequence[Runs]) -> list[Detection]:
        """The shifts that runs make certain; these come in the order of their start."""
        return [one for runs in batch for one in self.add(runs.readings, runs.place, runs.alarmed)]

    def advance(self, watermark: float) -> list[Detection]:
        """No shift: each was told with the run that made it certain."""
        return []

    def add(self, readings: Readings, lies: Ints, alarmed: Bools | None = None) -> list[Detection]:
        """The shifts that the readings make certain, each told once until it is over.

        `lies` tells where the flow of each lies on the shelf. A flow that alarmed by itself has been told: it
        counts for rate, failures and callers alone. Readings come in the order of their start, cut into calls
        in any way; where the clock goes back, the time between two runs counts for nothing. Functions never
        learned, or from fewer than 50 runs, are not followed.
        """
        loads, told_loads = self._loads.add(readings, lies)
        found: list[tuple[int, int, Detection]] = [(place, LOAD, one) for place, one in told_loads]
        order = np.argsort(readings.function, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(readings.function[order])) + 1):
            if len(rows) and self._is_followed(int(readings.function[rows[0]])):
                told = None if alarmed is None else alarmed[rows]
                found += self._follow(readings.take(rows), rows, lies[rows], told, loads[rows])
        return self._loads.told_once(one for *_, one in sorted(found, key=lambda one: one[:2]))

    def _is_followed(self, function: int) -> bool:
        baseline = self._baselines.functions.get(function)
        return baseline is not None and baseline.runs >= READY_RUNS

    def _follow(
        self, mine: Readings, rows: Ints, lies: Ints, alarmed: Bools | None, loads: Floats
    ) -> Iterator[tuple[int, int, Detection]]:
        """The shifts of one function, each with the place of its reading and with its measure."""
        function = int(mine.function[0])
        baseline, track = self._baselines.functions[function], self._tracks.setdefault(function, Track())
        gaps = self._gaps(track, mine, baseline, loads)
        some = frozenset(range(len(MEASURES))) - (TIMES if function in self._timed else frozenset())
        factors = log_e_values(baseline, mine, gaps, some)
        all_: Sequence[int] = range(len(rows))
        quiet = np.arange(len(rows)) if alarmed is None else np.flatnonzero(~alarmed)
        calm = all_ if len(quiet) == len(rows) else quiet.tolist()
        for measure, cusum in enumerate(track.measures):
            if measure not in some:
                continue
            places = all_ if measure in COUNTED_ALWAYS else calm
            counted = factors[measure] if places is all_ else factors[measure][quiet]
            runs = Stretch(baseline, measure, mine, places, lies, counted, gaps, loads=loads)
            for place, found in self._found(cusum, runs):
                yield int(rows[place]), measure, found

    def _found(self, cusum: Cusum, runs: Stretch) -> Iterator[tuple[int, Detection]]:
        """The shifts of one measure, each with the place of its run among the function's."""
        begun, end = 0 if cusum.told else None, len(runs.factors)
        at, ended = cusum.pass_over_zero(runs, 0)
        while True:
            if begun is not None and ended is not None:
                yield from self._further(cusum, runs, begun, ended)
                begun, cusum.effects, cusum.further = None, [], None
            if at >= end:
                break
            if cusum.grow(runs, at) and not cusum.told:
                place = runs.places[at]
                found = self._told(cusum, runs, place)
                if found is not None:
                    cusum.told, cusum.effects, cusum.settled, begun = True, [found.effect], 0, at + 1
                    cusum.went_on = False
                    yield place, self._from_the_first(found)
            if cusum.told:
                at = cusum.go_on(runs, at + 1) - 1
            over = begun is not None and not cusum.told
            at, ended = (at, at) if over else cusum.pass_over_zero(runs, at + 1)
            if over:
                yield from self._further(cusum, runs, begun or 0, at)
                begun, cusum.effects, cusum.further = None, [], None
                at, ended = cusum.pass_over_zero(runs, at + 1)
        if begun is not None:
            yield from self._further(cusum, runs, begun, end)

    def _further(self, cusum: Cusum, runs: Stretch, first: int, last: int) -> Iterator[tuple[int, Detection]]:
        """What some of the runs show beyond what was told, while that goes on."""
        length = _LEAST_STRETCH
        while first < last and runs.gaps is not None:
            places = runs.places[first : min(first + length, last)]
            beyond = self._moved(cusum, runs, places, runs.gaps)
            cusum.further = cusum.further or Cusum()
            found = self._told_again(cusum.further, beyond)
            passed = len(places) if found is None else found[0] + 1
            settled, cusum.settled, first = cusum.settled + passed, cusum.settled + passed, first + passed
            length = 2 * length if found is None else _LEAST_STRETCH
            if found is None:
                continue
            at, detection = found
            if settled >= SETTLED_RUNS:
                yield places[at], self._from_the_first(detection)
                cusum.settled = 0
            told, effect = {one.kind: one for one in cusum.effects}, detection.effect
            before = told[effect.kind].before if effect.kind in told else effect.before
            told[effect.kind] = Effect(before, effect.after, effect.kind)
            cusum.effects, cusum.further, cusum.went_on = list(told.values()), None, True

    @staticmethod
    def _moved(cusum: Cusum, runs: Stretch, places: Sequence[int], gaps: Floats) -> Stretch:
        """Some of the runs, compared with what was told of those before them."""
        baseline, measure, rows = runs.baseline, runs.measure, np.array(places, np.int64)
        for effect in cusum.effects:
            baseline = moved(baseline, {measure: effect})
        factors = log_e_values_in(measure, baseline, runs.readings.take(rows), gaps[rows])
        return Stretch(baseline, measure, runs.readings, places, runs.lies, factors)

    def _told_again(self, cusum: Cusum, runs: Stretch) -> tuple[int, Detection] | None:
        """The first shift beyond what was told, with its place among the runs."""
        at = cusum.pass_over(runs, 0)
        while at < len(runs.factors):
            if cusum.grow(runs, at):
                found = self._told(cusum, runs, runs.places[at])
                if found is not None:
                    return at, found
            at = cusum.pass_over(runs, at + 1)
        return None

    def _from_the_first(self, found: Detection) -> Detection:
        """The shift, told from where the function was first known to be."""
        told = {one.kind: one for one in self._tracks[found.function].measures[found.measure].effects}
        known = told.get(found.effect.kind, found.effect)
        before = self._began(found.function, found.measure, known)
        return found._replace(effect=Effect(before, found.effect.after, found.effect.kind))

    def _began(self, function: int, measure: int, effect: Effect) -> float:
        level = self._baselines.levels.get((function, measure, effect.kind))
        return effect.before if level is None else level.before

    def lasting(self) -> list[Lasting]:
        """The shifts that were told and go on."""
        return [
            Lasting(function, measure, cusum.since, cusum.runs, replace(effect, before=before))
            for function, track in self._tracks.items()
            for measure, cusum in enumerate(track.measures)
            if cusum.told
            for effect in self._by_now(function, measure, cusum)
            for before in [self._began(function, measure, effect)]
        ]

    def _by_now(self, function: int, measure: int, cusum: Cusum) -> list[Effect]:
        """How large a shift is by all of its runs: when it was told, few were known."""
        if cusum.went_on or measure in (PATHS, CALLERS, RATE):
            return cusum.effects
        seen = Seen(cusum.certain_runs, LEAST_S, cusum.value, cusum.kinds)
        effect = effect_of(self._baselines.functions[function], measure, seen) if cusum.certain_runs else None
        return cusum.effects if effect is None else [effect]

    def _told(self, cusum: Cusum, runs: Stretch, place: int) -> Detection | None:
        function, start = int(runs.readings.function[place]), float(runs.readings.start[place])
        seconds = max(start - cusum.certain_since, LEAST_S) * self._baselines.hours.at(start)
        seconds *= 1.0 if runs.loads is None else runs.loads.item(place)
        seen = Seen(cusum.certain_runs, seconds, cusum.value, cusum.kinds)
        effect = effect_of(runs.baseline, runs.measure, seen)
        is_rush = runs.measure == RATE and start - cusum.since < RUSH_S and _strides(runs.baseline)
        if effect is None or cusum.look == NOWHERE or is_rush:
            return None
        flows = tuple(cusum.flows)
        return Detection(function, runs.measure, cusum.since, start, cusum.runs, effect, cusum.look, flows)

    def _gaps(self, track: Track, mine: Readings, baseline: Baseline, loads: Floats) -> Floats:
        """(run,) `log_gap` of the time since the same caller's run a stride before, NaN where that is unknown
        or no stride ends."""
        strides = _strides(baseline)
        seconds = self._strides(track, mine, strides) if strides else self._pauses(track, mine)
        return log_gaps(np.array(seconds), self._baselines.hours.during(mine.start) * loads)

    @staticmethod
    def _pauses(track: Track, mine: Readings) -> list[float]:
        """(run,) the seconds since the same caller's run before."""
        last, seconds = track.last, []
        for start, caller in zip(mine.start.tolist(), mine.caller.tolist(), strict=True):
            before = last.get(caller)
            if before is not None or len(last) < MOST_CALLERS:
                last[caller] = start
            seconds.append(np.nan if before is None or start < before else start - before)
        return seconds

    @staticmethod
    def _strides(track: Track, mine: Readings, strides: Mapping[int, int]) -> list[float]:
        """(run,) the same where some callers stride: a run of their strides."""
        last, seconds = track.last, []
        for start, caller in zip(mine.start.tolist(), mine.caller.tolist(), strict=True):
            before, stride = last.get(caller), 1
            if caller in strides and before is not None and start >= before:
                stride, runs = strides[caller], track.strides.get(caller, 0) + 1
                track.strides[caller] = runs % stride
                if runs < stride:
                    seconds.append(np.nan)
                    continue
            if before is not None or len(last) < MOST_CALLERS:
                last[caller] = start
            seconds.append(np.nan if before is None or start < before else (start - before) / stride)
        return seconds

    def places(self) -> list[list[int]]:
        """Where the flows lie that a shift may still show, those of each by themselves."""
        cusums = [cusum for track in self._tracks.values() for cusum in track.measures]
        cusums += [cusum.further for cusum in cusums if cusum.further is not None]
        looks = [[cusum.look] for cusum in cusums if cusum.look != NOWHERE]
        return [*looks, *(cusum.flows for cusum in cusums), *self._loads.places()]

    def snapshot(self) -> State:
        """All that is remembered, for `restore`."""
        return {"tracks": packed(self._tracks)} | joined({"loads": self._loads.snapshot()})

    def restore(self, state: State) -> None:
        """Remember what `snapshot` gave; raises `BundleError` where that is damaged."""
        self._loads.restore(part(state, "loads"))
        tracks = unpacked(state, "tracks", dict[int, Track])
        if any(len(track.measures) != len(MEASURES) for track in tracks.values()):
            raise BundleError("The state is damaged (a function has another number of measures).")
        self._tracks = tracks


def _strides(baseline: Baseline) -> dict[int, int]:
    """By caller whose runs come that often, of how many a stride is."""
    return {caller: stride for caller, (stride, _) in baseline.gaps.items() if stride > 1}
