"""How many alerts a day a budget makes of a history, each flow judged by what was learned of the others.

A team thinks in alerts a day. What a budget of flows makes of them depends on the application: how many run,
how many of the alarms are of one cause, and how many wait for a second signal (`alerts/waiting.py`). So
alerts are counted in the history: a function's alarms of one kind of evidence on one day are one, and slow
calls count only where they last. Flows that are held out are what new ones will be, as far as days are alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from coldtrail.alerts.correlation import at_one_time
from coldtrail.alerts.waiting import lasts
from coldtrail.config import DetectionSettings
from coldtrail.detectors.channel import Channel
from coldtrail.errors import ConfigError
from coldtrail.features.batch import Bools, Encoded, Floats
from coldtrail.verdicts.calibration import Calibration

DAY_S = 86_400.0
LEAST_ALERTS = 3.0
"""Of a history that is to support a rate: as many false alarms as any other budget takes."""
MOST = 0.1
"""A larger share of flows would not be alarms."""
NEARLY = 2.0
"""Times the alerts that were asked for, or as few of them: a budget so near to them is what was asked for."""
_TRIED = 14
"""Budgets that are tried, from the least that a history can hold to the largest."""


class HeldOut(NamedTuple):
    """Flows with their scores by detectors that have not seen them."""

    channels: Sequence[Channel]
    flows: Encoded
    scores: Floats
    """(flow, channel)"""
    of_time: Bools
    """(channel,) whether it tells how long something took."""
    ready_flows: int
    """Of a function, from which it is judged."""

    @property
    def days(self) -> float:
        """From the first flow to the last."""
        return float(np.ptp(self.flows.start)) / DAY_S if len(self.flows) else 0.0

    def alerts_a_day(self, calibration: Calibration) -> float | None:
        """How many alerts a day a calibration makes of the flows; None where they all start at once."""
        return sum(1 for _ in self._alerts(calibration)) / self.days if self.days > 0.0 else None

    def _alerts(self, calibration: Calibration) -> Iterator[tuple[int, ...]]:
        """(function, day, channel) of each alert, and those of slow calls that last."""
        bans = calibration.bans(self.flows, self.scores, itself=self.flows.weight)
        learned = np.bincount(self.flows.function, self.flows.weight)
        judged = learned[self.flows.function] >= self.ready_flows
        rows = np.flatnonzero(judged & (bans.max(axis=1) > calibration.threshold_))
        over = bans[rows] > calibration.threshold_
        waits = ~(over & ~self.of_time).any(axis=1)
        function, start = self.flows.function[rows], self.flows.start[rows]
        day = ((start - self.flows.start.min()) // DAY_S).astype(np.int64)
        led = np.column_stack([function, day, bans[rows].argmax(axis=1)])
        yield from {tuple(one) for one in led[~waits].tolist()}
        slow: dict[int, list[float]] = defaultdict(list)
        for whose, when in zip(function[waits].tolist(), start[waits].tolist(), strict=True):
            slow[whose].append(when)
        for whose, times in slow.items():
            pace = float(learned[whose]) / (24.0 * self.days)
            together = at_one_time(times, lambda when: (when, when))
            yield from ((whose, at) for at, time in enumerate(together) if lasts(time, pace))


def share_for(held_out: HeldOut, detection: DetectionSettings) -> float:
    """The share of flows that makes as many alerts a day as are asked for.

    Raises `ConfigError` where the history cannot support that, or where too many of its flows would alarm.
    """
    asked = detection.alerts_a_day
    shares = np.geomspace(min(3.0 / max(len(held_out.flows), 1), MOST), MOST, _TRIED)
    before: tuple[float, float] | None = None
    for share in shares.tolist():
        calibration = Calibration(held_out.channels).fit(held_out.flows, held_out.scores, share)
        rate = held_out.alerts_a_day(calibration) or 0.0
        if rate >= asked:
            return _between(before, (share, rate), asked, detection)
        before = share, rate
    if before is not None and NEARLY * before[1] >= asked:
        return before[0]
    raise ConfigError(
        f"{asked:g}/day is more than a budget of {MOST:g} of the flows makes of this history, "
        f"{before[1] if before else 0.0:.2g}/day; ask for fewer, or for a --budget of flows."
    )


def _between(
    before: tuple[float, float] | None, after: tuple[float, float], asked: float, detection: DetectionSettings
) -> float:
    """The share between two that were tried."""
    if before is None:
        if after[1] > NEARLY * asked and detection.hold_budget:
            raise ConfigError(
                f"The least budget that this history supports makes {after[1]:.2g} alerts a day of it; "
                f"ask for that many, or give more telemetry."
            )
        return after[0]
    if before[1] <= 0.0:
        return after[0]
    part = np.log(asked / before[1]) / max(np.log(after[1] / before[1]), 1e-9)
    return float(before[0] * (after[0] / before[0]) ** part)
