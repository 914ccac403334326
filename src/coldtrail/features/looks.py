"""What steps, triggers and callers look like, so that new ones can be compared with each other.

A step's look is the traits of its name (of its resource, where it has one), and what is done there: the
service, the operation, and the step that holds it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from coldtrail.features.names.foreign import Rows
from coldtrail.features.names.traits import NAME_TRAITS, number_of, traits_of

TRAITS = NAME_TRAITS + 4
"""The service, the operation, the step that holds it, and the action before it, after those of the name."""
Look = Callable[[NDArray[np.int64]], Rows]
"""The looks of what stands in some rows."""


class Looks:
    """The looks of a vocabulary's words, worked out when asked for."""

    def __init__(
        self,
        steps: Sequence[tuple[str, str, str | None, str | None, int]],
        triggers: Sequence[str],
        callers: Sequence[str],
    ) -> None:
        self._steps, self._triggers, self._callers = steps, triggers, callers

    def steps(self, numbers: NDArray[np.int64]) -> Rows:
        """(row, trait) the looks of steps by their numbers; of one never met, none."""
        return _of_each(numbers, lambda number: look_of_step(*self._steps[number - 1][:4]))

    def triggers(self, numbers: NDArray[np.int64]) -> Rows:
        """(row, trait) the looks of triggers."""
        return _of_each(numbers, lambda number: look_of_origin(self._triggers[number - 1]))

    def callers(self, numbers: NDArray[np.int64]) -> Rows:
        """(row, trait) the looks of callers."""
        return _of_each(numbers, lambda number: look_of_origin(self._callers[number - 1]))


def look_of_step(name: str, kind: str, parent: str | None, target: str | None) -> tuple[int, ...]:
    """The look of a step, but for what comes before it."""
    done = number_of(kind), number_of("" if target is None else name), number_of(parent or "")
    return *traits_of(name if target is None else target), *done, 0


def look_of_origin(name: str) -> tuple[int, ...]:
    """The look of a trigger (its kind, then its name) or of a caller."""
    kind, _, rest = name.partition(" ")
    return *traits_of(rest or kind), number_of(kind if rest else ""), 0, 0, 0


def _of_each(numbers: NDArray[np.int64], look: Callable[[int], tuple[int, ...]]) -> Rows:
    out = np.zeros((len(numbers), TRAITS), np.uint16)
    for row, number in enumerate(numbers.tolist()):
        if number > 0:
            out[row] = look(number)
    return out
