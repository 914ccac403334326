"""CloudTrail's log files and labels."""

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from coldtrail_testbed.cloud.identities import DEPLOYMENT
from coldtrail_testbed.facts import Call, Facts
from coldtrail_testbed.telemetry.cloudtrail import FOLDER, LABELS_FILE, CloudTrail
from coldtrail_testbed.telemetry.cloudtrail_records import cloudtrail_event_id

from .conftest import write
from .truth import SECOND, START, caller, calls, failed_run, run, small_traces


def _files(folder: Path) -> list[Path]:
    return sorted((folder / FOLDER).rglob("*.json.gz"))


def _records(folder: Path) -> list[dict[str, Any]]:
    return [
        record
        for path in _files(folder)
        for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]
    ]


def _labels(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / LABELS_FILE).read_text().splitlines()]


def test_files_are_named_as_a_trail_names_them(tmp_path: Path, facts: Facts) -> None:
    write(CloudTrail, tmp_path, facts, [])
    (path,) = _files(tmp_path)
    assert path.parent == tmp_path / FOLDER / "AWSLogs/123456789012/CloudTrail/us-east-1/2026/02/02"
    assert path.name.startswith("123456789012_CloudTrail_us-east-1_20260202T0245Z_")


def test_every_call_run_and_session_has_its_record(tmp_path: Path, facts: Facts) -> None:
    writer = write(CloudTrail, tmp_path, facts, [])
    records = _records(tmp_path)
    names = sorted(record["eventName"] for record in records)
    assert names == sorted(
        [
            "AssumeRole",
            "AssumeRole",
            "Query",
            "PutObject",
            "GetSecretValue",
            "Invoke",
            "Invoke",
            "InvokeExecution",
        ]
    )
    assert writer.counts[FOLDER] == len(records) == 8
    assert len({record["eventID"] for record in records}) == 8


def test_a_call_that_no_trace_shows_is_labelled(tmp_path: Path, facts: Facts) -> None:
    writer = write(CloudTrail, tmp_path, facts, [])
    secret = cloudtrail_event_id(calls()[2])
    label = {"event_id": secret, "attack": "secret_read", "function_flow_id": None}
    assert _labels(tmp_path) == [label]
    assert writer.counts[LABELS_FILE] == 1
    assert secret in {record["eventID"] for record in _records(tmp_path)}


def test_labels_of_a_trace_reach_its_calls_before_and_after_it(tmp_path: Path, facts: Facts) -> None:
    for name in ("before", "after"):
        (tmp_path / name).mkdir()
        writer = CloudTrail(tmp_path / name)
        writer.facts(facts)
        if name == "before":
            writer.label(SECOND, "00000000000000f2", "data_leakage", ["00000000000000c2", "00000000000000b2"])
        writer.trace(small_traces()[1])
        if name == "after":
            writer.label(SECOND, "00000000000000f2", "data_leakage", ["00000000000000c2", "00000000000000b2"])
        writer.close()
        leak = {"event_id": cloudtrail_event_id(calls()[1]), "attack": "data_leakage"}
        assert leak | {"function_flow_id": "00000000000000f2"} in _labels(tmp_path / name)
        assert len(_labels(tmp_path / name)) == 2


def test_a_direct_invocation_is_told_once_by_who_called(tmp_path: Path) -> None:
    invoke = Call(START, "lambda", "Invoke", caller("Other"), run().request_id)
    refused = Call(START, "lambda", "Invoke", caller("Other"), "R2", error_code="AccessDeniedException")
    answered = run(trigger="lambda", client=caller("Other"))
    write(CloudTrail, tmp_path, Facts([answered], [invoke, refused]), [])
    invocations = [record for record in _records(tmp_path) if record["eventName"] == "Invoke"]
    assert [record["requestID"] for record in invocations] == [run().request_id, "R2"]
    assert {record["userIdentity"]["accessKeyId"] for record in invocations} == {caller("Other").access_key}


def test_retries_are_executions_of_one_invocation(tmp_path: Path) -> None:
    again = failed_run(flow_id="00000000000000f3", start=START + 60, end=START + 60.2, status="success")
    write(CloudTrail, tmp_path, Facts([failed_run(), again]), [])
    names = [record["eventName"] for record in _records(tmp_path)]
    assert names == ["Invoke", "InvokeExecution", "InvokeExecution"]


