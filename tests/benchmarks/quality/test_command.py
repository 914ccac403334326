"""The command on small made-up runs, and the rows of its tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.quality.__main__ import main
from benchmarks.quality.figures import Rate
from benchmarks.quality.judging import Alarm, Outcome
from benchmarks.quality.measures.look_alikes import During, LookAlikes
from benchmarks.quality.measures.paper import Paper
from benchmarks.quality.measures.release import After, Release
from benchmarks.quality.measures.unpublished import Unpublished
from benchmarks.quality.report import report
from benchmarks.quality.reports.bars import bars, realised, tally
from benchmarks.quality.reports.releases import releases
from benchmarks.quality.reports.rows import BarRow
from tests.benchmarks.quality.small_runs import SEEDS, VISITS

ALARM = Alarm("Pay", True, "duration: Initialization", 3.1, 2.5, "f1")


def made(found: int = 99, false: int = 3, attack: str = "longer_run") -> Outcome:
    rates = Rate(found, 100), Rate(false, 1000), Rate(0, 50), Rate(found, found)
    return Outcome(*rates, 2, {attack: Rate(found, 100)}, 0.9, Rate(1, 4), (ALARM,) * false, (ALARM,))


def paper(**changes: object) -> Paper:
    figures = {"usual": made(), "strict": made(96, 1), "seen_set": (Rate(98, 100), Rate(6, 1000))}
    figures |= {"refusal": "it takes 30,000 flows", "refused": True, **changes}
    return Paper(3000, 1000, **figures)  # type: ignore[arg-type]


def named(rows: list[BarRow], start: str) -> BarRow:
    return next(row for row in rows if row.what.startswith(start))


def test_bars_pass_where_they_are_met() -> None:
    rows = bars([paper()], [Unpublished(made(100, attack="lookalike_bucket"), None)], [])
    judged = [row for row in rows if row.result in ("pass", "short")]
    assert [row.what for row in judged if row.result == "short"] == []
    assert len(judged) >= 12
    assert tally(rows).startswith(f"{len(judged)} pass, 0 short")


def test_bars_are_short_where_they_are_not() -> None:
    low = paper(usual=made(90, 9), strict=made(70, 9), refused=False)
    rows = bars([low], [Unpublished(made(99, attack="lookalike_bucket"), None)], [])
    short = {row.what for row in rows if row.result == "short"}
    assert {"recall, budget .003", "precision", "false-alarm rate", "recall, budget .001"} <= short
    assert {"resource named one character apart", "recall against it"} <= short
    assert named(rows, "budget .0001").measured == "a warning only"


def test_a_rate_far_below_the_budget_is_short_as_well() -> None:
    assert realised([made(99, 1)], 0.003).result == "short (calmer than asked)"
    assert realised([made(99, 5)], 0.003).result == "short"
    assert realised([made(99, 3)], 0.003).result == "pass"


def test_a_release_is_judged_after_its_update() -> None:
    old, good = After(made(), made(50, 400), made(99)), After(made(), made(98, 4), made(98))
    missing = releases([Release(("Pay",), 90, old, good, None, None, None, None)])
    assert missing[0].result == "not there yet"
    rows = releases([Release(("Pay",), 90, old, good, good, 1.5, 0.9, old)])
    assert [row.result for row in rows[:5]] == ["pass", "pass", "short", "", "pass"]
    assert rows[4].what == "update, wall"
    assert named(rows, "... nothing learned of it: of").measured.startswith(".4000")
    assert all(row.result.startswith("(") for row in rows[5:] if row.bar)


def test_the_report_has_each_part_of_each_application() -> None:
    result = Unpublished(made(attack="slow_shift"), ("ProcessBooking: duration",))
    during = {"sale_day": During(Rate(1, 100), 3, 1)}
    figures = {
        "paper": [paper()],
        "unpublished": [result],
        "release": [],
        "look_alikes": [LookAlikes(made(), during, Rate(0, 9))],
    }
    text = report(
        ["bars", "attacks", "look-alikes"], {"airline": figures}, "Two seeds.", [("a", "b", "", True)]
    )
    assert text.startswith("Two seeds.\n\n## Airline: the bars")
    assert "| slow shift " in text
    assert "1 of 1 runs" in text
    assert "| sale day " in text
    assert "duration: Initialization" in text
    assert "## Speed" in text


def test_the_command_reads_what_lies_there_and_keeps_what_it_found(
    recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "tables.md"
    options = [
        "--app",
        "airline",
        "--seeds",
        *map(str, SEEDS),
        "--learn",
        str(VISITS),
        "--judge",
        str(VISITS),
    ]
    kept = ["--keep", str(recorded), "--output", str(output), "--jobs", "1"]
    assert main(["new-function", "sensitivity", *options, *kept]) == 0
    text = output.read_text()
    assert capsys.readouterr().out == text + "\n"
    assert "## Airline: a new function" in text
    assert "| 300 " in text
    told = json.loads(output.with_suffix(".json").read_text())
    assert len(told["figures"]["airline"]["sensitivity"]) == len(SEEDS)


def test_an_unknown_part_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no part 'bar'; choose from: bars"):
        main(["bar", "--keep", str(tmp_path)])
