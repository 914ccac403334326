"""`flows`: what was read, one line a function flow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from coldtrail.errors import ConfigError
from coldtrail.records.facts import Facts, UnseenCall
from coldtrail.reports.flow_lines import flow_line
from coldtrail.testing import make_flow
from coldtrail.verbs.flowing import flows
from tests.verbs.telemetry_files import write_xray

TRACE = "1-65a1b2c3-0123456789abcdef01234567"
WHO = ["account", "region", "application_name", "function_name", "version"]
IDS = ["function_flow_id", "application_flow_id", "request_id"]
RUN = ["start_time", "end_time", "cold_start", "error", "complete", "trigger", "caller"]
KEYS = [*WHO, *IDS, *RUN, "steps", "facts", "witnesses", "invocation_type"]


def native(flow_id: str, event_id: str, start: float, **more: Any) -> dict[str, Any]:
    plain = {
        "application_name": "shop",
        "application_flow_id": TRACE,
        "function_name": "Order",
        "function_flow_id": flow_id,
        "event_id": event_id,
        "start_time": start,
        "end_time": start + 0.5,
        "event_name": "PutItem",
        "event_type": "DynamoDB",
        "event_target_resource": "Orders",
    }
    return plain | more


def written(path: Path, *lines: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def xray_trace() -> dict[str, Any]:
    step = {
        "id": "00000000000000e9",
        "name": "S3",
        "namespace": "aws",
        "start_time": 1_700_000_000.6,
        "end_time": 1_700_000_000.7,
        "aws": {"operation": "PutObject", "bucket_name": "copies"},
    }
    segments = [
        {
            "id": "00000000000000a1",
            "trace_id": TRACE,
            "name": "Order",
            "origin": "AWS::Lambda",
            "start_time": 1_700_000_000.0,
            "end_time": 1_700_000_001.0,
            "aws": {"request_id": "3f1a"},
            "resource_arn": "arn:aws:lambda:eu-west-1:111122223333:function:Order",
        },
        {
            "id": "00000000000000f1",
            "trace_id": TRACE,
            "name": "Order",
            "origin": "AWS::Lambda::Function",
            "parent_id": "00000000000000a1",
            "start_time": 1_700_000_000.1,
            "end_time": 1_700_000_000.9,
            "aws": {"function_arn": "arn:aws:lambda:eu-west-1:111122223333:function:Order"},
            "subsegments": [step],
        },
    ]
    return {"Id": TRACE, "Segments": [{"Document": json.dumps(one)} for one in segments]}


def test_each_flow_is_one_line_with_the_promised_keys_in_the_order_of_their_start(tmp_path: Path) -> None:
    source = written(
        tmp_path / "in.jsonl", native("f2", "e2", 1_700_000_005.0), native("f1", "e1", 1_700_000_001.0)
    )
    done = flows(source, tmp_path / "flows.jsonl")
    found = read(tmp_path / "flows.jsonl")
    assert (done.flows, done.functions) == (2, 1)
    assert [list(one) for one in found] == [KEYS, KEYS]
    assert [one["function_flow_id"] for one in found] == ["f1", "f2"]
    assert found[0]["steps"] == [
        {
            "event_id": "e1",
            "event_name": "PutItem",
            "event_type": "DynamoDB",
            "event_target_resource": "Orders",
            "start_time": 1_700_000_001.0,
            "end_time": 1_700_000_001.5,
            "depth": 1,
            "error": False,
            "witness": "native",
        }
    ]
    assert found[0]["facts"] == {}
    assert found[0]["witnesses"] == ["native"]
    assert found[0]["account"] is None


def test_a_line_tells_the_facts_that_are_known_and_no_others() -> None:
    unseen = UnseenCall("S3", "GetObject", "loot", 5.0)
    flow = make_flow([], facts=Facts(memory_used_mb=81.0, user_agent="curl", unseen=(unseen,)))
    told = json.loads(msgspec.json.encode(flow_line(flow)))["facts"]
    assert told == {
        "memory_used_mb": 81.0,
        "user_agent": "curl",
        "unseen": [
            {"service": "S3", "operation": "GetObject", "target": "loot", "time": 5.0, "error_code": None}
        ],
    }


def test_the_platforms_own_id_of_the_invocation_is_kept(tmp_path: Path) -> None:
    flows(written(tmp_path / "in.json", xray_trace()), tmp_path / "flows.jsonl")
    (found,) = read(tmp_path / "flows.jsonl")
    assert (found["request_id"], found["account"], found["region"]) == ("3f1a", "111122223333", "eu-west-1")
    assert found["trigger"] is None or isinstance(found["trigger"], str)


def test_what_several_formats_say_of_a_flow_is_joined_and_each_step_names_its_witness(
    tmp_path: Path,
) -> None:
    line = native("00000000000000f1", "e1", 1_700_000_000.2, application_name="default")
    both = [written(tmp_path / "a.jsonl", line), written(tmp_path / "b.json", xray_trace())]
    for order in (both, both[::-1]):
        flows(order, tmp_path / "flows.jsonl")
        (found,) = read(tmp_path / "flows.jsonl")
        assert found["witnesses"] == ["native", "xray"]
        assert {one["event_name"]: one["witness"] for one in found["steps"]} == {
            "PutItem": "native",
            "PutObject": "xray",
        }


def test_as_many_lines_as_inspect_counts(tmp_path: Path) -> None:
    done = flows(write_xray(tmp_path / "traces.jsonl.gz", 20), tmp_path / "flows.jsonl")
    assert done.flows == len(read(tmp_path / "flows.jsonl")) == done.tally.counts["flows assembled"]


def test_telemetry_without_a_flow_is_an_empty_file_and_what_cannot_be_read_an_error(
    tmp_path: Path,
) -> None:
    trace = xray_trace()
    trace["Segments"] = trace["Segments"][:1]
    done = flows(written(tmp_path / "in.json", trace), tmp_path / "flows.jsonl")
    assert (done.flows, (tmp_path / "flows.jsonl").read_text(encoding="utf-8")) == (0, "")
    with pytest.raises(ConfigError, match="nothing that can be read"):
        flows(written(tmp_path / "no.jsonl", {"hello": 1}), tmp_path / "other.jsonl")
    assert not (tmp_path / "other.jsonl").exists()


def test_an_input_is_not_overwritten(tmp_path: Path) -> None:
    source = written(tmp_path / "in.jsonl", native("f1", "e1", 1_700_000_001.0))
    with pytest.raises(ConfigError, match="is read as telemetry"):
        flows(source, source)


def test_of_a_quiet_hour_there_are_no_flows(tmp_path: Path) -> None:
    done = flows(written(tmp_path / "in.json", {"Events": []}), tmp_path / "flows.jsonl")
    assert (done.flows, done.tally.is_quiet) == (0, True)
    assert (tmp_path / "flows.jsonl").read_text(encoding="utf-8") == ""
