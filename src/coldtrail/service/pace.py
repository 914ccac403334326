"""How often something is done that costs time: no more often than its share of the time allows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Clock = Callable[[], float]


class Pace:
    """Measures what each round of a piece of work takes, and says when the next one may begin."""

    def __init__(self, share: float, least_s: float = 0.0, clock: Clock = time.monotonic) -> None:
        """The work takes at most this `share` of the time, and rests for `least_s` at least."""
        self._share, self._least_s, self._clock = share, least_s, clock
        self._may = self._ended = clock()
        self.last_s = 0.0
        """What the last round took."""
        self.total_s = 0.0
        self.rounds = 0

    @property
    def may_begin(self) -> bool:
        """Whether the last round is long enough ago."""
        return self._clock() >= self._may

    @property
    def since_s(self) -> float:
        """How long ago the last round ended, in seconds."""
        return self._clock() - self._ended

    @contextmanager
    def measured(self) -> Iterator[None]:
        """For as long as a round takes."""
        began = self._clock()
        try:
            yield
        finally:
            self._ended = self._clock()
            self.last_s = self._ended - began
            self.total_s += self.last_s
            self.rounds += 1
            self._may = self._ended + max(self._least_s, self.last_s * (1.0 / self._share - 1.0))
