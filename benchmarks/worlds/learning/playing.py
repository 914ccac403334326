"""Plays a world: each part in a folder of its own."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.worlds.learning.going_on import by_halves, by_updates
from benchmarks.worlds.learning.ground import Ground
from benchmarks.worlds.learning.growth import by_growth
from benchmarks.worlds.learning.outcome import Learned
from benchmarks.worlds.learning.poison import by_poison
from benchmarks.worlds.learning.sizes import by_size, of_thin
from benchmarks.worlds.product import Product

PARTS = {
    "sizes": by_size,
    "thin": of_thin,
    "growth": by_growth,
    "poison": by_poison,
    "halves": by_halves,
    "updates": by_updates,
}
"""All parts; one line to add."""


def play(
    seed: int, command: tuple[str, ...], train_options: tuple[str, ...], parts: tuple[str, ...]
) -> Learned:
    """The outcome of a world."""
    outcome = Learned(seed)
    for name in parts:
        start = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="coldtrail-learning-") as folder:
            PARTS[name](outcome, Ground(Product(command, train_options), Path(folder)))
        outcome.seconds[name] = time.perf_counter() - start
    return outcome
