"""Readings one by one, in the order of their start, to the shifts that show in them."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from coldtrail.errors import BundleError
from coldtrail.shifts.baselines import MOST_CALLERS, READY_RUNS, Baseline, ShiftBaselines
from coldtrail.shifts.effects import Effect, Seen, effect_of, kind_of, value_of
from coldtrail.shifts.readings import (
    CALLERS,
    ERRORS,
    MEASURES,
    PATHS,
    RATE,
    Reading,
)
from coldtrail.shifts.staking import bets, log_gap

CERTAIN = 0.5
"""Part of its threshold from which a stake shows a shift: earlier runs may lie before its onset."""
LEAST_S = 1e-3
MOST_REFERENCES = 100
MOST_KINDS = 32
COUNTED_ALWAYS = frozenset((ERRORS, CALLERS, RATE))

Reference = tuple[str, str]
"""Ids of a flow and of its trace."""


class Run(Struct):
    """What was seen of one measure of a function since its stake last left zero."""

    stake: float = 0.0
    """Logarithm, never negative."""
    told: bool = False
    since: float = 0.0
    runs: int = 0
    certain_since: float = 0.0
    """Start of the run before the first at which the stake was half its threshold."""
    certain_runs: int = 0
    value: float = 0.0
    """Mean of `value_of` these."""
    kinds: dict[int, tuple[float, int]] = {}
    """Sum of log factors and number of these by kind."""
    references: list[Reference] = []
    """Of the first runs that raised the stake."""
    look: Reference | None = None
    """Of the run that raised it most."""
    look_factor: float = 0.0

    def clear(self) -> None:
        """Nothing; the stake is back at zero, and a shift that was told is over."""
        self.stake, self.told = 0.0, False
        self.runs, self.certain_runs = 0, 0
        self.references = []
        self.look, self.look_factor = None, 0.0


class Track(Struct):
    """What is remembered of a function."""

    last: dict[int, float] = {}
    """Start of the latest run by each caller."""
    measures: list[Run] = msgspec.field(default_factory=lambda: [Run() for _ in MEASURES])


class Found(Struct, frozen=True):
    """A shift in numbers."""

    function: int
    measure: int
    since: float
    """Start of the first run since which the stake has been above zero."""
    found: float
    """Start of the run at which the stake passed its threshold."""
    runs: int
    """Runs since then, the last one included."""
    effect: Effect
    references: tuple[Reference, ...]
    look: Reference


class ShiftWatch:
    """Follows each function, with a few numbers a measure and the first flows of what may be a shift."""

    def __init__(self, baselines: ShiftBaselines) -> None:
        self._baselines = baselines
        self._tracks: dict[int, Track] = {}

    def add(self, reading: Reading, reference: Reference, alarmed: bool = False) -> list[Found]:
        """The shifts that this reading makes certain, each told once until it is over.

        A flow that alarmed by itself has been told: it counts for rate, failures and callers alone.
        Readings come in the order of their start; where the clock goes back, the time between two runs counts
        for nothing. Functions never learned, or from fewer than 50 runs, are not followed.
        """
        baseline = self._baselines.functions.get(reading.function)
        if baseline is None or baseline.runs < READY_RUNS:
            return []
        track = self._tracks.get(reading.function)
        if track is None:
            track = self._tracks[reading.function] = Track()
        factors = bets(baseline, reading, self._gap(track, reading))
        thresholds = baseline.thresholds
        found = []
        for measure, run in enumerate(track.measures):
            factor = factors[measure]
            if alarmed and measure not in COUNTED_ALWAYS:
                continue
            if run.stake <= 0.0 >= factor:
                continue
            stake = run.stake + factor
            if stake <= 0.0:
                run.clear()
                continue
            run.stake = stake
            _note(run, reading, reference, factor)
            if stake < CERTAIN * thresholds[measure]:
                run.certain_since, run.certain_runs = reading.start, 0
                continue
            _measure(run, baseline, measure, reading, factor)
            if stake > thresholds[measure]:
                run.stake = thresholds[measure]
                if not run.told:
                    found += self._tell(run, baseline, measure, reading)
        return found

    def _gap(self, track: Track, reading: Reading) -> float | None:
        last = track.last.get(reading.caller)
        if last is not None or len(track.last) < MOST_CALLERS:
            track.last[reading.caller] = reading.start
        if last is None or reading.start < last:
            return None
        return log_gap(reading.start - last, self._baselines.hours.at(reading.start))

    def _tell(self, run: Run, baseline: Baseline, measure: int, reading: Reading) -> list[Found]:
        seconds = max(reading.start - run.certain_since, LEAST_S) * self._baselines.hours.at(reading.start)
        effect = effect_of(baseline, measure, Seen(run.certain_runs, seconds, run.value, run.kinds))
        if effect is None or run.look is None:
            return []
        run.told = True
        references = tuple(run.references)
        return [
            Found(reading.function, measure, run.since, reading.start, run.runs, effect, references, run.look)
        ]

    def snapshot(self) -> bytes:
        """All that is remembered, for `restore`."""
        return msgspec.json.encode(self._tracks)

    def restore(self, memory: bytes) -> ShiftWatch:
        """The watch itself, remembering what `snapshot` gave; raises `BundleError` where that is damaged."""
        try:
            tracks = msgspec.json.decode(memory, type=dict[int, Track])
        except msgspec.DecodeError as error:
            raise BundleError(f"The memory of shifts is damaged ({error}); start without it.") from None
        if any(len(track.measures) != len(MEASURES) for track in tracks.values()):
            raise BundleError("The memory of shifts is of another version of Coldtrail; start without it.")
        self._tracks = tracks
        return self


def _note(run: Run, reading: Reading, reference: Reference, factor: float) -> None:
    if not run.runs:
        run.since = run.certain_since = reading.start
    run.runs += 1
    if factor <= 0:
        return
    if len(run.references) < MOST_REFERENCES:
        run.references.append(reference)
    if factor > run.look_factor:
        run.look, run.look_factor = reference, factor


def _measure(run: Run, baseline: Baseline, measure: int, reading: Reading, factor: float) -> None:
    if not run.certain_runs:
        run.value, run.kinds = 0.0, {}
    run.certain_runs += 1
    run.value += (value_of(baseline, measure, reading) - run.value) / run.certain_runs
    if measure in (PATHS, CALLERS):
        kind = kind_of(baseline, measure, reading)
        if kind in run.kinds or len(run.kinds) < MOST_KINDS:
            total, number = run.kinds.get(kind, (0.0, 0))
            run.kinds[kind] = total + factor, number + 1
