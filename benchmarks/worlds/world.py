"""A world: an application with its functions, what starts them, and when people use it."""

from __future__ import annotations

from msgspec import Struct

from benchmarks.worlds.grammars import Kind, Node
from benchmarks.worlds.latencies import Latency

START = 1_735_776_000.0
"""Thursday, 2 January 2025, 00:00 UTC: where every history begins."""
DAY_S = 86_400.0


class Failing(Struct, frozen=True):
    """How runs of a function fail."""

    chance: float
    reports: Kind | None = None
    """What a failed run may do last: it tells a queue that functions share."""
    reporting: float = 0.0
    """The share of failed runs that do."""


class Function(Struct, frozen=True):
    """A function of a world."""

    name: str
    trigger: str | None
    caller: str | None
    grammar: Node
    own: Latency
    """Seconds of its own code in all."""
    failing: Failing
    starting: Latency
    """Seconds of a cold start."""
    idle_s: float
    """Seconds without a run after which an instance is gone."""
    version: str | None = None


class Entry(Struct, frozen=True):
    """What starts a function from outside: people so often a day, or a clock every so many seconds."""

    function: str
    a_day: float = 0.0
    every_s: float = 0.0
    opens: float = 0.0
    """The hour of the day from which people come."""
    closes: float = 24.0


class World(Struct, frozen=True):
    """An application, and the telemetry that is kept of it."""

    seed: int
    application: str
    region: str
    functions: dict[str, Function]
    entries: tuple[Entry, ...]
    hours: tuple[float, ...]
    """The weight of each hour of a day, 1 on average."""
    weekend: float
    """How busy a day of the weekend is beside another."""
    days: int
    """Of the history."""
    sampled: float = 1.0
    """The share of traces that is recorded."""
    lost: float = 0.0
    """The share of calls that the records lack."""

    @property
    def judged_from(self) -> float:
        """Epoch seconds at which the history ends."""
        return START + self.days * DAY_S
