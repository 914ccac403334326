"""Plays worlds, several at once."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from benchmarks.worlds.outcome import Outcome
from benchmarks.worlds.product import Product
from benchmarks.worlds.scenes import Stage


def played(seeds: Sequence[int], command: Sequence[str], scenes: Sequence[str], jobs: int) -> list[Outcome]:
    """The outcomes of the worlds, in the order of their seeds; worlds that failed are told."""
    done: dict[int, Outcome] = {}
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        asked = {pool.submit(play, seed, tuple(command), tuple(scenes)): seed for seed in seeds}
        for future in as_completed(asked):
            seed = asked[future]
            try:
                done[seed] = future.result()
            except RuntimeError as error:
                print(f"world {seed} failed: {error}", file=sys.stderr)
            if sys.stderr.isatty():
                print(f"\r{len(done)} of {len(seeds)} worlds", end="", file=sys.stderr, flush=True)
    return [done[seed] for seed in seeds if seed in done]


def play(seed: int, command: tuple[str, ...], scenes: tuple[str, ...]) -> Outcome:
    """The outcome of a world."""
    with tempfile.TemporaryDirectory(prefix="coldtrail-world-") as folder:
        return Stage(seed, Product(command), Path(folder), scenes).play()
