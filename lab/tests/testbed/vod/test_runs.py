"""A recorded run of video on demand: the machines, what they call, and what goes wrong."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from coldtrail_testbed.attacks import find_attacks
from coldtrail_testbed.flows import Flow, flows_of
from coldtrail_testbed.recorder import record
from lab.tests.testbed.conftest import Run, read_run

_FILES = ("incidents.jsonl", "labels.jsonl", "run.json", "traces.jsonl.gz")
_RARE = {"custom-resource", "media-package-assets"}
_MAIN_PATH = {
    "step-functions": ["StartExecution"],
    "input-validate": ["GetParameter"],
    "mediainfo": ["Query", "HeadObject", "GetObject"],
    "dynamo": ["Query", "Query", "UpdateItem"],
    "sns-notification": ["Publish"],
    "profiler": ["Query", "Query", "Query", "GetItem"],
    "encode": ["Query", "Query", "GetJobTemplate", "CreateJob"],
    "output-validate": ["Query", "Query", "GetItem", "ListObjectsV2"],
    "archive-source": ["GetParameter", "PutObjectTagging", "UpdateItem"],
    "sqs-publish": ["SendMessage"],
    "error-handler": ["UpdateItem", "Publish"],
    "mail-receive": ["StartExecution"],
    "mail-parse": ["GetObject"],
    "mail-store": ["GetObject", "PutObject", "SendEmail"],
}


def _flows(run: Run) -> list[Flow]:
    return [flow for trace in run.traces for flow in flows_of({"segments": trace["segments"]})]


def _machines(trace: dict[str, Any]) -> list[str]:
    return [
        segment["name"]
        for segment in trace["segments"]
        if segment["origin"] == "AWS::StepFunctions::StateMachine"
    ]


def test_every_function_of_the_main_path_runs(vod_run: Run) -> None:
    functions = vod_run.summary.functions
    assert set(_MAIN_PATH) | {"publish-digest"} <= set(functions)
    assert set(functions) <= set(_MAIN_PATH) | {"publish-digest"} | _RARE


@pytest.mark.parametrize("function", sorted(_MAIN_PATH))
def test_functions_make_the_calls_of_their_table(vod_run: Run, function: str) -> None:
    flows = [flow for flow in _flows(vod_run) if flow.function == function]
    calls = Counter(tuple(call.operation for call in flow.calls) for flow in flows)
    assert calls.most_common(1)[0][0] == tuple(_MAIN_PATH[function])


def test_flows_have_three_to_twelve_events(vod_run: Run) -> None:
    assert {flow.events for flow in _flows(vod_run)} <= set(range(3, 13))


def test_an_upload_makes_some_fifteen_invocations(vod_run: Run) -> None:
    functions = vod_run.summary.functions
    assert 12 <= vod_run.summary.flows / functions["input-validate"] <= 17
    assert functions["dynamo"] == pytest.approx(3 * functions["output-validate"], rel=0.25)


def test_publishing_is_a_trace_of_its_own(vod_run: Run) -> None:
    paths = Counter(tuple(sorted(_machines(trace))) for trace in vod_run.traces)
    assert paths["vod-ingest", "vod-process"] > 0
    assert paths["vod-publish",] > 0
    assert all("vod-publish" not in path or len(path) == 1 for path in paths)


def test_jobs_that_cannot_be_processed_reach_the_error_handler(vod_run: Run) -> None:
    functions = vod_run.summary.functions
    assert functions["error-handler"] > 0
    assert 0 < functions["encode"] - functions["output-validate"] <= functions["error-handler"]


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    # Not the burst at night: the timed events of a day until then would take most of the test's time.
    attacks = [one.name for one in find_attacks(["all"], "vod") if one.name != "off_hours_burst"]
    for name in ("one", "two"):
        record("vod", 5, 3, attacks, tmp_path / name, attack_share=0.5, telemetry=["all"])
    one, two = (_contents(tmp_path / name) for name in ("one", "two"))
    assert one == two
    assert {*_FILES, "cloudtrail_labels.jsonl", "otlp.jsonl.gz"} <= one.keys()


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.*")}


@pytest.mark.slow
def test_a_new_version_and_a_new_function_join_the_run(tmp_path: Path) -> None:
    look_alikes = ["new_version", "new_function"]
    summary = record("vod", 16, 8, ["none"], tmp_path / "run", look_alikes=look_alikes)
    flows = _flows(read_run(summary))
    probes = [flow for flow in flows if flow.function == "mediainfo"]
    tagged = [flow for flow in probes if flow.calls[-1].operation == "GetObjectTagging"]
    assert 0 < len(tagged) == summary.look_alikes["new_version"] < len(probes)
    newcomers = [flow for flow in flows if flow.function == "thumbnails"]
    assert 0 < len(newcomers) == summary.look_alikes["new_function"]
    expected = ["ListObjectsV2", "PutObject", "UpdateItem"]
    assert all([call.operation for call in flow.calls] == expected for flow in newcomers)
