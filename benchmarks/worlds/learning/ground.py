"""Where what was learned is tried: histories and days of a world, as files, and the product."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from heapq import merge
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.worlds.attacking import attacked_run
from benchmarks.worlds.attacks import ATTACKS
from benchmarks.worlds.product import Product, Told
from benchmarks.worlds.runs import Run, Simulation
from benchmarks.worlds.world import DAY_S, START, World
from benchmarks.worlds.writing import Truth, write

KINDS, OF_A_KIND = 12, 6
"""Kinds of attacks of a day, and of each."""


class Ground:
    """A folder in which histories are learned and days are judged."""

    def __init__(self, product: Product, folder: Path) -> None:
        self.product, self.folder = product, folder

    def learn(self, world: World, runs: Iterable[Run], name: str, *options: str) -> dict[str, Any]:
        """Learns a history into a bundle of this name; what training tells."""
        path = self.folder / "history.jsonl"
        write(world, "h", runs, path)
        return self.product.train(path, self.folder / name, *options)

    def update(self, world: World, runs: Iterable[Run], name: str, bundle: str) -> None:
        """Learns more into a bundle."""
        path = self.folder / "more.jsonl"
        write(world, name, runs, path)
        self.product.update(self.folder / bundle, path, self.folder / bundle)

    def written(self, world: World, runs: Iterable[Run], name: str) -> tuple[Path, dict[str, Truth]]:
        """Runs to be judged, as a file; and what is true of them."""
        path = self.folder / f"{name}.jsonl"
        return path, write(world, name, runs, path)

    def judged(self, path: Path, bundle: str) -> Told:
        """What is told of them by what was learned."""
        return self.product.score(self.folder / bundle, path)


def history_of(world: World) -> list[Run]:
    """All runs of the history."""
    return list(Simulation(world, "history").between(START, world.judged_from))


def learned_of(runs: Iterable[Run]) -> Counter[str]:
    """How many runs of each function there are."""
    return Counter(run.function for run in runs)


def attacked_day(world: World, functions: Sequence[str], random: Random) -> list[Run]:
    """The first day after the history, with attacks on single runs of some functions."""
    start = world.judged_from
    some = random.sample(ATTACKS, KINDS)
    planted = [
        attacked_run(world, attack, functions, start, random) for attack in some for _ in range(OF_A_KIND)
    ]
    attacked = sorted((run for run in planted if run is not None), key=lambda run: run.start)
    benign = Simulation(world, "attacked").between(start, start + DAY_S)
    return list(merge(benign, attacked, key=lambda run: run.start))
