"""Worlds: a seed gives the same application, its telemetry is read, and its figures add up."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest

from benchmarks.quality.figures import Rate
from benchmarks.worlds.drawing import Drawing
from benchmarks.worlds.outcome import Outcome, recall
from benchmarks.worlds.playing import played
from benchmarks.worlds.product import Product
from benchmarks.worlds.report import report
from benchmarks.worlds.runs import Simulation
from benchmarks.worlds.scenes import SCENES
from benchmarks.worlds.world import DAY_S, START
from benchmarks.worlds.writing import write
from coldtrail.config import Settings
from coldtrail.verbs.reading import read_flows

COMMAND = (sys.executable, "-m", "coldtrail")


def test_a_seed_gives_the_same_world_and_another_seed_another() -> None:
    assert Drawing(7).world() == Drawing(7).world()
    assert Drawing(7).world() != Drawing(8).world()


def test_worlds_are_of_all_sizes() -> None:
    sizes = [len(Drawing(seed).world().functions) for seed in range(100)]
    assert min(sizes) >= 3
    assert max(sizes) <= 60
    assert median(sizes) >= 12


def test_what_is_written_is_what_the_product_reads(tmp_path: Path) -> None:
    world = Drawing(9).world()
    runs = list(Simulation(world, "some").between(START, START + DAY_S / 4))
    truths = write(world, "some", runs, tmp_path / "some.jsonl")
    flows = {
        one.function_flow_id: one for one in read_flows(tmp_path / "some.jsonl", Settings(), "auto").flows
    }
    assert set(flows) == set(truths)
    for run, (flow_id, truth) in zip(runs, truths.items(), strict=True):
        flow = flows[flow_id]
        assert flow.function_name == run.function == truth.function
        assert flow.cold_start == truth.cold
        calls = [step for step in flow.events if step.event_id.rpartition("-")[2].isdigit()]
        assert len(calls) == len(run.calls)


@pytest.mark.slow
def test_five_worlds_are_played_and_told() -> None:
    outcomes = played(range(30, 35), COMMAND, ("benign", "attacked"), 1)
    assert [one.seed for one in outcomes] == [30, 31, 32, 33, 34]
    for one in outcomes:
        assert one.learned >= 3_000
        assert recall(one).whole >= 60
        assert len(one.found) >= 8
        assert all(one.alerted[name].part <= rate.part for name, rate in one.found.items())
        assert sum(rate.part for rate in one.alerted.values()) > 0
        assert sum(rate.part for rate in one.false.values()) <= sum(rate.whole for rate in one.false.values())
    text = report(outcomes)
    assert "found, worst decile of worlds" in text
    assert "alerts a day" in text


def test_a_report_pools_worlds() -> None:
    told = {"swapped": Rate(1, 4)}
    one = Outcome(1, 12, 3_000, found={"swapped": Rate(3, 4)}, alerted=told, seconds={"learn": 1.0})
    two = Outcome(2, 20, 4_000, found={"swapped": Rate(5, 6)}, seconds={"learn": 1.0})
    text = report([one, two])
    assert "8/10" in text
    assert "1/4" in text


def test_scenes_can_be_chosen_by_name() -> None:
    assert {"benign", "attacked", "released", "busier", "lasting"} <= set(SCENES)


def test_a_command_that_fails_says_what_it_was(tmp_path: Path) -> None:
    product = Product(COMMAND)
    with pytest.raises(RuntimeError, match="train"):
        product.train(tmp_path / "none", tmp_path / "bundle")


def test_a_call_that_is_made_again_goes_to_the_same_thing() -> None:
    again = 0
    for seed in range(3):
        world = Drawing(seed).world()
        for run in Simulation(world, "again").between(START, START + 2 * DAY_S):
            for one, two in pairwise(run.calls):
                if one.error and not run.failed:
                    assert (one.letter, one.target) == (two.letter, two.target)
                    again += 1
    assert again > 10
