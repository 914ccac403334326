"""`coldtrail update`."""

from __future__ import annotations

from pathlib import Path

import pytest

from coldtrail.testing import make_history
from tests.cli.command import Run, is_one_sentence
from tests.verbs.telemetry_files import stolen, write_native


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return write_native(tmp_path / "new.jsonl", [*make_history(30, seed=2, prefix="n"), stolen()])


def test_it_tells_what_was_learned_and_what_was_kept_out(
    run: Run, bundle: Path, new: Path, tmp_path: Path
) -> None:
    said = run("update", "--bundle", bundle, "--input", new, "--output", tmp_path / "b")
    assert said.status == 0
    assert "Of 31 flows, 30 learned, 0 known before, 1 flagged and left out" in said.out
    assert "  Order: new resource, PutObject on S3 loot, 1 (flow stolen)" in said.out
    assert "Known now: 330 flows of 1 function (before: 300 of 1)" in said.out
    assert f"Bundle: {tmp_path / 'b'}" in said.out


def test_json_is_one_document(run: Run, bundle: Path, new: Path, tmp_path: Path) -> None:
    found = run(
        "update", "--bundle", bundle, "--input", new, "--output", tmp_path / "b", "--learn-flagged", "--json"
    ).json
    assert found["flows"]["learned"] == found["flows"]["read"] == 31
    assert found["flows_known"] == found["flows_known_before"] + 31
    assert found["changes"][0]["resources"] == ["S3 loot"]
    assert found["left_out"] == []


def test_wrong_use_is_told_in_a_sentence(run: Run, bundle: Path, new: Path, tmp_path: Path) -> None:
    said = run("update", "--bundle", tmp_path / "absent", "--input", new, "--output", tmp_path / "b")
    assert said.status == 2
    assert is_one_sentence(said.err)
    other = write_native(tmp_path / "other.jsonl", make_history(5, function="Pay", prefix="p"))
    said = run("update", "--bundle", bundle, "--input", other, "--output", tmp_path / "b")
    assert said.status == 2
    assert is_one_sentence(said.err)
    assert not (tmp_path / "b").exists()
