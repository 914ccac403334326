"""How busy each application is beside its history: what all its functions show is a change of load.

Runs are counted in bins of time. For each function, how busy the others of its application have been lately
says how much sooner than usual its runs may come: on a day with three times the people no function by itself
runs too often. The load itself is followed by the CUSUM statistic of a Poisson rate that has doubled (Lucas,
"Counted Data CUSUM's", 1985, https://doi.org/10.1080/00401706.1985.10488030), its steps divided by how much
counts vary more than a Poisson's, and is told once until it has been as usual for about a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import exp, log
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from coldtrail.detectors.drift.baselines import LIKELY, Load, ShiftBaselines
from coldtrail.detectors.drift.effects import Effect
from coldtrail.detectors.drift.readings import LOAD, RATE, Readings
from coldtrail.detectors.drift.runs import Detection
from coldtrail.errors import BundleError
from coldtrail.features.arrays import LEAST
from coldtrail.features.batch import Floats, Ints
from coldtrail.records.stage import State, array, packed, unpacked

BINS = 16
"""Bins in which others were so busy lately."""
PRIOR_RUNS = 20.0
"""Runs of a usual load that count beside those that came."""
LEAST_LOAD = 1.5
"""Times as many runs as usual, from which a load is told."""
AS_USUAL = 1.2
"""Times as many runs as usual, below which a load that was told is over."""
MOST_SHOWN = 20
STANDS_OUT = 3.0
"""Times a rate that was told, from which a higher one is another."""
LOG_TWICE = log(2.0)
_DAY_S = 86_400.0
_EACH = 1 << 36
"""More than there are bins."""


class _Busy(Struct):
    """What is remembered of an application's load."""

    first: int
    """Its first bin."""
    last: int
    """The bin that is still open."""
    came: float = 0.0
    """Runs in the open bin."""
    statistic: float = 0.0
    since: float = 0.0
    runs: float = 0.0
    """Since the statistic left zero."""
    usual: float = 0.0
    """Runs that usually come in that time."""
    seconds: float = 0.0
    places: list[int] = []
    """Where flows since then lie."""
    lately: float = 0.0
    """Runs of the last day, older ones fading."""
    lately_usual: float = 0.0
    told: bool = False


class _Counts(NamedTuple):
    """Runs by a key and bin, ascending."""

    key: Ints
    number: Floats

    @classmethod
    def of(cls, key: Ints, number: Floats) -> _Counts:
        found, at = np.unique(key, return_inverse=True)
        return cls(found, np.bincount(at, number, len(found)).astype(np.float64))

    def between(self, first: Ints, end: Ints) -> Floats:
        """(row,) the runs of keys from the first on, before the end."""
        total = np.concatenate([[0.0], np.cumsum(self.number)])
        counted: Floats = total[np.searchsorted(self.key, end)] - total[np.searchsorted(self.key, first)]
        return counted


