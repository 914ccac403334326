"""The figures, and a run on functions that are made up."""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

import pytest

from benchmarks.azure import __main__ as azure
from benchmarks.azure import callers, months
from benchmarks.azure.attacks import ATTACKS
from benchmarks.azure.figures import Figure, rate, share
from benchmarks.azure.reading import functions
from benchmarks.azure.trials import alarms, attacked, learn


def made(folder: Path) -> Path:
    """Clocks and functions that people call, for eight hours."""
    random = Random(3)
    lines = ["HashOwner,HashApp,HashFunction,Trigger," + ",".join(map(str, range(480)))]
    for number in range(3):
        clock = [int(not minute % (5 * (number + 1))) for minute in range(480)]
        called = [sum(random.random() < 0.2 for _ in range(4 * number + 1)) for _ in range(480)]
        lines.append(f"o,a,clock-{number},timer," + ",".join(map(str, clock)))
        lines.append(f"o,a,called-{number},http," + ",".join(map(str, called)))
    (folder / "invocations.csv").write_text("\n".join(lines) + "\n")
    return folder


def test_rates_have_exact_intervals() -> None:
    figure = rate(2, 10.0)
    assert [round(10 * one, 2) for one in figure] == [2.0, 0.24, 7.22]
    assert rate(0, 1.0).low == 0.0
    assert round(rate(0, 1.0).high, 2) == 3.69


def test_shares_draw_functions_anew() -> None:
    figure = share([[True] * 8] * 9 + [[False] * 8])
    assert figure.value == 0.9
    assert figure.low < 0.8 < 1.0 == figure.high
    assert str(Figure(0.5, 0.25, 0.75)) == "0.500 [0.250, 0.750]"


def test_silent_clocks_and_surges_are_found_and_usual_hours_tell_nothing(tmp_path: Path) -> None:
    learned = learn(functions(made(tmp_path)), 0.03)
    assert len(learned.ready) == 6
    assert alarms(learned) == []
    for name in ("x20 for 30 minutes", "timers silent 120 minutes"):
        (attack,) = [one for one in ATTACKS if one.name == name]
        trials = list(attacked(learned, attack))
        assert trials
        assert all(one.delay is not None for one in trials)


def test_without_the_data_it_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["azure", "--folder", str(tmp_path)])
    monkeypatch.setattr(callers, "_APPLICATIONS", 2)
    assert azure.main() == 0
    printed = capsys.readouterr().out
    assert "real functions are skipped" in printed
    assert "sale x10: children that alarm" in printed


def test_months_count_function_days_after_the_first_week() -> None:
    figure, number = months.realised(4, 9, seed=3, budget=0.03)
    assert number == 8
    assert 0.0 <= figure.value <= 1.0
