"""How functions change over weeks: their levels wander, and releases change them."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from benchmarks.worlds.days.functions import Function

_BACK = 0.3
"""Of a day's departure from the usual level, so much is gone the day after."""
_LARGE = 0.1
"""Of releases, those that change memory and time by half or twice."""


class Life:
    """One function as it is today."""

    def __init__(self, function: Function) -> None:
        self._function = function
        self._release = np.zeros(3)
        self._wander = np.zeros(3)
        self.number = 1

    @property
    def version(self) -> str:
        """Of its code."""
        return str(self.number)

    def next_day(self, random: Generator) -> bool:
        """A day goes by; whether it brings a release."""
        usage = self._function.usage
        days = np.array([usage.memory_days, usage.duration_days, 0.03])
        fresh = np.sqrt(1.0 - (1.0 - _BACK) ** 2)
        self._wander = (1.0 - _BACK) * self._wander + random.normal(0, days * fresh)
        if random.random() >= 1.0 / self._function.days_between_releases:
            return False
        self.number += 1
        step = random.normal(0, (0.06, 0.15, 0.06))
        if random.random() < _LARGE:
            step += random.uniform(0.2, 0.9) * np.array([1.0, 1.0, 0.3])
        self._release = np.clip(self._release + step, -0.7, 0.7)
        return True

    @property
    def memory_mb(self) -> float:
        """That an invocation uses, in the median."""
        return self._function.usage.memory_mb * float(np.exp(self._release[0] + self._wander[0]))

    @property
    def duration_s(self) -> float:
        """That an invocation takes."""
        return self._function.usage.duration_s * float(np.exp(self._release[1] + self._wander[1]))

    @property
    def init_s(self) -> float:
        """That a start takes."""
        return self._function.usage.init_s * float(np.exp(self._release[2] + self._wander[2]))

    @property
    def sent_bytes(self) -> float:
        """That an invocation sends."""
        return self._function.usage.sent_bytes * float(np.exp(self._wander[1]))
