"""Attacks: what they plant is told exactly, and no benign run of the function is the same."""

from __future__ import annotations

from copy import deepcopy
from random import Random

import pytest

from benchmarks.worlds.attacks import ATTACKS, Attack, left_out, own_step_more, repeated, swapped
from benchmarks.worlds.drawing import Drawing
from benchmarks.worlds.planting import Target
from benchmarks.worlds.runs import Run, Simulation
from benchmarks.worlds.world import World

SEEDS = range(20, 26)
WORLDS = [Drawing(seed).world() for seed in SEEDS]


def tried(attack: Attack, world: World) -> list[tuple[Run, Run, Target]]:
    """Runs before and after an attack, where it found an occasion."""
    random, out = Random(f"{world.seed} tried"), []
    for number, function in enumerate(world.functions.values()):
        run = Simulation(world, f"run {number}").run(function, world.judged_from)
        before, target = deepcopy(run), Target(world, function)
        if not run.failed and attack(run, target, random):
            run.place()
            out.append((before, run, target))
    return out


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_each_attack_finds_an_occasion_and_shows_somewhere(attack: Attack) -> None:
    found = [one for world in WORLDS for one in tried(attack, world)]
    assert found
    for before, run, _ in found:
        assert run != before
        assert run.whole or run.beside or any(call.planted for call in run.calls) or len(before.calls) == 1


@pytest.mark.parametrize("attack", [swapped, left_out, own_step_more, repeated])
def test_usual_steps_in_another_order_or_number_are_no_benign_run(attack: Attack) -> None:
    for world in WORLDS:
        for _, run, target in tried(attack, world):
            assert target.is_strange(run)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_an_attacked_run_keeps_its_calls_in_order(attack: Attack) -> None:
    for world in WORLDS:
        for _, run, _ in tried(attack, world):
            starts = [call.start for call in run.calls]
            assert starts == sorted(starts)
            assert all(call.end <= run.end for call in run.calls)


def test_an_attack_that_found_no_occasion_left_the_run_as_it_was() -> None:
    world = WORLDS[0]
    function = next(iter(world.functions.values()))
    run = Simulation(world, "one").run(function, world.judged_from)
    run.calls = run.calls[:1]
    before = deepcopy(run)
    assert not swapped(run, Target(world, function), Random(1))
    assert run == before
