"""`coldtrail testbed record`: a run on disk, and what is said of it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from coldtrail_testbed.errors import RunFailedError
from tests.cli.command import Run, is_one_sentence

_FILES = ["incidents.jsonl", "labels.jsonl", "run.json", "traces.jsonl.gz"]
ARGUMENTS = ("testbed", "record", "--app", "airline", "--iterations", "3", "--seed", "4")


def test_a_run_is_recorded_and_told(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    said = run(*ARGUMENTS, "--attacks", "longer_run", "--share", "1", "--output", folder, "--json")
    assert (said.status, said.err) == (0, "")
    told = json.loads(said.out)
    labels = (folder / "labels.jsonl").read_text().splitlines()
    traces = gzip.decompress((folder / "traces.jsonl.gz").read_bytes()).splitlines()
    assert told["traces"] == len(traces)
    assert told["attacks"] == {"longer_run": len(labels)}
    assert told["flows"] == sum(told["functions"].values()) > 0
    assert sorted(path.name for path in folder.iterdir()) == _FILES


@pytest.mark.parametrize(
    ("arguments", "known"),
    [
        (["--app", "bakery"], "airline"),
        (["--attacks", "rain"], "data_leakage"),
        (["--iterations", "0"], "at least 1"),
        (["--share", "2"], "between 0 and 1"),
    ],
)
def test_wrong_use_is_told_with_what_is_right(
    run: Run, tmp_path: Path, arguments: list[str], known: str
) -> None:
    said = run(*ARGUMENTS, "--output", tmp_path / "run", *arguments)
    assert said.status == 2
    assert known in said.err
    assert is_one_sentence(said.err)
    assert not (tmp_path / "run").exists()


def test_a_path_is_told_as_it_was_given(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").touch()
    said = run(*ARGUMENTS, "--output", "taken")
    assert said.status == 2
    assert " at taken already" in said.err


def test_what_fails_without_wrong_use_has_a_status_of_its_own(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RunFailedError("the disk is full")

    monkeypatch.setattr("coldtrail_testbed.recorder.record", fail)
    said = run(*ARGUMENTS, "--output", tmp_path / "run")
    assert (said.status, said.err) == (1, "coldtrail: The disk is full.\n")
