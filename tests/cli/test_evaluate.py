"""`coldtrail evaluate`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coldtrail.alerts.showing.plain import plain
from tests.cli.command import Run, is_one_sentence


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Verdicts of an attack found, one missed, one false alarm and a quiet flow; and the labels."""
    verdicts = [("a", "anomalous", 9.0), ("b", "normal", 1.0), ("c", "anomalous", 5.0), ("d", "normal", 0.5)]
    lines = [
        {
            "function_flow_id": name,
            "function_name": "Order",
            "verdict": verdict,
            "score": score,
            "reasons": [{"event_id": "e7"}] if verdict == "anomalous" else [],
        }
        for name, verdict, score in verdicts
    ]
    labels = [{"function_flow_id": name, "attack": "data_leakage", "event_ids": ["e7"]} for name in "abz"]
    for name, values in (("v.jsonl", lines), ("l.jsonl", labels)):
        (tmp_path / name).write_text("".join(json.dumps(value) + "\n" for value in values), encoding="utf-8")
    return tmp_path / "v.jsonl", tmp_path / "l.jsonl"


def test_the_figures_are_told(run: Run, files: tuple[Path, Path]) -> None:
    said = run("evaluate", "--verdicts", files[0], "--labels", files[1])
    assert (said.status, said.err) == (0, "")
    assert "4 flows, 2 malicious, 0 not ready" in said.out
    assert "data_leakage" in said.out
    assert "0.5000" in said.out
    assert "False alarms by function: Order 1" in said.out
    assert "1 labelled flows have no verdict." in said.out


def test_json_is_one_document(run: Run, files: tuple[Path, Path]) -> None:
    found = run("evaluate", "--verdicts", files[0], "--labels", files[1], "--json").json
    assert (found["precision"], found["recall"], found["fpr"], found["first_reason"]) == (0.5, 0.5, 0.5, 1.0)
    assert found["attacks"]["data_leakage"]["found"] == 1


def test_a_share_without_a_denominator_is_a_dash_or_null(run: Run, files: tuple[Path, Path]) -> None:
    files[1].write_bytes(b"")
    assert " - " in run("evaluate", "--verdicts", files[0], "--labels", files[1]).out
    found = run("evaluate", "--verdicts", files[0], "--labels", files[1], "--json").json
    assert found["recall"] is None


def test_wrong_files_are_wrong_input(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    for verdicts, labels in ((tmp_path / "absent", files[1]), (files[1], files[1]), (files[0], files[0])):
        said = run("evaluate", "--verdicts", verdicts, "--labels", labels)
        assert said.status == 2
        assert is_one_sentence(said.err)


HOSTILE = (
    "[/b]",
    "[link=https://evil.example]x[/link]",
    "\x1b[2J",
    "a\nb",
    "\u202egpj.exe",
    ":skull:",
    "x" * 5_000,
)


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_labels_and_names_are_shown_as_they_are(run: Run, tmp_path: Path, name: str) -> None:
    verdict = {"function_flow_id": name, "function_name": name, "verdict": "anomalous", "score": 9.0}
    other = verdict | {"function_flow_id": "other"}
    label = {"function_flow_id": name, "attack": name}
    (tmp_path / "v").write_text(f"{json.dumps(verdict)}\n{json.dumps(other)}\n", encoding="utf-8")
    (tmp_path / "l").write_text(f"{json.dumps(label)}\n", encoding="utf-8")
    said = run("evaluate", "--verdicts", tmp_path / "v", "--labels", tmp_path / "l")
    assert (said.status, said.err) == (0, "")
    assert all(char == "\n" or char.isprintable() for char in said.out)
    assert len(name) > 100 or said.out.count(plain(name)) == 2
    found = run("evaluate", "--verdicts", tmp_path / "v", "--labels", tmp_path / "l", "--json").json
    assert list(found["attacks"]) == [name]
