"""Plays worlds, several at once."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from benchmarks.worlds.mesh.drawing import MeshDrawing
from benchmarks.worlds.mesh.outcome import MeshOutcome
from benchmarks.worlds.mesh.stage import play_mesh
from benchmarks.worlds.outcome import Outcome
from benchmarks.worlds.product import Product
from benchmarks.worlds.scenes import Stage

T = TypeVar("T")
Options = tuple[str, ...]
OWN_COMMAND = (sys.executable, "-m", "coldtrail")


def drawn_seeds(number: int) -> list[int]:
    """Seeds that nobody has looked at."""
    first = 1_000 + int(time.time()) * 1_000 % 1_000_000_000
    return list(range(first, first + number))


def played(
    seeds: Sequence[int],
    command: Sequence[str],
    scenes: Sequence[str],
    jobs: int,
    train_options: Sequence[str] = (),
) -> list[Outcome]:
    """The outcomes of worlds of functions, in the order of their seeds."""
    one = partial(play, command=tuple(command), scenes=tuple(scenes), train_options=tuple(train_options))
    return each(seeds, one, jobs, "world")


def played_meshes(
    seeds: Sequence[int], command: Sequence[str], jobs: int, train_options: Sequence[str] = ()
) -> list[MeshOutcome]:
    """The outcomes of meshes, in the order of their seeds."""
    one = partial(_play_mesh, command=tuple(command), train_options=tuple(train_options))
    return each(seeds, one, jobs, "mesh")


def each(seeds: Sequence[int], play_one: Callable[[int], T], jobs: int, what: str) -> list[T]:
    """What comes of each seed, in their order; those that failed are told."""
    done: dict[int, T] = {}
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        asked = {pool.submit(play_one, seed): seed for seed in seeds}
        for future in as_completed(asked):
            seed = asked[future]
            try:
                done[seed] = future.result()
            except RuntimeError as error:
                print(f"{what} {seed} failed: {error}", file=sys.stderr)
            if sys.stderr.isatty():
                print(f"\r{what} {len(done)} of {len(seeds)}", end="", file=sys.stderr, flush=True)
    return [done[seed] for seed in seeds if seed in done]


def play(seed: int, command: Options, scenes: Options, train_options: Options = ()) -> Outcome:
    """The outcome of a world of functions."""
    with tempfile.TemporaryDirectory(prefix="coldtrail-world-") as folder:
        return Stage(seed, Product(command, train_options), Path(folder), scenes).play()


def _play_mesh(seed: int, command: Options, train_options: Options) -> MeshOutcome:
    with tempfile.TemporaryDirectory(prefix="coldtrail-mesh-") as folder:
        return play_mesh(MeshDrawing(seed).mesh(), Product(command, train_options), Path(folder))
