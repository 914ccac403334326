"""`coldtrail flows`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.command import Run, is_one_sentence
from tests.verbs.telemetry_files import write_xray


def test_it_writes_lines_and_says_how_many(run: Run, tmp_path: Path) -> None:
    source = write_xray(tmp_path / "traces.jsonl.gz", 10)
    said = run("flows", source, "--output", tmp_path / "flows.jsonl")
    assert said.status == 0, said.err
    lines = (tmp_path / "flows.jsonl").read_text(encoding="utf-8").splitlines()
    assert f"{len(lines)} flows of" in said.out
    again = run("flows", source, "--output", tmp_path / "again.jsonl", "--json")
    assert again.json["flows"] == len(lines)
    assert json.loads(lines[0])["witnesses"] == ["xray"]


def test_what_cannot_be_read_is_wrong_input(run: Run, tmp_path: Path) -> None:
    (tmp_path / "no.jsonl").write_text("{}\n", encoding="utf-8")
    said = run("flows", tmp_path / "no.jsonl", "--output", tmp_path / "flows.jsonl")
    assert said.status == 2
    assert is_one_sentence(said.err)


def test_a_quiet_hour_is_told_in_one_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{"Traces":[],"UnprocessedTraceIds":[]}')
    said = run("flows", tmp_path / "a.json", "--output", tmp_path / "flows.jsonl")
    assert (said.status, said.err) == (0, "")
    assert "1 answer was read, and it is empty, as of a quiet hour or of another place." in said.out
