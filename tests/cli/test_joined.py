"""Verbs of other distributions: read from their entry points."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from coldtrail.cli.joined import joined_verbs
from tests.cli.command import Run, is_one_sentence

ENTRIES = """\
[console_scripts]
other = other_verbs:main

[coldtrail.verbs]
one = {}:VERBS

[pytest11]
plugin = other_verbs:PLUGIN
"""
VERB = """\
from coldtrail.cli.verb import Verb

VERBS = {"dig": Verb("other_verbs", "look deeper")}


def add_to(parser):
    parser.set_defaults(run=lambda options: 7)
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path of this process, and nothing else where distributions could lie."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), str(tmp_path), ""])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "modules", {**sys.modules})
    return tmp_path


def declare(site: Path, module: str) -> None:
    """Writes the metadata of a distribution whose verbs lie in a module."""
    (site / "other-1.0.dist-info").mkdir()
    (site / "other-1.0.dist-info" / "entry_points.txt").write_text(ENTRIES.format(module), encoding="utf-8")


def test_a_verb_joins_by_its_entry_point_and_runs(site: Path, run: Run) -> None:
    declare(site, "other_verbs")
    (site / "other_verbs.py").write_text(VERB, encoding="utf-8")
    assert [*joined_verbs()] == ["dig"]
    assert "look deeper" in run("--help").out
    assert run("dig").status == 7


def test_without_other_distributions_there_are_no_more_verbs(site: Path) -> None:
    assert joined_verbs() == {}


def test_what_is_left_of_a_distribution_that_was_removed_is_passed_over(site: Path) -> None:
    declare(site, "other_verbs.here")
    assert joined_verbs() == {}


def test_a_distribution_that_misses_what_it_needs_is_not_passed_over(site: Path) -> None:
    declare(site, "other_verbs")
    (site / "other_verbs.py").write_text("import no_such_library\n", encoding="utf-8")
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        joined_verbs()


@pytest.mark.parametrize("verb", ["demo", "testbed", "reproduce"])
def test_without_the_laboratory_its_verbs_say_what_to_install(site: Path, run: Run, verb: str) -> None:
    said = run(verb)
    assert said.status == 2
    assert is_one_sentence(said.err)
    assert said.err.startswith(
        f"coldtrail: `coldtrail {verb}` is part of coldtrail-lab, which is not installed;"
    )
    assert "`pip install ./lab` in a clone" in said.err
    assert "`pip install coldtrail-lab` where a package index has it" in said.err
