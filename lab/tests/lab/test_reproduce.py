"""`coldtrail reproduce`: the whole experiment made tiny, and what it says when it cannot run."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from coldtrail.cli import screen
from coldtrail.verbs.reading import Progress
from coldtrail_lab import reproduce as verb
from coldtrail_paper import network, plan
from coldtrail_paper.network import Setup, Trained, changed
from lab.tests.paper.small_runs import SMALL, StandIn, write_runs
from tests.cli.command import Run, is_one_sentence


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """The experiment with a few visits, one window length, few cells and one epoch."""
    whole, setups = plan.plan, network.setups

    def few(**given: Any) -> plan.Plan:
        return whole(**given, visits={"airline": 5, "vod": 6})

    def short(seed: int) -> dict[str, Setup]:
        small = {"epochs": 1, "windows": [10], "units": [8, 4]}
        return {name: Setup(changed(one.recipe, small), seed) for name, one in setups(seed).items()}

    monkeypatch.setattr(plan, "plan", few)
    monkeypatch.setattr(network, "setups", short)


@pytest.mark.slow
@pytest.mark.usefixtures("tiny")
def test_the_experiment_runs_from_nothing_and_again_from_its_results(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "r"
    said = run("reproduce", "--quick", "--output", folder, "--json")
    assert said.status == 0, said.out + said.err
    assert [table["number"] for table in said.json["tables"]][:6] == [2, 3, 4, 5, 6, 7]
    assert "Recording 5 visits of airline for train." in said.err
    names = {path.name for path in folder.iterdir()}
    assert {"report.html", "report.md", "runs", "stages", "figure-4-window-10.svg"} <= names
    made = {path: path.stat().st_mtime_ns for path in (folder / "stages").iterdir()}
    assert len(made) == 4

    again = run("reproduce", "--quick", "--output", folder)
    assert again.status == 0, again.out + again.err
    assert "Recording" not in again.out
    assert {path: path.stat().st_mtime_ns for path in made} == made
    assert f"Report: {folder / 'report.html'}" in again.out


def test_given_runs_are_used_whatever_their_size(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "Trained", StandIn)
    runs = write_runs(tmp_path / "runs", SMALL)
    told: list[str] = []

    @contextmanager
    def hearing() -> Iterator[Progress]:
        yield lambda stage, done, total: told.append(stage)

    monkeypatch.setattr(screen, "progress", hearing)
    said = run("reproduce", "--runs", runs, "--output", tmp_path / "r")
    assert said.status == 0, said.err
    assert "epoch 1 of 1" in told
    assert "The paper found 100.0 % of the attacked runs" in said.out
    assert (tmp_path / "r" / "report.html").exists()
    assert network.Trained is not Trained


@pytest.mark.parametrize("library", ["keras", "jax"])
def test_without_the_networks_library_it_says_what_installs_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(verb, "find_spec", lambda name: None if name == library else find(name))
    said = run("reproduce", "--quick", "--output", tmp_path / "r")
    assert said.status == 2
    assert is_one_sentence(said.err)
    assert 'pip install "coldtrail[deep]"' in said.err
    assert not (tmp_path / "r").exists()


def test_an_output_that_is_a_file_is_wrong_use(run: Run, tmp_path: Path) -> None:
    (tmp_path / "r").write_text("")
    said = run("reproduce", "--quick", "--output", tmp_path / "r")
    assert said.status == 2
    assert is_one_sentence(said.err)


def test_a_folder_with_runs_of_another_size_is_wrong_use(run: Run, tmp_path: Path) -> None:
    write_runs(tmp_path / "r" / "runs", SMALL)
    said = run("reproduce", "--output", tmp_path / "r")
    assert said.status == 2
    assert is_one_sentence(said.err)
    assert "12 visits" in said.err


def test_an_interrupted_recording_leaves_nothing_to_reuse(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted:
        interrupted = True

    def record_run(app: str, visits: int, seed: int, attacks: list[str], folder: Path) -> Interrupted:
        folder.mkdir(parents=True)
        (folder / "run.json").write_text("{}")
        return Interrupted()

    monkeypatch.setattr(verb, "record_run", record_run)
    said = run("reproduce", "--quick", "--output", tmp_path / "r")
    assert said.status == 130
    assert list((tmp_path / "r" / "runs").iterdir()) == []
