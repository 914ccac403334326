"""Follows how often functions run, and tells of surges, of silences and of what no caller asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from math import ceil, isfinite
from typing import ClassVar

import numpy as np

from coldtrail.config import BaselineSettings
from coldtrail.detectors.rates import surges
from coldtrail.detectors.rates.counts import HELD, SCALES, Columns
from coldtrail.detectors.rates.hours import name_of_hour
from coldtrail.detectors.rates.levels import DEMAND, KINDS, SILENCE, SURGE
from coldtrail.detectors.rates.surges import READY_ACTIVE, READY_MINUTES
from coldtrail.detectors.rates.tails import Floats
from coldtrail.detectors.rates.telling import (
    MINUTE_S,
    Burst,
    Pause,
    of_application,
    of_burst,
    of_demand,
    of_hour,
    of_silence,
)
from coldtrail.detectors.rates.walking import Walking
from coldtrail.detectors.signal_detector import SignalDetector
from coldtrail.records.encounter import Encounter, What
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Signal
from coldtrail.records.stage import State
from coldtrail.records.window import Window

_TIMER = KINDS.index("timer")
_LEAST_CHILDREN = 2
_CHILDREN_SHARE = 0.8
_CHILD_GROWS = 3.0
"""An application surges where nearly all that its first function calls run at least this much more often."""


class RatesDetector(SignalDetector):
    """Surges, silences and demand of functions."""

    name: ClassVar[str] = "rates"
    sees: ClassVar[tuple[type[What], ...]] = (Window,)

    def __init__(self, settings: BaselineSettings) -> None:
        super().__init__(settings)
        self._walk = Walking(settings.alarms_a_function_day)

    def see(self, batch: Sequence[Encounter], until: float) -> list[Signal]:
        """What becomes certain."""
        signals: list[Signal] = []
        for at, group in groupby(batch, lambda one: one.at):
            if isfinite(at) and at >= 0.0:
                signals += self._minute(ceil(at / MINUTE_S) - 1, list(group))
        return signals

    def _minute(self, minute: int, encounters: list[Encounter]) -> Iterator[Signal]:
        walk = self._walk
        if minute < walk.minute:
            return
        ran = walk.step(minute, encounters)
        yield from self._bursts(minute, surges.candidates(walk.counts, ran))
        yield from self._silences(minute)
        walk.end(minute, ran)
        yield from self._hours(minute, ran)

    def _bursts(self, minute: int, columns: Columns) -> Iterator[Signal]:
        """What functions that run often tell, each judged by its callers' counts where these say what to
        expect."""
        if len(columns):
            called = self._walk.callers.known(columns)
            yield from self._demands(minute, columns[called])
            yield from self._surges(minute, columns[~called])

    def _surges(self, minute: int, columns: Columns) -> Iterator[Signal]:
        walk = self._walk
        columns = columns[walk.counts.minutes[0, columns] >= READY_MINUTES]
        if not len(columns):
            return
        share = walk.functions.share[0, columns].astype(np.float64)
        usual = surges.usual(walk.counts, columns, share)
        scores = surges.scores(walk.counts, columns, usual, share)
        firm = np.where(surges.firm(walk.counts, columns, usual, minute), scores, 0.0)
        for place, row, strength, alone in self._news(SURGE, minute, columns, scores, firm):
            column = int(columns[place])
            burst = self._burst(minute, column, row, float(usual.mean[row, place]), most=True)
            children = self._surging(column, row) if alone else []
            if children:
                yield of_application(burst, children, strength)
            else:
                yield of_burst(burst, strength, alone)

    def _demands(self, minute: int, columns: Columns) -> Iterator[Signal]:
        if not len(columns):
            return
        walk = self._walk
        share = walk.functions.share[0, columns].astype(np.float64)
        means, scores = walk.callers.scores(walk.counts, columns, share)
        for place, row, strength, alone in self._news(DEMAND, minute, columns, scores, scores):
            column = int(columns[place])
            burst = self._burst(minute, column, row + 1, float(means[row, place]), most=False)
            caller = walk.functions.keys[walk.callers.main(column)]
            yield of_demand(burst, caller, strength, alone)

    def _news(
        self, channel: int, minute: int, columns: Columns, scores: Floats, firm: Floats
    ) -> Iterator[tuple[int, int, float, bool]]:
        """Of what is to be told: its place among the columns, its row among the scores, its strength, and
        whether it is told alone, as only `firm` scores are. What is strange is learned slowly."""
        walk = self._walk
        classes = walk.classes(columns)
        limits = walk.levels.limits[channel, classes]
        lengths = np.array(SCALES, np.float64)[-len(scores) :]
        rates = (walk.counts.sums[-len(scores) :, columns] / lengths[:, None]).max(axis=0)
        over = firm.max(axis=0) >= limits
        judged = np.where(over, firm, scores)
        best, rows = judged.max(axis=0), judged.argmax(axis=0)
        walk.told.note(channel, columns, firm.max(axis=0))
        walk.counts.call_strange(columns[over], minute + 1.0 - lengths[rows[over]], minute)
        news = walk.told.news(channel, minute, columns, best, rates, over, limits)
        strengths = walk.levels.strengths(channel, classes, best)
        for place in np.flatnonzero(news.alone | news.weak).tolist():
            yield place, int(rows[place]), float(strengths[place]), bool(news.alone[place])

    def _burst(self, minute: int, column: int, row: int, usual: float, *, most: bool) -> Burst:
        counts = self._walk.counts
        scale = SCALES[row]
        some = {minute - ago: float(counts.held[(minute - ago) % HELD, column]) for ago in range(scale)}
        active = [one for one, number in some.items() if number > 1.5 * usual / scale]
        largest = float(counts.largest(np.array([column]))[row, 0]) if most else None
        return Burst(
            self._walk.functions.keys[column],
            minute,
            scale,
            float(counts.sums[row, column]),
            usual,
            largest,
            float(counts.minutes[0, column]),
            tuple(sorted(active, key=lambda one: (-some[one], one))),
        )

    def _surging(self, column: int, row: int) -> list[FunctionKey]:
        """The functions that one calls, where nearly all of them run more often with it."""
        walk = self._walk
        children = walk.callers.called_by(column)
        if len(children) < _LEAST_CHILDREN:
            return []
        sums = walk.counts.sums[row, children]
        invocations, minutes = walk.counts.before(children)
        usual = SCALES[row] * (invocations[row] + 0.5) / (minutes[row] + 30.0)
        if (sums >= _CHILD_GROWS * usual).mean() < _CHILDREN_SHARE:
            return []
        return [walk.functions.keys[child] for child in children.tolist()]

    def _silences(self, minute: int) -> Iterator[Signal]:
        walk = self._walk
        kinds = walk.functions.kind[0, : len(walk)]
        known = walk.counts.minutes[0, : len(walk)]
        ratios = walk.gaps.ratios(known, kinds == _TIMER, (kinds != _TIMER) & (kinds > 0))
        ratios = np.where(known >= READY_MINUTES, ratios, 0.0)
        of = walk.told.maxima[SILENCE, : len(walk)]
        np.maximum(of, ratios, out=of, casting="same_kind")
        found = np.flatnonzero(ratios > 1.0)
        if not len(found):
            return
        classes = walk.classes(found)
        limits = np.zeros(len(walk))
        limits[found] = np.maximum(walk.levels.limits[SILENCE, classes], 1.0)
        told = walk.gaps.to_tell(minute, np.where(limits > 0, ratios / np.maximum(limits, 1.0), 0.0))
        strengths = walk.levels.strengths(SILENCE, walk.classes(told), ratios[told])
        for column, strength in zip(told.tolist(), strengths.tolist(), strict=True):
            gap = float(walk.gaps.gap[0, column])
            longest = float(walk.gaps.longest_gap(np.array([column]))[0])
            pause = Pause(walk.functions.keys[column], minute, gap, longest, float(known[column]))
            yield of_silence(pause, strength, walk.moved_to(column, minute))

    def _hours(self, minute: int, ran: Columns) -> Iterator[Signal]:
        odd, strengths = self._walk.hours.ran(minute, ran, self._walk.counts.minutes[0, ran])
        for column, strength in zip(odd.tolist(), strengths.tolist(), strict=True):
            yield of_hour(self._walk.functions.keys[column], minute, name_of_hour(minute), strength)

    def snapshot(self) -> State:
        """All that is held."""
        return self._walk.snapshot()

    def restore(self, state: State) -> None:
        """Go on from a snapshot; raises `BundleError` where it is damaged."""
        walk = Walking(self.settings.alarms_a_function_day)
        walk.restore(state)
        self._walk = walk

    def not_ready(self) -> Mapping[FunctionKey, str]:
        """What each function still needs before its rate can be judged."""
        walk = self._walk
        of = slice(0, len(walk))
        minutes = walk.counts.minutes[0, of].tolist()
        active = (walk.counts.past_active[0, of] + walk.counts.active[3, of]).tolist()
        ready = walk.ready().tolist()
        return {
            key: _needs(minutes[column], active[column])
            for key, column in walk.functions.columns.items()
            if not ready[column]
        }


def _needs(minutes: float, active: int) -> str:
    if minutes < READY_MINUTES:
        return f"It is watched for {minutes / 60:.1f} of the {READY_MINUTES / 60:.0f} hours that are needed."
    return f"It ran in {active} of the {READY_ACTIVE} minutes that are needed."
