"""`coldtrail init`."""

from __future__ import annotations

from pathlib import Path

import pytest

from coldtrail.registry import LIVE_SOURCES
from tests.cli.command import Run, is_one_sentence

ROLE = "arn:aws:iam::444455556666:role/read"


@pytest.fixture(autouse=True)
def member(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIVE_SOURCES, "role", "tests.service.test_permissions:ARoleSource")


def test_it_writes_the_settings_and_prints_what_they_need(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "coldtrail.toml"
    said = run("init", "--config", path, "--source", "otlp", "--source", "role", "--role", ROLE)
    assert said.status == 0
    assert said.err == ""
    assert f"Wrote {path}; every key is explained there.\n" in said.out
    assert f"Next: coldtrail doctor --config {path}\n" in said.out
    assert "Allow sts:AssumeRole: to read as this role (role).\n" in said.out
    assert f"Allow {ROLE}: logs:FilterLogEvents: to read (all) (role).\n" in said.out
    assert f"Policy of {ROLE}:\n{{\n" in said.out
    assert f'role_arn = "{ROLE}"\n' in path.read_text(encoding="utf-8")


def test_the_policy_goes_into_a_file_where_one_is_named(run: Run, tmp_path: Path) -> None:
    policy = tmp_path / "policy.json"
    said = run("init", "--config", tmp_path / "c.toml", "--source", "role", "--policy", policy, "--json")
    assert said.json["files"] == [str(policy)]
    assert "logs:FilterLogEvents" in policy.read_text(encoding="utf-8")


def test_it_writes_over_no_file(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "coldtrail.toml"
    assert run("init", "--config", path).status == 0
    again = run("init", "--config", path)
    assert again.status == 2
    assert is_one_sentence(again.err)
    assert run("init", "--config", path, "--force").status == 0


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--account", "12", "12 digits"),
        ("--region", "eu west", "is no region"),
        ("--role", "read", "is no ARN of a role"),
    ],
)
def test_what_is_no_account_region_or_role_is_refused(
    run: Run, tmp_path: Path, option: str, value: str, told: str
) -> None:
    said = run("init", "--config", tmp_path / "c.toml", option, value)
    assert said.status == 2
    assert told in said.err
    assert not (tmp_path / "c.toml").exists()
