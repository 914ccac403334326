"""The review list as training prints it, and what a person does with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console

from coldtrail.cli.reviewing import print_review
from coldtrail.learning.review import ReviewEntry
from coldtrail.records.finding import FindingKey
from coldtrail.testing import START, make_flow, make_key
from tests.cli.command import Run
from tests.verbs.telemetry_files import USUAL, stolen, write_native

HIDDEN = [stolen(f"s{i}", START + 333.3 * i * i) for i in range(4)]


@pytest.fixture
def history(tmp_path: Path) -> Path:
    flows = [make_flow(USUAL, flow_id=f"h{i}", start=START + 60 * i) for i in range(400)]
    return write_native(tmp_path / "history.jsonl", [*flows, *HIDDEN])


def verdict(run: Run, bundle: Path, tmp_path: Path) -> str:
    judged = write_native(tmp_path / "new.jsonl", [stolen("next", START + 90_000)])
    run("score", "--bundle", bundle, "--input", judged, "--output", tmp_path / "v.jsonl")
    return str(json.loads((tmp_path / "v.jsonl").read_text(encoding="utf-8"))["verdict"])


def test_what_is_held_back_alarms_until_it_is_called_benign(run: Run, history: Path, tmp_path: Path) -> None:
    bundle, said = tmp_path / "b", tmp_path / "said.jsonl"
    told = run("train", "--input", history, "--bundle", bundle, "--hold-rare")
    assert "Held back, since few runs of a function show it: 4 flows." in told.out
    assert "Held back until you call it benign" in told.out
    assert "Order: PutObject on S3 loot, 4 of 404 runs" in told.out
    assert verdict(run, bundle, tmp_path) == "anomalous"
    line = next(line for line in told.out.splitlines() if line.startswith('  {"function_flow_id"'))
    said.write_text(line, encoding="utf-8")
    run("update", "--bundle", bundle, "--feedback", said, "--output", bundle)
    assert verdict(run, bundle, tmp_path) == "normal"


def test_what_is_learned_all_the_same_is_worth_a_look(run: Run, history: Path, tmp_path: Path) -> None:
    told = run("train", "--input", history, "--bundle", tmp_path / "b")
    assert "Held back" not in told.out
    assert "Rare in what was learned, worth a look:" in told.out
    assert '"verdict": "malicious"' in told.out


def test_json_tells_what_is_held_back(run: Run, history: Path, tmp_path: Path) -> None:
    found = run("train", "--input", history, "--bundle", tmp_path / "b", "--hold-rare", "0.02", "--json").json
    assert (found["flows"], found["flows_held_back"]) == (400, 4)
    first = found["rare"][0]
    assert (first["held"], first["why"], first["flow_ids"]) == (True, "", ["s0", "s1", "s2", "s3"])


def test_a_share_that_is_not_rare_is_refused(run: Run, history: Path, tmp_path: Path) -> None:
    told = run("train", "--input", history, "--bundle", tmp_path / "b", "--hold-rare", "0.5")
    assert told.status == 2
    assert "hold_rare is 0.5; it must lie between 0 and 0.15" in told.err


def finding(function: str, what: str, *flows: str, **fields: object) -> ReviewEntry:
    known: dict[str, object] = {
        "cause": FindingKey(*make_key(function), "new_action", what), "what": what,
        "held": False, "why": "",
        "runs": len(flows), "of_runs": 300, "first": START, "last": START + 60.0,
        "function_flow_id": flows[0], "application_flow_id": "t", "flow_ids": list(flows),
    }  # fmt: skip
    return ReviewEntry(**known | fields)  # type: ignore[arg-type]


def printed(capsys: pytest.CaptureFixture[str], *found: ReviewEntry) -> list[str]:
    print_review(found, "b", Console(width=300))
    return [line.strip() for line in capsys.readouterr().out.splitlines()]


def test_what_the_same_runs_show_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    runs = [f"f{i}" for i in range(10)]
    lines = printed(capsys, finding("Order", "Get", *runs), finding("Order", "Head", *runs[:9]))
    assert lines[1].startswith("Order: Get, Head, 10 of 300 runs, 2026-")
    lines = printed(capsys, finding("Order", "Get", *runs), finding("Order", "Head", *runs[:7]))
    assert [line.split(",")[0] for line in lines[1:3]] == ["Order: Get", "Order: Head"]


def test_what_functions_show_for_one_reason_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    names = ["A", "B", "C", "D"]
    lines = printed(capsys, *[finding(name, "Help", name, why="it is how runs fail") for name in names])
    assert lines[1].startswith("A, B, C and 1 more: Help, 4 runs, 2026-")
    assert lines[1].endswith("; it is how runs fail")
    alone = printed(capsys, *[finding(name, "Help", name) for name in names])
    assert len(alone) == len(lines) + 3


def test_a_long_list_is_cut_and_an_empty_one_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, *[finding("Order", f"Get{i}", f"f{i}") for i in range(20)])
    assert "and 8 more (--json lists all)" in lines
    assert printed(capsys) == []


def test_one_run_has_one_time(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = printed(capsys, finding("Order", "Get", "f", last=START))[1:2]
    assert " to " not in line
    (line,) = printed(capsys, finding("Order", "Get", "f", last=START + 200_000))[1:2]
    assert line.count("2026-") == 2
