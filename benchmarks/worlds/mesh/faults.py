"""Faults: what goes wrong in a mesh for two minutes at a time."""

from __future__ import annotations

from random import Random

from msgspec import Struct, field

from benchmarks.worlds.grammars import Kind, Step


class Fault(Struct, frozen=True):
    """What is wrong with some endpoints for some time; times are epoch seconds."""

    kind: str
    start: float
    end: float
    endpoints: frozenset[str]
    letters: frozenset[str] = frozenset()
    """Of the calls that are slow, or lost."""
    times: float = 1.0
    """How many times as long the calls take."""
    lost: float = 0.0
    """The share of runs that do not make the calls."""
    failing: float = 0.0
    """The share of runs that fail."""
    more: dict[str, float] = field(default_factory=dict)
    """Seconds that the own code of each endpoint takes more."""

    def strikes(self, endpoint: str, at: float) -> bool:
        """Whether a run that starts then may be changed."""
        return self.start <= at < self.end and endpoint in self.endpoints

    def slows(self, kind: Kind) -> bool:
        """Whether a call takes longer."""
        return self.times != 1.0 and kind.letter in self.letters

    def left(self, steps: list[Step], random: Random) -> list[Step]:
        """The steps of a run that are still made."""
        if random.random() >= self.lost:
            return steps
        return [step for step in steps if step.kind.letter not in self.letters]

    def breaks(self, random: Random) -> bool:
        """Whether a run fails."""
        return random.random() < self.failing
