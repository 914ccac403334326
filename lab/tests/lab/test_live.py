"""`coldtrail live`: the whole of it, short; what it comes to is judged by `test_live_summary.py`."""

from __future__ import annotations

from pathlib import Path

import pytest

from coldtrail_lab.live import ATTACKS, FORMS, plans
from coldtrail_lab.live_summary import LEAST_ATTACKS
from coldtrail_testbed.attacks import find_attacks
from tests.cli.command import Run, is_one_sentence


def test_attacks_are_spread_over_the_time() -> None:
    begins = sorted(at for plan in plans(1_000.0) for at in plan.attacks.values())
    assert len(begins) == len(ATTACKS) >= LEAST_ATTACKS
    assert (begins[0], begins[-1] <= 700.0) == (100.0, True)
    assert len(set(begins)) == len(begins)
    every = sorted(at for plan in plans(1_000.0, 60.0) for at in plan.attacks.values())
    assert every[:2] == [60.0, 120.0]


def test_they_are_of_six_kinds_or_functions() -> None:
    places = {
        (attack.places[app].function, attack.name)
        for app in FORMS
        for attack in find_attacks([name for of, name in ATTACKS if of == app], app)
    }
    assert len({function for function, _ in places}) >= LEAST_ATTACKS


def test_a_time_that_is_none_is_told(run: Run, tmp_path: Path) -> None:
    said = run("live", "--seconds", "0", "--output", tmp_path)
    assert said.status == 2
    assert is_one_sentence(said.err)


@pytest.mark.slow
def test_it_runs_and_tells_what_was_made(run: Run, tmp_path: Path) -> None:
    said = run("live", "--seconds", "4", "--output", tmp_path / "out", "--json")
    assert said.status == 1  # no time for six attacks
    assert said.json["sent"]["otlp"] > 0
    assert said.json["refused_signatures"] == 0
    assert said.json["succeeded"] is False
