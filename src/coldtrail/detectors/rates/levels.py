"""From which score on a function is told, by classes of functions, and how rare a score is.

Until enough function-days are known, a fixed limit holds; then as many function-days alarm as the settings
allow. A class is what triggers functions, times how often they run: days of functions alike are days of one.
All classes have the same share, and what some leave of it, as clocks do, is given to all.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldtrail.detectors.rates.counts import Columns
from coldtrail.detectors.rates.tails import Floats
from coldtrail.errors import BundleError
from coldtrail.records.stage import State, array

SURGE, SILENCE, DEMAND = range(3)
CHANNELS = 3
_SHARES: Floats = np.array([0.7, 0.15, 0.15])
"""Of the alarms that may be, the most for each; surges get what the others leave."""
KINDS = ("", "timer", "http", "queue", "flow", "event")
_WORDS = (
    ("timer", ("timer", "schedul", "cron")),
    ("http", ("http", "apigateway", "::url", "loadbalanc", "appsync")),
    ("queue", ("queue", "sqs", "kinesis", "kafka", "dynamodb", "pubsub", "servicebus", "eventhub")),
    ("flow", ("stepfunctions", "orchestrat", "workflow", "durable", "function ")),
    ("event", ("event", "sns", "s3", "storage", "blob")),
)
_VOLUMES: Floats = np.array([0.1, 10.0])
"""Invocations a minute."""
CLASSES = len(KINDS) * (len(_VOLUMES) + 1)
_BUCKETS = 41
_FIRST, _STEP = 0.5, 1.1
_EDGES: Floats = _FIRST * np.power(_STEP, np.arange(_BUCKETS - 1), dtype=np.float64)
_LEAST, _MOST = 0.6, 4.0
"""Limits: who makes noise for weeks may raise no limit beyond reach."""
_MOST_SILENCE = 1.5
"""Likewise of silences: a clock that ticks every five minutes is missed after 22."""
_NOMINAL, _NOMINAL_SCORE = 0.03, 0.8
"""Function-days of which a score reaches this one, on 200 half days of Azure functions and a few; a score
beyond is as much rarer as it is larger, since bursts have no scale."""
_PRIOR_DAYS = 300.0
_DAYS_BY_BUDGET = 10.0
"""Of its inverse: until so many days are known, what is usual elsewhere sets the limits; then that weighs as
many days, and all functions together do for a class."""
_HALF_LIFE_DAYS = 7.0
"""Of function-days: functions that are known for longer surprise less."""
_CERTAIN = 2.0
"""Days with such scores would be told at any limit within reach and may be attacks: up to half as many as may
alarm set no limit, or a week of attacks would raise the limits. Of usual days they are a hundredth."""
_CERTAIN_SHARE = 0.5
_TIMES = (1.1, 1.2, 1.35, 1.5, 1.7, 2.0, 2.3, 2.6, 3.0)
"""How many times the budget a class may take, where others, such as clocks, leave theirs."""
_HOURS = 24.0


@lru_cache(4096)
def kind_of(trigger: str | None) -> int:
    """The number of what kind a trigger is, 0 where that is not known."""
    words = (trigger or "").lower()
    for kind, known in _WORDS:
        if any(word in words for word in known):
            return KINDS.index(kind)
    return 0


def classes_of(kinds: NDArray[np.int8], a_minute: Floats) -> Columns:
    """The classes of functions with these kinds of triggers and so many invocations a minute."""
    return kinds * (len(_VOLUMES) + 1) + np.searchsorted(_VOLUMES, a_minute, side="right")


class Levels:
    """Function-days by class and largest score."""

    def __init__(self, alarms_a_function_day: float) -> None:
        self._budget = alarms_a_function_day
        self._days: NDArray[np.float64] = np.zeros((CHANNELS, CLASSES, _BUCKETS))
        self.limits: Floats = self._limits()
        """By channel and class."""

    def end_day(self, maxima: NDArray[np.float32], judged: NDArray[np.bool_], classes: Columns) -> None:
        """Learns the largest scores of functions within a day, by channel; `judged` tells which functions
        could have been told."""
        if self._days[SURGE].sum() > 2.0 * self._prior:
            self._days *= 0.5 ** (1.0 / _HALF_LIFE_DAYS)
        for channel in range(CHANNELS):
            some = judged[channel]
            bucket = np.searchsorted(_EDGES, maxima[channel, some], side="right")
            np.add.at(self._days[channel], (classes[some], bucket), 1.0)
        self.limits = self._limits()

    def strengths(self, channel: int, classes: Columns, scores: Floats) -> Floats:
        """Minus the decimal logarithm of the chance that a benign hour holds such a score."""
        bucket = np.searchsorted(_EDGES, scores, side="right")
        above = self._days[channel, :, ::-1].cumsum(axis=1)[:, ::-1]
        days = self._days[channel].sum(axis=1)
        found = (_PRIOR_DAYS * _usual_share(scores) + above[classes, bucket]) / (_PRIOR_DAYS + days[classes])
        strengths: Floats = -np.log10(np.clip(found / _HOURS, 1e-12, 1.0))
        return strengths

    @property
    def _prior(self) -> float:
        return _DAYS_BY_BUDGET / self._budget

    def _limits(self) -> Floats:
        limits = np.full((CHANNELS, CLASSES), _score_at(_USUAL, self._budget))
        limits[[SILENCE, DEMAND]] = np.minimum(limits[[SILENCE, DEMAND]], 1.0)
        if self._days[SURGE].sum() < self._prior:
            return limits
        left = 1.0
        for channel in (SILENCE, DEMAND):
            share = self._budget * _SHARES[channel]
            limits[channel] = np.maximum(self._at(channel, share), limits[channel])
            if channel == SILENCE:
                limits[channel] = np.minimum(limits[channel], _MOST_SILENCE)
            left -= min(self._reached(channel, limits[channel]) / self._budget, _SHARES[channel])
        share = self._budget * left
        limits[SURGE] = self._at(SURGE, share)
        for times in _TIMES:
            wider = self._at(SURGE, share, times)
            if self._reached(SURGE, wider) > share:
                break
            limits[SURGE] = wider
        return limits

    def _at(self, channel: int, share: float, times: float = 1.0) -> Floats:
        """By class the score that a share of days reaches, so many times as many where a class has them."""
        days = self._days[channel]
        number = days.sum(axis=1, keepdims=True)
        over = self._over(channel)
        usual = _USUAL if channel == SURGE else _USUAL * _SHARES[channel]
        pooled = (self._prior * usual + over.sum(axis=0)) / (self._prior + number.sum())
        found = (self._prior * pooled + over) / (self._prior + number)
        return np.array([_score_at(one, share * times) for one in found])

    def _reached(self, channel: int, limits: Floats) -> float:
        """The share of all function-days on which a channel reached its limits."""
        over = self._over(channel)
        reached = sum(float(np.interp(limit, _EDGES, one)) for limit, one in zip(limits, over, strict=True))
        return reached / max(float(self._days[SURGE].sum()), 1.0)

    def _over(self, channel: int) -> Floats:
        """By class and edge, how many days reach it, without the certain ones that may be."""
        days = self._days[channel]
        reached: Floats = days[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
        certain = reached[:, np.searchsorted(_EDGES, _CERTAIN), None]
        may_be = _CERTAIN_SHARE * self._budget * days.sum(axis=1, keepdims=True)
        over: Floats = np.maximum(reached - np.minimum(certain, may_be), 0.0)
        return over

    def state(self) -> State:
        """All that is learned."""
        return {"days": self._days.reshape(-1).astype(np.float32)}

    def restore(self, state: State) -> None:
        """Go on from what `state` gave; raises `BundleError` where that is damaged."""
        days: NDArray[Any] = array(state, "days", np.float32, self._days.size)
        if not (np.isfinite(days) & (days >= 0)).all():
            raise BundleError("The state is damaged (days that are no count).")
        self._days = days.reshape(self._days.shape).astype(np.float64)
        self.limits = self._limits()


def _usual_share(scores: Floats) -> Floats:
    """The share of function-days with such a score, where nothing else is known."""
    steps = scores / _NOMINAL_SCORE
    below = _NOMINAL ** np.clip(steps, 0.0, 1.0)
    return below / np.maximum(steps, 1.0)


_USUAL: Floats = _usual_share(_EDGES)


def _score_at(reached: Floats, share: float) -> float:
    """The score that this share of days reaches, of a share for each edge: exponential between two."""
    logs = np.log(np.maximum(reached, 1e-12))
    place = float(np.interp(-np.log(share), -logs, np.log(_EDGES)))
    return float(np.clip(np.exp(place), _LEAST, _MOST))
