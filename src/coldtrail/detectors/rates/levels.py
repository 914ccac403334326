"""From which score on a function is told, by classes of functions, and how rare a score is.

Until enough function-days are known, a fixed limit holds; then as many function-days of a class alarm as the
settings allow. A class is what triggers functions, times how often they run: days of functions alike are days
of one.
"""

from __future__ import annotations

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
_NOMINAL = 0.03
"""Function-days of which a score reaches 1, on 200 half days of Azure functions and a few; a score beyond is
as much rarer as it is larger, since bursts have no scale."""
_PRIOR_DAYS = 300.0
_DAYS_BY_BUDGET = 10.0
_HOURS = 24.0


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

    def _limits(self) -> Floats:
        fixed = self._fixed()
        limits = np.full((CHANNELS, CLASSES), fixed)
        least = _DAYS_BY_BUDGET / self._budget
        left = 1.0
        for channel in (SILENCE, DEMAND, SURGE):
            share = _SHARES[channel] if channel != SURGE else left
            whole = self._days[channel].sum(axis=0)
            if whole.sum() >= least:
                limits[channel] = _quantile(whole, self._budget * share)
            for number, days in enumerate(self._days[channel]):
                if days.sum() >= least:
                    limits[channel, number] = _quantile(days, self._budget * share)
            if channel != SURGE:
                limits[channel] = np.maximum(limits[channel], min(fixed, 1.0))
                left -= min(self._reached(channel, limits[channel]) / self._budget, share)
        return limits

    def _reached(self, channel: int, limits: Floats) -> float:
        """The share of all function-days on which a channel reached its limits."""
        buckets = np.searchsorted(_EDGES, limits, side="right")
        over = [days[bucket:].sum() for days, bucket in zip(self._days[channel], buckets, strict=True)]
        return float(sum(over) / max(self._days[SURGE].sum(), 1.0))

    def _fixed(self) -> float:
        """The limit that the usual share of function-days reaches as often as they may."""
        if self._budget >= _NOMINAL:
            return max(float(np.log(self._budget) / np.log(_NOMINAL)), _FIRST)
        return min(_NOMINAL / self._budget, _MOST)

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
    below = _NOMINAL ** np.clip(scores, 0.0, 1.0)
    return below / np.maximum(scores, 1.0)


def _quantile(days: NDArray[np.float64], share: float) -> float:
    """The least score that no more than this share of days reaches."""
    reached = days[::-1].cumsum()[::-1] / max(days.sum(), 1.0)
    enough = np.flatnonzero(reached <= share)
    bucket = int(enough[0]) if len(enough) else _BUCKETS - 1
    return float(np.clip(_EDGES[max(bucket - 1, 0)], _LEAST, _MOST))
