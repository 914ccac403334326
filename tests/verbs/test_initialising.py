"""The verb `init`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coldtrail.errors import ColdtrailError, ConfigError
from coldtrail.service.settings import load_live_settings
from coldtrail.service.settings_file import Chosen
from coldtrail.verbs.initialising import initialise, write_policies

ROLE = "arn:aws:iam::444455556666:role/team/read"


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "coldtrail.toml"
    done = initialise(path, Chosen(["otlp"], []), environment={})
    assert [source.kind for source in load_live_settings(path).sources] == ["otlp"]
    assert (done.needs, done.policies, done.notes) == ((), {}, ())


def test_a_file_that_is_there_is_written_over_only_where_that_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "coldtrail.toml"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"there is a file already; --force writes it anew"):
        initialise(path, Chosen(["otlp"], []))
    assert path.read_text(encoding="utf-8") == "mine"
    initialise(path, Chosen(["otlp"], []), force=True)
    assert load_live_settings(path).sources


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ColdtrailError, match=r"the file cannot be written: No such file or directory\."):
        initialise(tmp_path / "none" / "coldtrail.toml", Chosen(["otlp"], []))


def test_the_policy_of_each_role_is_a_file_of_its_own(tmp_path: Path) -> None:
    policies = {"": {"Version": "1"}, ROLE: {"Version": "2"}}
    written = write_policies(tmp_path / "policy.json", policies)
    assert [path.name for path in written] == ["policy.json", "policy.444455556666.read.json"]
    assert [json.loads(path.read_text(encoding="utf-8")) for path in written] == list(policies.values())
    assert write_policies(tmp_path / "one.json", {ROLE: {"Version": "2"}}) == [tmp_path / "one.json"]
