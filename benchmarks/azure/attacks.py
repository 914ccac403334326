"""What is done to counts: more of everything, calls added, or none for a while."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.azure.reading import Counts, Functions


class Attack(NamedTuple):
    """What is done to all functions from a minute on, for so many minutes."""

    name: str
    minutes: int
    change: Callable[[Counts, Counts], Counts]
    """From what is usual a minute of each function and the minutes' counts to what they become."""
    needs_calls: bool = False
    """Whether nothing changes in a function that does not run in these minutes."""
    kind: str = "surge"
    trigger: str | None = None
    """Of the functions that are attacked; None for all."""

    def of(self, some: Functions) -> NDArray[np.bool_]:
        """Which functions are attacked."""
        return np.array([self.trigger in (None, trigger) for trigger in some.triggers])


def times(factor: float) -> Callable[[Counts, Counts], Counts]:
    """So many times as many invocations."""
    return lambda _, counts: counts * factor


def plus(calls_a_minute: float) -> Callable[[Counts, Counts], Counts]:
    """So many more a minute."""
    return lambda _, counts: counts + calls_a_minute


def usual_times(factor: float) -> Callable[[Counts, Counts], Counts]:
    """Added, as many as make so many times the usual rate, by chance, whether the function runs or not."""

    def change(usual: Counts, counts: Counts) -> Counts:
        random = np.random.default_rng(7)
        return counts + random.poisson(usual * (factor - 1.0), counts.shape)

    return change


def none(_: Counts, counts: Counts) -> Counts:
    """No invocations at all."""
    return np.zeros_like(counts)


ATTACKS = (
    Attack("x5 for 30 minutes", 30, times(5.0), needs_calls=True),
    Attack("x20 for 30 minutes", 30, times(20.0), needs_calls=True),
    Attack("x20 of the usual, added", 30, usual_times(20.0)),
    Attack("50 calls in 5 minutes", 5, plus(10.0)),
    Attack("timers silent 30 minutes", 30, none, kind="silence", trigger="timer"),
    Attack("timers silent 120 minutes", 120, none, kind="silence", trigger="timer"),
)
