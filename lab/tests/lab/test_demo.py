"""`coldtrail demo`: the main line from end to end, made short."""

from __future__ import annotations

from pathlib import Path

import pytest

from coldtrail.learning.evaluate import Judged, JudgedReason, Label, evaluate_verdicts
from coldtrail.records.case import Case, CaseMember
from coldtrail.records.finding import Subject
from coldtrail_lab.demo import ATTACKS, all_found, clear, joined
from tests.cli.command import Run, is_one_sentence


@pytest.mark.slow
def test_the_demo_finds_every_kind_of_attack_and_says_so(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    said = run("demo", "--output", folder, "--quiet-visits", "4", "--visits", "45", "--json")
    assert said.status == 0, said.out + said.err
    for attack in ATTACKS:
        assert f"Attack {attack}" in said.err
    assert "False alarms" in said.err
    assert "One case joins" in said.err
    assert any(len(case["members"]) > 1 for case in said.json["cases"])
    assert said.json["all_found"]
    assert set(said.json["evaluation"]["attacks"]) == set(ATTACKS)
    made = {"attacked", "bundle", "bundle.key", "coldtrail.toml", "quiet", "report.html", "verdicts.jsonl"}
    assert {path.name for path in folder.iterdir()} == made
    again = run("demo", "--output", folder / "quiet")
    assert again.status == 2  # that folder holds a run, not a demo


def test_a_demo_without_visits_is_wrong_use(run: Run, tmp_path: Path) -> None:
    said = run("demo", "--output", tmp_path / "demo", "--visits", "0")
    assert said.status == 2
    assert is_one_sentence(said.err)
    assert not (tmp_path / "demo").exists()


def test_a_folder_with_anything_else_in_it_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    said = run("demo", "--output", tmp_path)
    assert said.status == 2
    assert is_one_sentence(said.err)
    assert "thesis.txt" in said.err
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_what_a_killed_demo_left_is_no_hindrance(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    (folder / ".attacked.partial").mkdir(parents=True)
    (folder / "quiet").mkdir()
    clear(folder)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(("found", "status"), [(("leak", "swap"), True), (("leak",), False), ((), False)])
def test_success_means_that_every_kind_made_was_found(found: tuple[str, ...], status: bool) -> None:
    labels = {attack: Label(attack, attack, ("e",)) for attack in ("leak", "swap")}
    verdicts = [
        Judged(name, "F", "anomalous" if name in found else "normal", 1.0, (JudgedReason("e"),))
        for name in labels
    ]
    assert all_found(evaluate_verdicts(verdicts, labels)) is status
    assert not all_found(evaluate_verdicts(verdicts, {}))  # nothing was attacked, so nothing was shown


def test_one_case_has_to_join_two_witnesses() -> None:
    def case(*detectors: str) -> Case:
        members = tuple(
            CaseMember(None, name, "k", Subject("function"), "t", 0.1, 1.0, 1.0, 1, ()) for name in detectors
        )
        return Case(
            "c", "t", Subject("function"), "open", "high", 1.0, members, (), (), (), (), 1.0, 1.0, 1.0, ()
        )

    both = case("credentials", "sequence")
    assert joined([case("sequence"), case("credentials", "drift"), both]) is both
    assert joined([case("sequence")]) is None
