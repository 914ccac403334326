"""What the command says on standard error: one line, whatever names it holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from coldtrail.cli.saying import Parser, say
from tests.cli.command import Run


def test_a_saying_is_one_safe_line(capsys: pytest.CaptureFixture[str]) -> None:
    say("a\x1b[2J\nb \u202ec " + "x" * 5_000)
    said = capsys.readouterr().err
    assert said.startswith("coldtrail: a\\x1b[2J\\x0ab \\u202ec xxx")
    assert said.count("\n") == 1
    assert len(said) < 2_100


def test_wrong_use_repeats_nothing_that_acts(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        Parser("coldtrail").parse_args(["\x1b]0;owned\x07", "--\u202ex"])
    said = capsys.readouterr().err
    assert "\\x1b]0;owned" in said
    assert all(char == "\n" or char.isprintable() for char in said)


@pytest.mark.parametrize("name", ["\x1b[2Jx.jsonl", "a\nb.jsonl", "[/b]", "\u202egpj.exe"])
def test_names_of_files_act_in_no_message(run: Run, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    for arguments in (
        ("inspect", path),
        ("bundle", "show", "--bundle", path),
        ("score", "--bundle", tmp_path, "--input", path, "--output", path),
        ("evaluate", "--verdicts", path, "--labels", path),
        ("train", "--input", path, "--bundle", tmp_path / "b", "--config", path),
        ("explain", "--bundle", path, "--input", path, "--flow", name),
        (name,),
    ):
        said = run(*arguments)
        assert said.status == 2, arguments
        assert said.out == ""
        assert all(char == "\n" or char.isprintable() for char in said.err), arguments
