"""How long calls take: families of latency, drawn once for each call of a world.

Families and their parameters are choices of this benchmark, wide on purpose; none was measured on a provider.
"""

from __future__ import annotations

from random import Random

from msgspec import Struct


class Latency(Struct, frozen=True, tag=True):
    """The seconds that a call takes: log-normal around a median."""

    median: float
    """Seconds."""
    sigma: float
    """Of the logarithm."""

    def draw(self, random: Random) -> float:
        """Seconds of one call."""
        return self.median * random.lognormvariate(0.0, self.sigma)


class Cached(Latency, frozen=True, tag=True):
    """Fast where a cache holds the answer, and else several times as long."""

    hit: float = 0.8
    """The share of calls that a cache answers."""
    times: float = 10.0
    """How much longer the others take."""

    def draw(self, random: Random) -> float:
        """Seconds of one call."""
        seconds = super().draw(random)
        return seconds if random.random() < self.hit else self.times * seconds


class HeavyTailed(Latency, frozen=True, tag=True):
    """Now and then far longer: a Pareto tail."""

    share: float = 0.01
    alpha: float = 1.5

    def draw(self, random: Random) -> float:
        """Seconds of one call."""
        seconds = super().draw(random)
        return seconds * random.paretovariate(self.alpha) * 2.0 if random.random() < self.share else seconds


def of_service(random: Random) -> Latency:
    """The latency of a call to a cloud service."""
    median, sigma = 0.004 * 20.0 ** random.random(), random.uniform(0.2, 0.6)
    family = random.random()
    if family < 0.15:
        return Cached(median, sigma, random.uniform(0.5, 0.95), random.uniform(3.0, 15.0))
    if family < 0.35:
        return HeavyTailed(median, sigma, random.uniform(0.001, 0.01), random.uniform(1.2, 2.5))
    return Latency(median, sigma)


def of_host(random: Random) -> Latency:
    """The latency of a call to a host of somebody else: slower, and with tails."""
    median, sigma = 0.05 * 16.0 ** random.random(), random.uniform(0.3, 0.8)
    if random.random() < 0.5:
        return HeavyTailed(median, sigma, random.uniform(0.002, 0.02), random.uniform(1.2, 2.0))
    return Latency(median, sigma)


def of_own_code(random: Random) -> Latency:
    """The seconds that a function computes itself."""
    return Latency(0.002 * 30.0 ** random.random(), random.uniform(0.2, 0.6))
