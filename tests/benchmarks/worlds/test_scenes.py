"""Scenes: what happens at night of a function that keeps office hours."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from msgspec.structs import replace

from benchmarks.worlds import changes
from benchmarks.worlds.drawing import Drawing
from benchmarks.worlds.product import Product
from benchmarks.worlds.runs import Simulation
from benchmarks.worlds.scenes import BURST_RUNS, READY, Stage
from benchmarks.worlds.world import DAY_S, START, Entry, World

SEEDS = range(20, 26)


def of_people(world: World) -> Entry:
    """The entry that people use most."""
    return max(world.entries, key=lambda one: one.a_day)


def hour(at: float) -> float:
    return at % DAY_S / 3_600.0


@pytest.mark.parametrize("seed", SEEDS)
def test_office_hours_move_runs_and_lose_none(seed: int) -> None:
    world = Drawing(seed).world()
    entry = of_people(world)
    changed = changes.with_office_hours(world, entry.function, Random(seed))
    now = next(one for one in changed.entries if one.function == entry.function)
    assert [one for one in changed.entries if one != now] == [one for one in world.entries if one != entry]
    runs = Simulation(changed, "office").between(START, START + 4 * DAY_S)
    hours = [hour(run.start) for run in runs if run.function == now.function and run.caller is not None]
    assert hours
    assert all(now.opens <= one <= now.closes + 0.1 for one in hours)
    assert now.a_day * (now.closes - now.opens) == pytest.approx(24.0 * entry.a_day)


def test_a_burst_comes_three_hours_away_from_office_hours() -> None:
    for number in range(200):
        entry = Entry("one", 1.0, opens=8.0, closes=17.0)
        assert not 5.0 < changes.off_hours(entry, Random(number)) < 20.0


def test_a_burst_is_of_ordinary_runs_within_minutes(tmp_path: Path) -> None:
    stage = Stage(21, Product(("none",)), tmp_path, [])
    function = of_people(stage.world).function
    burst = stage._burst(stage.world, function, START)
    assert BURST_RUNS[0] <= len(burst) <= BURST_RUNS[1]
    assert {run.function for run in burst} == {function}
    assert all(START <= run.start < START + 300.0 for run in burst)
    assert not any(call.planted for run in burst for call in run.calls)


def test_no_burst_is_asked_for_of_a_function_with_too_little_history_to_be_judged(tmp_path: Path) -> None:
    """The product, which is none here, is not asked."""
    stage = Stage(21, Product(("none",)), tmp_path, [])
    entries = tuple(replace(one, a_day=0.5 if one.a_day else 0.0) for one in stage.world.entries)
    stage.world = replace(stage.world, entries=entries)
    stage.learned.update(dict.fromkeys(stage.world.functions, READY))
    stage.off_hours()
    assert not stage.outcome.shifts


def test_a_step_that_lasts_slower_is_one_that_nearly_each_run_makes() -> None:
    for world in (Drawing(seed).world() for seed in SEEDS):
        for function in world.functions.values():
            letters = changes.usual_letters(world, function)
            runs = [Simulation(world, f"some {at}").run(function, world.judged_from) for at in range(60)]
            for letter in letters if len(letters) > 1 else ():
                made = sum(any(call.letter == letter for call in run.calls) for run in runs)
                assert made > 0.7 * len(runs)
