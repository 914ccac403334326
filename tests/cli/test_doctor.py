"""`coldtrail doctor`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coldtrail.testing import make_history
from coldtrail.verbs.training import train
from tests.cli.command import Run, is_one_sentence
from tests.verbs.telemetry_files import write_native


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "telemetry").mkdir()
    write_native(tmp_path / "telemetry" / "one.jsonl", make_history(60))
    path = tmp_path / "coldtrail.toml"
    path.write_text(
        f"[service]\ndata = {json.dumps(str(tmp_path / 'data'))}\nlisten = ''\n"
        f"bundle = {json.dumps(str(tmp_path / 'model'))}\n"
        f"[[source]]\nkind = 'files'\nsettle_s = 0.0\npath = {json.dumps(str(tmp_path / 'telemetry'))}\n",
        encoding="utf-8",
    )
    return path


def test_what_must_be_mended_is_marked_and_is_the_exit_status(run: Run, config: Path) -> None:
    said = run("doctor", "--config", config)
    assert said.status == 1
    assert "MEND  bundle: There is no bundle at " in said.out
    assert said.out.endswith("1 thing must be mended.\n")


def test_all_right_is_status_0(run: Run, config: Path, tmp_path: Path) -> None:
    train(tmp_path / "telemetry", tmp_path / "model")
    said = run("doctor", "--config", config)
    assert said.status == 0
    assert "All right, with " in said.out
    found = run("doctor", "--config", config, "--json").json
    assert found["ok"] is True
    assert {"about", "level", "told", "remedy"} == set(found["findings"][0])


def test_settings_that_are_missing_are_status_2(run: Run, tmp_path: Path) -> None:
    said = run("doctor", "--config", tmp_path / "none.toml")
    assert said.status == 2
    assert is_one_sentence(said.err)
    assert "`coldtrail init` writes one" in said.err


def test_the_policy_of_settings_can_be_asked_for(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(
        "[[source]]\nkind = 'cloudwatch-logs'\ngroups = ['aws/spans']\nregion = 'eu-west-1'\n",
        encoding="utf-8",
    )
    said = run("doctor", "--config", path, "--policy")
    assert said.status == 0
    actions = [one["Action"] for one in said.json[""]["Statement"]]
    assert actions == [["logs:DescribeLogGroups"], ["logs:FilterLogEvents"]]
