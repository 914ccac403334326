"""What was told of a run beside what happened in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.incidents.judging import judged
from benchmarks.incidents.report import report


def write(path: Path, lines: Sequence[Mapping[str, object]]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def incident(attack: str, events: Sequence[str], flows: Sequence[str] = ()) -> dict[str, object]:
    return {
        "attack": attack,
        "function_names": ["pay"],
        "event_ids": events,
        "function_flow_ids": flows,
        "begin": 90.0,
        "decisive": {"time": 100.0, "event_id": events[0] if events else ""},
    }


def case(refs: Sequence[str], opened_at: float = 130.0, alert: str | None = None) -> dict[str, object]:
    member = {"at": opened_at, "alert_id": alert, "refs": [{"kind": "event", "id": one} for one in refs]}
    return {
        "opened_at": opened_at,
        "severity": "high",
        "title": "t",
        "functions": ["pay"],
        "timeline": [{"what": "w"}],
        "members": [member],
    }


def test_cases_are_matched_by_the_records_that_they_name(tmp_path: Path) -> None:
    run, output = tmp_path / "run", tmp_path / "out"
    incidents = [incident("theft", ["e1", "e2"]), incident("leak", [], ["f1"]), incident("missed", ["e9"])]
    write(run / "incidents.jsonl", incidents)
    write(output / "alerts.jsonl", [{"id": "a", "evidence": [{"function_flow_id": "f1"}]}])
    write(output / "cases.jsonl", [case(["e2"]), case([], alert="a"), case(["e1"], 400.0), case(["x"])])
    outcome = judged(1, "airline", 2.0, run, output)
    theft, leak, missed = outcome.incidents
    assert (theft.cases, theft.alone, theft.after_s) == (2, True, 30.0)
    assert (leak.cases, leak.names_function, leak.story) == (1, True, ("w",))
    assert missed.cases == 0
    assert (outcome.false_cases, outcome.false_high) == (("high: t",), 1)
    text = report([outcome], [outcome])
    assert "| theft | 1/1" in text
    assert "| all | 2/3" in text
    assert "1 false cases (0.50 a day), 1 of them high" in text


def test_a_case_that_holds_two_attacks_holds_none_alone(tmp_path: Path) -> None:
    run, output = tmp_path / "run", tmp_path / "out"
    write(run / "incidents.jsonl", [incident("a", ["e1"]), incident("b", ["e2"])])
    write(output / "cases.jsonl", [case(["e1", "e2"])])
    outcome = judged(1, "airline", 2.0, run, output)
    assert [one.alone for one in outcome.incidents] == [False, False]
