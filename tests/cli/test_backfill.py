"""`coldtrail backfill`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coldtrail.testing import make_history
from tests.cli.command import Run, is_one_sentence
from tests.verbs.telemetry_files import write_native


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "telemetry").mkdir()
    write_native(tmp_path / "telemetry" / "one.jsonl", make_history(10))
    path = tmp_path / "coldtrail.toml"
    path.write_text(
        f"[service]\ndata = {json.dumps(str(tmp_path / 'data'))}\n"
        f"bundle = {json.dumps(str(tmp_path / 'model'))}\n"
        f"[[source]]\nkind = 'files'\nsettle_s = 0.0\npath = {json.dumps(str(tmp_path / 'telemetry'))}\n",
        encoding="utf-8",
    )
    return path


def test_it_says_what_was_learned_and_what_is_still_needed(run: Run, config: Path, tmp_path: Path) -> None:
    said = run("backfill", "--config", config, "--days", "3")
    assert said.status == 0
    assert "Learned 10 flows of 1 function from " in said.out
    assert "Needs more: Order: 10 of 20 flows; not judged yet.\n" in said.out
    assert "files knows no time to begin at: all that it holds is learned." in said.err
    again = run("backfill", "--config", config)
    assert again.status == 2
    assert is_one_sentence(again.err)
    found = run("backfill", "--config", config, "--force", "--json").json
    assert (found["flows"], found["bundle"]) == (10, str(tmp_path / "model"))


def test_days_that_are_none_are_refused(run: Run, config: Path) -> None:
    for days in ("0", "-1", "nan", "many"):
        assert run("backfill", "--config", config, "--days", days).status == 2
