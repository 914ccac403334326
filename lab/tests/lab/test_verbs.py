"""The laboratory's verbs join the command and behave like its own."""

from __future__ import annotations

import pytest

from coldtrail.cli.joined import joined_verbs
from coldtrail.cli.main import LAB_VERBS
from coldtrail_lab.verbs import VERBS
from tests.cli.command import Run


def test_the_command_finds_them_and_knows_their_names() -> None:
    assert joined_verbs() == VERBS
    assert set(LAB_VERBS) == set(VERBS)


def test_the_help_of_the_command_names_each_with_its_line(run: Run) -> None:
    said = run("--help").out
    for name, verb in VERBS.items():
        assert name in said
        assert verb.help.split()[0] in said


@pytest.mark.parametrize(
    "words", [("testbed",), ("testbed", "record"), ("testbed", "list"), ("demo",), ("reproduce",)]
)
def test_each_has_help_with_an_example(run: Run, words: tuple[str, ...]) -> None:
    said = run(*words, "--help")
    assert (said.status, said.err) == (0, "")
    assert f"coldtrail {words[0]}" in said.out.partition("example")[2]
    assert words == ("testbed",) or "--json" in said.out
