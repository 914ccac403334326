"""The table of costs is printed, and its bars are told."""

from __future__ import annotations

import pytest

from benchmarks.baselines.__main__ import main, minutes


def test_the_table_names_all_and_the_bars(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--functions", "20", "--warm", "60", "--minutes", "5"])
    said = capsys.readouterr().out
    assert "| resources |" in said
    assert "| all |" in said
    assert "Bars: 50 ms" in said


def test_a_function_has_one_window_in_a_minute() -> None:
    for batch in minutes(30, 5):
        assert len({one.actor for one in batch}) == len(batch)
