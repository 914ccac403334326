"""What is found by the size of the history, of nine functions; and of functions that ran little."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from random import Random

from benchmarks.worlds.drawing import Drawing, scaled
from benchmarks.worlds.learning.ground import Ground, attacked_day, history_of, learned_of
from benchmarks.worlds.learning.outcome import Learned, count_flows
from benchmarks.worlds.runs import Run
from benchmarks.worlds.scenes import READY, THIN
from benchmarks.worlds.world import World

FUNCTIONS = 9
SIZES = (300, 1_000, 3_000, 10_000)
"""Flows of a history: the last of the longest one."""
THINNED = 3
"""How many functions are left with 20 to 49 runs, in a history of 3,000 flows."""


def by_size(outcome: Learned, ground: Ground) -> None:
    """Learns histories of each size, and judges the same attacks."""
    world = nine_functions(outcome.seed)
    runs, random = history_of(world), Random(f"{outcome.seed} sizes")
    learned = learned_of(runs)
    often = [name for name in world.functions if learned[name] >= READY]
    path, truths = ground.written(world, attacked_day(world, often, random), "day")
    for size in (one for one in SIZES if one <= len(runs)):
        row = outcome.row("Sizes of the history", f"{size:,} flows")
        some = runs[-size:]
        ground.learn(world, some, "bundle")
        count_flows(row, truths, ground.judged(path, "bundle"), learned_of(some))


def of_thin(outcome: Learned, ground: Ground) -> None:
    """Learns a history in which some functions ran 20 to 49 times, and judges attacks on these."""
    world = nine_functions(outcome.seed)
    runs, random = history_of(world)[-3_000:], Random(f"{outcome.seed} thin")
    learned = learned_of(runs)
    often = [name for name in world.functions if learned[name] >= READY]
    few = random.sample(often, min(THINNED, len(often)))
    some = list(thinned(runs, few, random))
    ground.learn(world, some, "bundle")
    path, truths = ground.written(world, attacked_day(world, few, random), "day")
    row = outcome.row(
        "Sizes of the history", f"3,000 flows, {THINNED} functions left with {THIN} to {READY - 1}"
    )
    count_flows(row, truths, ground.judged(path, "bundle"), learned_of(some))


def nine_functions(seed: int) -> World:
    """The world of the seed with nine functions, and a history of somewhat more than the largest size."""
    world = Drawing(seed).world(FUNCTIONS)
    return scaled(world, 1.5 * SIZES[-1] / world.days / world.sampled)


def thinned(runs: Iterable[Run], functions: Collection[str], random: Random) -> Iterable[Run]:
    """The runs without all but the last 20 to 49 of some functions."""
    runs = list(runs)
    left = {name: random.randrange(THIN, READY) for name in functions}
    kept = []
    for run in reversed(runs):
        if run.function in left:
            if left[run.function] == 0:
                continue
            left[run.function] -= 1
        kept.append(run)
    return reversed(kept)
