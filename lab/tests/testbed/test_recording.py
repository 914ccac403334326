"""What a recording counts and writes of one trace; the folder as a whole is in `test_recorder.py`."""

import json
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

import pytest

from coldtrail_testbed.attacks.locating import the_invocation
from coldtrail_testbed.attacks.model import Attack, Place
from coldtrail_testbed.attacks.plan import AttackPlan
from coldtrail_testbed.facts import Facts
from coldtrail_testbed.look_alikes.model import Window
from coldtrail_testbed.recording import Recording

from .telemetry.truth import START, calls, small_traces

_PLAN = AttackPlan(
    [Attack("mining", "", {"a": Place("GetLoyalty", lambda *_: None, the_invocation)})], "a", 0.1, 1
)


def _lines(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / name).read_text().splitlines()]


def _first_start() -> float:
    [function] = [one for one in small_traces()[0]["segments"] if one["origin"] == "AWS::Lambda::Function"]
    return float(function["start_time"])


@pytest.mark.parametrize(
    ("begin", "end", "function", "is_inside"),
    [
        (0.0, inf, "GetLoyalty", True),
        (0.0, 1.0, "GetLoyalty", True),
        (0.0, 1.0, "IngestLoyalty", False),
        (0.001, 1.0, "GetLoyalty", False),
        (-1.0, 0.0, "GetLoyalty", False),
    ],
)
def test_a_flow_belongs_to_a_window_by_its_start(
    tmp_path: Path, begin: float, end: float, function: str, is_inside: bool
) -> None:
    start = _first_start()
    window = Window(start + begin, start + end, (function,), {})
    with Recording(tmp_path / "run", _PLAN, with_look_alikes=True) as recording:
        recording.add(small_traces()[0], {}, {"sale_day": window})
        recording.finish({})
    listed = [{"function_flow_id": "00000000000000f1", "look_alike": "sale_day"}]
    assert _lines(tmp_path / "run", "look_alikes.jsonl") == (listed if is_inside else [])
    assert recording.look_alikes == ({"sale_day": 1} if is_inside else {})


def test_traces_are_counted_and_attacked_flows_labelled(tmp_path: Path) -> None:
    attacked = {"00000000000000f1": "mining", "of a later trace": "mining"}
    with Recording(tmp_path / "run", _PLAN) as recording:
        for trace in small_traces():
            recording.add(trace, attacked)
        recording.add_facts(Facts(calls=calls()))
        recording.finish({})
    assert _lines(tmp_path / "run", "labels.jsonl") == [
        {"function_flow_id": "00000000000000f1", "attack": "mining", "event_ids": ["00000000000000a2"]}
    ]
    assert attacked == {"of a later trace": "mining"}
    assert (recording.attacks, recording.attack_calls) == ({"mining": 1}, {"secret_read": 1})
    assert recording.functions == {"GetLoyalty": 1, "IngestLoyalty": 1}
    assert (recording.traces, recording.events) == (2, 8)
    assert recording.first_time == START
    assert recording.last_time == pytest.approx(START + 3.2507, abs=0.0001)


def test_an_attacked_flow_is_an_incident(tmp_path: Path) -> None:
    trace = small_traces()[0]
    (flow,) = [one for one in trace["segments"] if one["origin"] == "AWS::Lambda::Function"]
    with Recording(tmp_path / "run", _PLAN) as recording:
        recording.add(trace, {flow["id"]: "mining"})
        recording.finish({})
    (incident,) = _lines(tmp_path / "run", "incidents.jsonl")
    assert (incident["attack"], incident["function_names"]) == ("mining", ["GetLoyalty"])
    assert incident["function_flow_ids"] == [flow["id"]]
    assert incident["first"] == {"time": flow["start_time"], "function_flow_id": flow["id"]}


def test_attackers_calls_are_an_incident(tmp_path: Path) -> None:
    stolen = [replace(call, attack="mining") for call in calls()[:2]]
    with Recording(tmp_path / "run", _PLAN) as recording:
        recording.add_facts(Facts(calls=stolen))
        recording.finish({})
    (incident,) = _lines(tmp_path / "run", "incidents.jsonl")
    assert len(incident["event_ids"]) == 2