def test_a_new_version_was_deployed(tmp_path: Path) -> None:
    runs = [run(version="1"), run(version="2", flow_id="a"), run(version="1"), run(version="2")]
    write(CloudTrail, tmp_path, Facts(runs), [])
    updates = [
        record for record in _records(tmp_path) if record["eventName"].startswith("UpdateFunctionCode")
    ]
    assert len(updates) == 1
    assert updates[0]["userIdentity"]["invokedBy"] == "cloudformation.amazonaws.com"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0, 4000), min_size=1, max_size=40))
def test_nothing_is_lost_and_files_hold_five_minutes(tmp_path_factory: Any, offsets: list[float]) -> None:
    folder = tmp_path_factory.mktemp("trail")
    made = [
        Call(START + offset, "dynamodb", "GetItem", caller("F"), f"R{number}")
        for number, offset in enumerate(offsets)
    ]
    writer = write(CloudTrail, folder, Facts(calls=made), [])
    records = _records(folder)
    assert {record["requestID"] for record in records} >= {call.request_id for call in made}
    assert writer.counts[FOLDER] == len(records) == len(made) + 1
    assert len(_files(folder)) <= len(made) + 1


def test_a_file_ends_at_a_whole_five_minutes(tmp_path: Path) -> None:
    whole = START // 300 * 300
    made = [
        Call(whole + after, "dynamodb", "GetItem", DEPLOYMENT, f"{after}")
        for after in (10, 299, 300, 590, 1200, 1499)
    ]
    write(CloudTrail, tmp_path, Facts(calls=made), [])
    told = [
        [record["requestID"] for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]]
        for path in _files(tmp_path)
    ]
    assert told == [["10", "299"], ["300", "590"], ["1200", "1499"]]


def test_a_version_whose_deployment_was_called_is_told_once(tmp_path: Path) -> None:
    name = run().function
    update = Call(START, "lambda", "UpdateFunctionCode", caller("Other"), "U1", (), {"functionName": name})
    writer = CloudTrail(tmp_path)
    for facts in (Facts([run(version="1")]), Facts([run(version="2")], [update])):
        writer.facts(facts)
    writer.close()
    updates = [one for one in _records(tmp_path) if one["eventName"].startswith("UpdateFunctionCode")]
    assert [update["requestID"] for update in updates] == ["U1"]


def test_all_calls_of_a_session_tell_when_it_was_opened(tmp_path: Path) -> None:
    made = [Call(START + after, "dynamodb", "GetItem", caller("F"), f"{after}") for after in (5, 70)]
    write(CloudTrail, tmp_path, Facts(calls=made), [])
    opened, *records = _records(tmp_path)
    attributes = [record["userIdentity"]["sessionContext"]["attributes"] for record in records]
    assert [one["creationDate"] for one in attributes] == [opened["eventTime"]] * 2


def test_equal_input_gives_equal_bytes(tmp_path: Path, facts: Facts) -> None:
    for name in ("one", "two"):
        write(CloudTrail, tmp_path / name, facts, [])
    one, two = _files(tmp_path / "one"), _files(tmp_path / "two")
    assert [path.relative_to(tmp_path / "one") for path in one] == [
        path.relative_to(tmp_path / "two") for path in two
    ]
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_a_version_that_was_published_is_no_news_when_it_runs(tmp_path: Path) -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:GetLoyalty"
    publish = Call(
        START,
        "lambda",
        "PublishVersion",
        DEPLOYMENT,
        "R",
        parameters={"functionName": arn},
        response={"version": "2"},
    )
    runs = [run(version="1"), run(version="2"), run(version="3")]
    write(CloudTrail, tmp_path, Facts(runs, [publish]), [])
    names = [record["eventName"] for record in _records(tmp_path)]
    assert names.count("UpdateFunctionCode20150331v2") == 1


def test_what_happened_in_another_region_is_delivered_there(tmp_path: Path) -> None:
    away = replace(calls()[1], region="us-west-2")
    write(CloudTrail, tmp_path, Facts([run(region="us-west-2")], [away, calls()[1]]), [])
    regions = {path.relative_to(tmp_path).parts[4] for path in _files(tmp_path)}
    assert regions == {"us-east-1", "us-west-2"}
    for record in _records(tmp_path):
        other = "us-west-2" if record["awsRegion"] == "us-east-1" else "us-east-1"
        assert other not in json.dumps(record)
    assert sum(record["awsRegion"] == "us-west-2" for record in _records(tmp_path)) == 3
