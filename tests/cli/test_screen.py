"""What the verbs print with."""

from __future__ import annotations

import io
import json
import sys

import pytest

from coldtrail.cli import screen
from coldtrail.verbs.reading import silent


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_losses_and_notes_go_to_standard_error_on_one_safe_line_each(
    capsys: pytest.CaptureFixture[str],
) -> None:
    screen.print_losses(["a.jsonl: \u001b[2J\nis broken."])
    screen.print_warnings(["Too little."])
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "coldtrail: lost: a.jsonl: \\x1b[2J\\x0ais broken.\ncoldtrail: note: Too little.\n"


def test_json_goes_to_standard_output_as_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    screen.print_json({"name": "é", "share": None})
    assert json.loads(capsys.readouterr().out) == {"name": "é", "share": None}


def test_no_bar_is_shown_where_there_is_no_terminal() -> None:
    with screen.progress() as tell:
        assert tell is silent


def test_a_bar_appears_on_a_terminal_after_a_while_only(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(screen.time, "monotonic", lambda: now[0])
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with screen.progress() as tell:
        tell("reading", 1, 10)
        assert terminal.getvalue() == ""
        now[0] += 5.0
        tell("reading", 5, 10)
        tell("fitting", 0, 0)
    assert "fitting" in terminal.getvalue()


def test_results_are_wide_enough_for_ids_where_there_is_no_terminal() -> None:
    assert screen.output().width >= 120
