"""Runs of a world that are attacked."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from benchmarks.worlds.attacks import Attack
from benchmarks.worlds.planting import Target
from benchmarks.worlds.runs import Run, Simulation
from benchmarks.worlds.world import DAY_S, World

MOST_TRIES = 30


def attacked_run(
    world: World, attack: Attack, functions: Sequence[str], start: float, random: Random
) -> Run | None:
    """A run of a day that is attacked in this way; None where no function gives occasion."""
    for _ in range(MOST_TRIES if functions else 0):
        function = world.functions[random.choice(functions)]
        at = start + random.random() * DAY_S
        number = random.getrandbits(40)
        run = Simulation(world, f"attack {number}").run(function, at)
        run.starting, run.trace = None, -number
        if run.failed or not attack(run, Target(world, function), random):
            continue
        run.attack = attack.__name__.replace("_", " ")
        run.place()
        return run
    return None
