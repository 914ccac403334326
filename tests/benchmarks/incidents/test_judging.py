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


def incident(
    attack: str, events: Sequence[str], flows: Sequence[str] = (), function: str = "pay", key: str = ""
) -> dict[str, object]:
    return {
        "attack": attack,
        "function_names": [function],
        "principals": [{"access_key_ids": [key] if key else []}],
        "event_ids": events,
        "function_flow_ids": flows,
        "begin": 90.0,
        "end": 500.0,
        "decisive": {"time": 100.0, "event_id": events[0] if events else ""},
    }


def case(
    refs: Sequence[str],
    opened_at: float = 130.0,
    alert: str | None = None,
    kind: str = "event",
    function: str = "pay",
) -> dict[str, object]:
    member = {
        "at": opened_at,
        "alert_id": alert,
        "count": len(refs),
        "detector": "sequence" if alert else "callers",
        "since": opened_at,
        "subject": {"function_name": function},
        "refs": [{"kind": kind, "id": one} for one in refs],
    }
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
    write(output / "alerts.jsonl", [{"id": "a", "count": 1, "evidence": [{"function_flow_id": "f1"}]}])
    write(output / "cases.jsonl", [case(["e2"]), case(["f0"], alert="a"), case(["e1"], 400.0), case(["x"])])
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


def test_attacks_of_one_function_or_with_one_stolen_key_are_not_apart(tmp_path: Path) -> None:
    run = tmp_path / "run"
    incidents = [
        incident("a", ["e1"]),
        incident("b", ["e2"]),
        incident("c", ["e3"], function="ship", key="k"),
        incident("d", ["e4"], function="mail", key="k"),
        incident("e", ["e5"], function="store", key="other"),
    ]
    write(run / "incidents.jsonl", incidents)
    outcome = judged(1, "airline", 2.0, run, tmp_path / "out")
    assert [one.apart for one in outcome.incidents] == [False, False, False, False, True]


def test_what_one_actor_did_of_an_alert_is_not_what_all_did(tmp_path: Path) -> None:
    run, output = tmp_path / "run", tmp_path / "out"
    write(run / "incidents.jsonl", [incident("a", ["e1"]), incident("b", ["e2"])])
    parts = [case(["e1"], alert="shared"), case(["e2"], alert="shared")]
    both = [{"record_id": "e1"}, {"record_id": "e2"}]
    write(output / "alerts.jsonl", [{"id": "shared", "count": 2, "evidence": both}])
    for detector in ("callers", "sequence"):
        for one in parts:
            one["members"][0]["detector"] = detector  # type: ignore[index]
        write(output / "cases.jsonl", parts)
        outcome = judged(1, "airline", 2.0, run, output)
        assert [(one.cases, one.alone) for one in outcome.incidents] == [(1, True), (1, True)]


def test_minutes_and_requests_tell_of_the_function_in_its_time(tmp_path: Path) -> None:
    run, output = tmp_path / "run", tmp_path / "out"
    write(run / "incidents.jsonl", [incident("wallet", ["e1"])])
    counted = [
        case(["7"], kind="minute"),
        case(["r"], kind="request"),
        case(["7"], kind="minute", function="ship"),
        case(["7"], kind="minute", opened_at=501.0),
    ]
    write(output / "cases.jsonl", counted)
    outcome = judged(1, "airline", 2.0, run, output)
    assert outcome.incidents[0].cases == 2
    assert len(outcome.false_cases) == 2
    write(run / "incidents.jsonl", [{**incident("backdoor", ["e1"]), "end": 4_000.0}])
    assert judged(1, "airline", 2.0, run, output).incidents[0].cases == 1
