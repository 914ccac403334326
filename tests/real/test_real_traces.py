"""Real traces, whole: what `inspect` lists stands in the files, and functions never met are not ready."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coldtrail import inspect, score, train
from coldtrail_testbed.recorded import recorded_run

REAL = Path(__file__).parents[3] / "shared" / "data" / "xray-real"

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not REAL.is_dir(), reason=f"the recorded real telemetry is not at {REAL}"),
]

# Function flow, function, events depth first (a dot a level), cold start: read off the raw JSON itself.
INVOCATIONS = [
    ("4c57c76218613840", "event-processing-dev-ingest", "Invocation .Publish Overhead", False),
    (
        "206c8bde4844d1da",
        "event-processing-dev-format_state_change",
        "Invocation .SendMessage Overhead",
        False,
    ),
    ("3abd81603a052c60", "matrix-mul-prod-build_report", "Initialization", True),
    ("07b9760f4ecd9259", "matrix-mul-prod-mul_worker", "Initialization", True),
    ("6686354a13aa5c74", "matrix-mul-prod-mul_worker", "Initialization", True),
    ("6f5841792a535189", "matrix-mul-prod-create_matrix", "Initialization", True),
    ("63f346a278cd844e", "matrix-mul-prod-mul_worker", "Initialization", True),
    ("6bf4f990701badfe", "matrix-mul-prod-mul_worker", "Initialization", True),
    ("6f83bb5e28389a57", "matrix-mul-prod-mul_worker", "Initialization", True),
    ("73968d2c60da6ef1", "matrix-mul-prod-result_builder", "Initialization", True),
    ("332056a005741d2b", "matrix-mul-prod-paralell_mul_scheduler", "Initialization", True),
    (
        "2d1ac1631da8de72",
        "model-training-dev-model-training",
        "Invocation .GetObject .PutObject Overhead",
        False,
    ),
    ("2aeb492d4d85131d", "realworld-dev-getComments", "Invocation .GetItem .Query Overhead", False),
    ("6929d85046522c18", "realworld-dev-getArticle", "Invocation .GetItem .GetItem .GetItem Overhead", False),
    (
        "35883a90700b03ff",
        "realworld-dev-followUser",
        "Initialization Invocation .GetItem .GetItem .PutItem .PutItem Overhead",
        True,
    ),
    (
        "25b1475b605b5ae7",
        "thumbnail-generator-production-thumbnail-generator",
        "Initialization GetObject PutObject",
        True,
    ),
    (
        "6fc3c3c212df370e",
        "thumbnail-generator-production-upload",
        "Initialization HeadBucket PutObject",
        True,
    ),
    ("71a00c7422e2e0c3", "thumbnail-generator-dev-thumbnail-generator", "GetObject PutObject", False),
    ("68cdba881d1333d6", "thumbnail-generator-dev-upload", "PutObject", False),
    ("00a53cb86187ae04", "thumbnail-generator-dev-thumbnail-generator", "GetObject PutObject", False),
    ("4b4784220cf089ef", "thumbnail-generator-dev-upload", "PutObject", False),
    ("2f4bd32319f701b8", "thumbnail-generator-prod-upload", "PutObject", False),
    (
        "1a20bdf3143c893f",
        "thumbnail-generator-prod-thumbnail-generator",
        "Initialization GetObject PutObject",
        True,
    ),
    ("5382ac7a0b5c0ca3", "aws-dev-lst", "Scan .marshal .attempt ..request ..response .unmarshal", False),
]
TRIGGERS = {
    "4c57c76218613840": "AWS::ApiGateway::Stage dev-event-processing/dev",
    "206c8bde4844d1da": "AWS::SNS format-state-change",
    "07b9760f4ecd9259": "AWS::StepFunctions::StateMachine MatrixMul",
    "25b1475b605b5ae7": "S3 cmueller-tgen-images",
    "4b4784220cf089ef": None,  # thumbnail_app_missing_root.json: the record of the caller is missing
}


def test_inspect_lists_every_invocation() -> None:
    found = inspect(REAL)
    listed = {
        (one.function_flow_id, one.function_name, " ".join(one.events), one.cold_start)
        for one in found.invocations
    }
    assert listed == set(INVOCATIONS)
    assert found.flows == len(found.invocations) == 24
    assert found.documents == 12
    assert found.losses == []
    assert not any(one.error for one in found.invocations)


def test_inspect_names_triggers_and_gaps() -> None:
    found = inspect(REAL)
    triggers = {one.function_flow_id: one.trigger for one in found.invocations}
    assert {flow: triggers[flow] for flow in TRIGGERS} == TRIGGERS
    unrecorded = [gap for gap in found.gaps if "without a record of the function itself" in gap]
    assert unrecorded
    assert unrecorded[0].startswith("1 ")  # thumbnail_app_fault.json: refused before the function ran


def test_functions_never_met_are_not_ready(tmp_path: Path) -> None:
    train(recorded_run("airline-benign"), tmp_path / "bundle")
    summary = score(tmp_path / "bundle", REAL, tmp_path / "verdicts.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "verdicts.jsonl").read_text().splitlines()]
    assert summary.verdicts == {"not_ready": 24}
    assert {line["verdict"] for line in lines} == {"not_ready"}
    assert [line["start_time"] for line in lines] == sorted(line["start_time"] for line in lines)
    assert {line["function_flow_id"] for line in lines} == {flow for flow, *_ in INVOCATIONS}
