"""What is counted of what was told, and how it is shown."""

from __future__ import annotations

from typing import Any

from benchmarks.quality.figures import Rate
from benchmarks.worlds.budget import Budget
from benchmarks.worlds.learning.outcome import (
    FALSE,
    FOUND,
    OF_THIN,
    Learned,
    Row,
    alarms_in,
    count_agreement,
    count_flows,
    found_in,
)
from benchmarks.worlds.learning.report import learning_report
from benchmarks.worlds.product import Told
from benchmarks.worlds.writing import Truth


def truth(function: str, attack: str | None = None) -> Truth:
    return Truth(function, 0.0, attack, (), False, False)


def told(**verdicts: str) -> Told:
    all_of_them: dict[str, dict[str, Any]] = {flow: {"verdict": one} for flow, one in verdicts.items()}
    return Told(all_of_them, [], [])


TRUTHS = {
    "a": truth("busy", "new host"),
    "b": truth("busy", "new host"),
    "c": truth("few", "new host"),
    "d": truth("hardly", "new host"),
    "e": truth("busy"),
    "f": truth("busy"),
    "g": truth("few"),
}
TOLD = told(a="anomalous", b="normal", c="not_ready", d="not_ready", e="anomalous", f="normal", g="not_ready")


def test_attacks_are_counted_by_how_much_of_their_function_was_learned() -> None:
    row: Row = {}
    count_flows(row, TRUTHS, TOLD, {"busy": 50, "few": 20, "hardly": 19})
    assert row == {FOUND: Rate(1, 2), OF_THIN: Rate(0, 1), FALSE: Rate(1, 2)}


def test_found_are_attacks_and_false_alarms_are_not() -> None:
    assert found_in(TRUTHS, TOLD) == {"a"}
    assert alarms_in(TRUTHS, TOLD) == {"e"}


def test_agreement_is_the_share_of_either_that_is_in_both() -> None:
    row: Row = {}
    count_agreement(row, "both", {"a", "b"}, {"b", "c"}, {"a", "b", "c"})
    assert row == {"both": Rate(1, 3)}


def test_a_report_pools_worlds_and_names_bars() -> None:
    outcomes = [
        Learned(seed, {"Sizes": {"1,000 flows": {FOUND: Rate(3, 4)}}}, {"sizes": 1.0}) for seed in (1, 2)
    ]
    text = learning_report(outcomes, Budget(share=0.003))
    assert "6/8" in text
    assert ">= .95" in text
    assert "asked: .0030" in text
