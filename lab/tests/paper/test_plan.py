"""The plan: the paper's sizes, seeds that differ, functions that exist and are attacked."""

from __future__ import annotations

from coldtrail_paper.plan import FUNCTIONS, HELD_OUT, plan
from coldtrail_paper.published import published
from coldtrail_testbed.applications import APPLICATIONS
from coldtrail_testbed.attacks import ATTACKS, PAPER


def test_the_whole_plan_has_the_paper_s_sizes() -> None:
    assert {run.application: run.visits for run in plan().runs} == dict(published().visits)
    assert all(run.visits < 200 for run in plan(quick=True).runs)


def test_every_run_has_its_own_seed_and_name() -> None:
    runs = [*plan(seed=1).runs, *plan(seed=2).runs]
    assert len({run.seed for run in runs}) == len(runs) == 8
    assert [run.name for run in plan().runs] == ["airline-train", "airline-test", "vod-train", "vod-test"]
    assert [run.attacks for run in plan().runs] == ["none", "paper", "none", "paper"]


def test_as_many_functions_are_judged_as_in_the_paper_and_the_application_has_them() -> None:
    assert {app: len(names) for app, names in FUNCTIONS.items()} == dict(published().functions)
    for app, names in FUNCTIONS.items():
        assert set(names) <= {function.name for function in APPLICATIONS[app].functions}
    assert HELD_OUT[1] in FUNCTIONS[HELD_OUT[0]]


def test_every_attack_of_the_paper_strikes_a_function_that_is_judged() -> None:
    for name in PAPER:
        for app, place in ATTACKS[name].places.items():
            assert place.function in FUNCTIONS[app]