class Loads:
    """Takes the readings of all functions in the order of their start."""

    def __init__(self, baselines: ShiftBaselines, applications: Ints) -> None:
        """`applications` are those of functions, by number."""
        self._hours, self._loads = baselines.hours, baselines.loads
        self._application = applications
        most = max([*self._loads, int(applications.max(initial=0))], default=0) + 1
        self._bin_s, self._rate = np.ones(most), np.zeros(most)
        for application, load in self._loads.items():
            self._bin_s[application], self._rate[application] = load.bin_s, load.runs_a_second
        self._own_rate = np.zeros(len(applications))
        for function, a_day in baselines.runs_a_day().items():
            if function < len(applications):
                self._own_rate[function] = a_day / _DAY_S
        self._own = _Counts(np.zeros(0, np.int64), np.zeros(0))
        """Runs of the last bins by function and bin."""
        self._busy: dict[int, _Busy] = {}
        self._rates: dict[int, tuple[float, float]] = {}
        """By function, when its rate was last found to have shifted, and how many times as high as usual it
        was when that was told."""

    def add(self, readings: Readings, lies: Ints) -> tuple[Floats, list[tuple[int, Detection]]]:
        """(run,) how many times as busy as usual the others of a run's application have been lately, never
        less than 1; and the loads that these runs make certain, each with the place of its run."""
        application = self._of(readings.function)
        known = np.flatnonzero(self._rate[application] > 0)
        factors = np.ones(len(application))
        if not len(known):
            return factors, []
        function, application = readings.function[known].astype(np.int64), application[known]
        bins = (readings.start[known] / self._bin_s[application]).astype(np.int64)
        pair = _Counts.of(function * _EACH + bins, np.ones(len(bins)))
        self._own = _Counts.of(*(np.concatenate(both) for both in zip(self._own, pair, strict=True)))
        first = self._first_bins(application, bins)
        closed = self._followed(application, bins, readings.start[known], lies[known])
        found = [(int(known[at]), one) for at, one in closed]
        factors[known] = self._others(pair, first)[np.searchsorted(pair.key, function * _EACH + bins)]
        self._forget()
        return factors, found

    def _of(self, function: Ints) -> Ints:
        known = function < len(self._application)
        return np.where(known, self._application[np.where(known, function, 0)], 0)

    def _first_bins(self, application: Ints, bins: Ints) -> Ints:
        """(application,) the first bin of each."""
        first = np.zeros(len(self._rate), np.int64)
        numbers, at = np.unique(application, return_index=True)
        for number, one in zip(numbers.tolist(), bins[at].tolist(), strict=True):
            first[number] = self._busy.setdefault(number, _Busy(one, one)).first
        return first

    def _others(self, pair: _Counts, first: Ints) -> Floats:
        """(pair of function and bin,) how busy the others have been in the bins before."""
        function, bins = pair.key // _EACH, pair.key % _EACH
        application = self._of(function)
        since = np.minimum(np.maximum(bins - BINS, first[application]), bins)
        all_own = self._own.key // _EACH
        total = _Counts.of(self._of(all_own) * _EACH + self._own.key % _EACH, self._own.number)
        came = total.between(application * _EACH + since, application * _EACH + bins)
        came -= self._own.between(function * _EACH + since, function * _EACH + bins)
        width, seconds = self._bin_s[application], np.zeros(len(bins))
        for back in range(1, BINS + 1):
            within = bins - back >= since
            seconds += np.where(within, width * self._hours.during((bins - back + 0.5) * width), 0.0)
        usual = np.maximum(self._rate[application] - self._own_rate[function], 0.0) * seconds
        busy, error = came + PRIOR_RUNS, LIKELY * np.sqrt(came + PRIOR_RUNS)
        usual = usual + PRIOR_RUNS
        most: Floats = np.where(busy - error > usual, busy + error, np.maximum(busy, usual)) / usual
        return most

    def _forget(self) -> None:
        """Forgets the bins that no later run looks at."""
        function, bins = self._own.key // _EACH, self._own.key % _EACH
        last = np.array([self._busy[one].last for one in self._of(function).tolist()], np.int64)
        kept = bins >= last - BINS
        self._own = _Counts(self._own.key[kept], self._own.number[kept])

    def _followed(
        self, application: Ints, bins: Ints, start: Floats, lies: Ints
    ) -> list[tuple[int, Detection]]:
        """The loads that become certain, in the order of the runs that close the bins they show in."""
        found: list[tuple[int, Detection]] = []
        order = np.lexsort((np.arange(len(bins)), application))
        key = application[order] * _EACH + bins[order]
        for rows in np.split(order, np.flatnonzero(np.diff(key)) + 1):
            at = int(rows[0])
            number, one = int(application[at]), int(bins[at])
            busy, load = self._busy[number], self._loads[number]
            told = self._closed(busy, load, one, float(start[at])) if one > busy.last else None
            if told is not None:
                found.append((at, told._replace(function=self._busiest(number, one))))
            busy.last, busy.came = max(busy.last, one), busy.came + len(rows)
            busy.places += lies[rows[: MOST_SHOWN - len(busy.places)]].tolist()
        return found

    def _busiest(self, application: int, now: int) -> int:
        """The function of an application with the most runs in the last bins."""
        function, bins = self._own.key // _EACH, self._own.key % _EACH
        rows = (self._of(function) == application) & (bins < now) & (bins >= now - BINS)
        return int(np.bincount(function[rows], self._own.number[rows]).argmax())

    def _closed(self, busy: _Busy, load: Load, now: int, start: float) -> Detection | None:
        """The load that is certain once the open bin, and empty ones up to now, are over."""
        if (now - busy.last) * load.bin_s > _DAY_S:
            self._busy_again(busy, now)
            return None
        told = None
        for one in range(busy.last, now):
            usual = load.runs_a_second * load.bin_s * self._hours.at((one + 0.5) * load.bin_s)
            told = self._counted(busy, load, one, usual, start) or told
        return told

    def _busy_again(self, busy: _Busy, now: int) -> None:
        busy.last, busy.came, busy.lately, busy.lately_usual = now, 0.0, 0.0, 0.0
        busy.told = False
        self._clear(busy)

    @staticmethod
    def _clear(busy: _Busy) -> None:
        busy.statistic, busy.runs, busy.usual, busy.seconds = 0.0, 0.0, 0.0, 0.0
        busy.places = []

    def _counted(self, busy: _Busy, load: Load, one: int, usual: float, start: float) -> Detection | None:
        """Counts the open bin, whose usual number of runs is given."""
        fades = exp(-load.bin_s / _DAY_S)
        busy.lately = busy.lately * fades + busy.came
        busy.lately_usual = busy.lately_usual * fades + usual
        if not busy.runs:
            busy.since = one * load.bin_s
        grown = busy.statistic + (busy.came * LOG_TWICE - usual) / load.spread
        busy.runs, busy.usual = busy.runs + busy.came, busy.usual + usual
        busy.seconds += load.bin_s
        busy.came, busy.statistic = 0.0, min(grown, load.limit)
        if grown <= 0.0:
            self._clear(busy)
            busy.told = busy.told and busy.lately >= AS_USUAL * busy.lately_usual
        if grown < load.limit or busy.told or busy.runs < LEAST_LOAD * busy.usual or not busy.places:
            return None
        busy.told = True
        an_hour = 3600.0 / busy.seconds
        effect = Effect(busy.usual * an_hour, busy.runs * an_hour)
        places = tuple(busy.places)
        return Detection(0, LOAD, busy.since, start, int(busy.runs), effect, places[0], places)

    def told_once(self, shifts: Iterable[Detection]) -> list[Detection]:
        """Of shifts and loads, in the order of the runs that made them certain, those that are to be told.

        A load is not told where the rate of one of its functions was since it began, nor a rate again within
        a day of when it was last so high, or of the load that its function makes, unless it is far higher."""
        return [one for one in shifts if one.measure not in (RATE, LOAD) or self._is_news(one)]

    def _is_news(self, one: Detection) -> bool:
        times = one.effect.after / max(one.effect.before, LEAST)
        if one.measure == LOAD:
            application = self._of(np.array([one.function, *self._rates]))
            told = [
                found
                for (found, _), of in zip(self._rates.values(), application[1:], strict=True)
                if of == application[0]
            ]
            if any(one.since <= found <= one.found for found in told):
                return False
        known = self._rates.get(one.function)
        again = known is not None and one.found - known[0] < _DAY_S and times <= STANDS_OUT * known[1]
        self._rates[one.function] = (one.found, known[1] if known is not None and again else times)
        return one.measure == LOAD or not again

    def places(self) -> Iterator[list[int]]:
        """Where the flows lie that a load may still show."""
        return (busy.places for busy in self._busy.values())

    def snapshot(self) -> State:
        """All that is remembered, for `restore`."""
        return {
            "key": self._own.key,
            "number": self._own.number,
            "busy": packed(self._busy),
            "rates": packed(self._rates),
        }

    def restore(self, state: State) -> None:
        """Remember what `snapshot` gave; raises `BundleError` where that is damaged."""
        key = array(state, "key", np.int64)
        self._own = _Counts(key, array(state, "number", np.float64, len(key)))
        self._busy = unpacked(state, "busy", dict[int, _Busy])
        self._rates = unpacked(state, "rates", dict[int, tuple[float, float]])
        functions, known = key // _EACH, self._busy.keys() <= self._loads.keys()
        if not known or not np.isin(self._of(functions), [*self._busy]).all() or (np.diff(key) <= 0).any():
            raise BundleError("The state is damaged (the loads of its applications).")
