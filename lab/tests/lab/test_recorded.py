"""What is said of a recorded run: on the screen, and as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from coldtrail.cli.screen import output
from coldtrail_lab.recorded import plain_summary, print_summary

if TYPE_CHECKING:
    from coldtrail_testbed.recorder import RunSummary


@pytest.fixture
def summary() -> RunSummary:
    recorder = pytest.importorskip("coldtrail_testbed.recorder")
    return recorder.RunSummary(
        application="airline",
        iterations=1200,
        seed=3,
        traces=2500,
        flows=9000,
        events=54_321,
        functions={"ReserveBooking": 5000, "GetLoyalty": 4000},
        attacks={"mining": 7, "stolen_credentials": 0},
        seconds=12.345678,
        output=Path("[bold]run"),
        attack_calls={"stolen_credentials": 11},
        first_time=1_767_250_800.0,
        last_time=1_767_258_000.0,
    )


def test_json_holds_every_count_and_can_be_written(summary: RunSummary) -> None:
    told = plain_summary(summary)
    assert json.loads(json.dumps(told)) == told
    assert (told["functions"], told["attacks"]) == (summary.functions, summary.attacks)
    assert told["attack_calls"] == {"stolen_credentials": 11}
    assert (told["virtual_seconds"], told["seconds"]) == (7200.0, 12.346)
    assert (told["output"], told["interrupted"]) == ("[bold]run", False)


def test_the_screen_shows_one_sentence_the_counts_that_there_are_and_the_folder(
    summary: RunSummary, capsys: pytest.CaptureFixture[str]
) -> None:
    print_summary(output(), summary)
    lines = capsys.readouterr().out.splitlines()
    sentence = " ".join(lines[:2])
    assert sentence.startswith("Recorded 1,200 visits in 12.3 s, 2.0 hours of virtual time: 2,500 traces, ")
    assert "9,000 function flows of 2 functions, 54,321 events." in sentence
    counts = [line.split() for line in lines]
    for row in (["ReserveBooking", "5,000"], ["mining", "7"], ["stolen_credentials", "11"]):
        assert row in counts
    assert not any("look-alike" in line or "lines" in line for line in lines)
    assert lines[-1] == "Run: [bold]run"


def test_an_interrupted_run_is_called_so(summary: RunSummary, capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(output(), replace(summary, interrupted=True, iterations=2))
    assert capsys.readouterr().out.startswith("Recorded 2 visits (interrupted) in ")
