"""The forms of the recorded segments: sound in themselves, and key by key like real ones."""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coldtrail_testbed.cloud.traces import subsegments

from .conftest import Run

_REAL = Path(__file__).parents[4] / "shared" / "data" / "xray-real"
Document = dict[str, Any]


def _documents(run: Run) -> Iterator[Document]:
    for trace in run.traces:
        yield from trace["segments"]


def test_no_orphans(benign_run: Run, attacked_run: Run, vod_run: Run) -> None:
    for trace in benign_run.traces + attacked_run.traces + vod_run.traces:
        whole = trace["segments"]
        known = {part["id"] for segment in whole for part in (segment, *subsegments(segment))}
        assert len(known) == sum(1 + len(list(subsegments(segment))) for segment in whole)
        assert [
            segment["name"] for segment in whole if segment.get("parent_id", whole[0]["id"]) not in known
        ] == []
        assert sum("parent_id" not in segment for segment in whole) == 1


def test_children_lie_inside_their_parents(benign_run: Run, attacked_run: Run, vod_run: Run) -> None:
    for segment in (*_documents(benign_run), *_documents(attacked_run), *_documents(vod_run)):
        for part in (segment, *subsegments(segment)):
            assert part["start_time"] <= part["end_time"]
            if part.get("origin") == "AWS::Lambda":
                continue  # Dwell Time and Attempt of an asynchronous call reach beyond it, on AWS too.
            for child in part.get("subsegments", ()):
                if child["name"] == "Initialization":
                    assert child["end_time"] < part["start_time"]
                else:
                    assert part["start_time"] <= child["start_time"]
                    assert child["end_time"] <= part["end_time"]


@pytest.mark.parametrize("run", ["benign_run", "vod_run"])
def test_every_function_has_its_invocation_and_overhead(run: str, request: pytest.FixtureRequest) -> None:
    for segment in request.getfixturevalue(run).segments("AWS::Lambda::Function"):
        names = [part["name"] for part in segment["subsegments"]]
        assert names in (["Invocation", "Overhead"], ["Initialization", "Invocation", "Overhead"])
        overhead = segment["subsegments"][-1]
        assert 0.0001 < overhead["end_time"] - overhead["start_time"] <= 0.00131


def test_nothing_tells_of_this_machine_or_of_the_attacks(
    benign_run: Run, attacked_run: Run, vod_run: Run
) -> None:
    text = json.dumps(benign_run.traces + attacked_run.traces + vod_run.traces)
    for secret in (str(Path.home()), "site-packages", "coldtrail", "infection", "attack", "127.0.0.1"):
        assert secret not in text


def _real_documents() -> list[Document]:
    if not _REAL.is_dir():
        pytest.skip(f"no recorded real traces in {_REAL}")
    files = [json.loads(path.read_text()) for path in sorted(_REAL.glob("*.json"))]
    traces = [trace for file in files for trace in file.get("Traces", [file])]
    documents = [segment["Document"] for trace in traces for segment in trace["Segments"]]
    return [json.loads(document) if isinstance(document, str) else document for document in documents]


def _kind(part: Document) -> str:
    if "?Action=" in part.get("http", {}).get("request", {}).get("url", ""):
        # A stage that calls a service itself: the recorded real one calls Step Functions.
        return "inferred from integration" if "origin" in part else "integration"
    if "origin" in part:
        return str(part["origin"])
    if part["name"] in ("Initialization", "Invocation", "Overhead", "Dwell Time", "Attempt #1", "QueueTime"):
        return str(part["name"])
    if part["name"] == "lambda":
        return "a function's call of lambda"
    # Service names are written in different ways: dynamodb by the Python SDK, DynamoDB by others.
    return f"call {part['name'].lower()}" if part.get("namespace") == "aws" else "custom"


def _key_sets(documents: list[Document]) -> dict[str, set[frozenset[str]]]:
    sets: dict[str, set[frozenset[str]]] = defaultdict(set)
    for document in documents:
        for part in (document, *subsegments(document)):
            kind = _kind(part)
            sets[kind].add(frozenset(part) - {"subsegments", "fault", "error", "throttle", "cause"})
            sets[f"{kind} aws"].add(frozenset(part.get("aws", {})))
            sets[f"{kind} http"].add(frozenset(part.get("http", {})))
    return sets


def _without(documents: list[Document], *keys: str) -> dict[str, set[frozenset[str]]]:
    return {kind: {one - frozenset(keys) for one in sets} for kind, sets in _key_sets(documents).items()}


_SERVICE_MADE = [
    "AWS::ApiGateway::Stage",
    "AWS::Lambda",
    "AWS::Lambda::Function",
    "AWS::StepFunctions::StateMachine",
    "Initialization",
    "Invocation",
    "Overhead",
    "Dwell Time",
    "Attempt #1",
    "QueueTime",
    "call lambda",
    "integration",
]
# The real traces were written by the X-Ray SDK for Node, which also records `retries`.
_SDK_MADE = [
    "AWS::DynamoDB::Table",
    "AWS::SNS",
    "AWS::SQS::Queue",
    "AWS::S3::Bucket",
    "call dynamodb",
    "call sns",
    "call s3",
]
# What the SDK also records of operations that no real trace holds (its file aws_para_whitelist.json).
_OF_OTHER_OPERATIONS = (
    *("retries", "index_name", "prefix", "message_id", "message_count", "max_number_of_messages"),
    *("failed", "successful", "limit", "count", "scanned_count"),
)
_OF_ANY_OPERATION = {
    # All that it records of operations that are not in that file, such as S3 PutObjectTagging.
    frozenset(("operation", "region", "request_id")),
    frozenset(("operation", "region", "request_id", "id_2")),
    # A bucket without a key, such as S3 ListObjectsV2: the real traces have it without the region.
    frozenset(("operation", "region", "request_id", "id_2", "bucket_name", "resource_names")),
}


@pytest.mark.real_data
@pytest.mark.parametrize("kind", _SERVICE_MADE)
@pytest.mark.parametrize("part", ["", " aws", " http"])
def test_what_services_write_has_the_real_keys(
    benign_run: Run, attacked_run: Run, vod_run: Run, kind: str, part: str
) -> None:
    real = _key_sets(_real_documents())[kind + part]
    runs = (benign_run, attacked_run, vod_run)
    ours = _key_sets([document for run in runs for document in _documents(run)])[kind + part]
    roots = {keys - {"parent_id"} for keys in real}
    assert ours
    assert {keys - {"parent_id"} for keys in ours} <= roots


@pytest.mark.real_data
@pytest.mark.parametrize("kind", _SDK_MADE)
@pytest.mark.parametrize("part", ["", " aws"])
def test_what_the_sdk_writes_has_the_real_keys(
    benign_run: Run, attacked_run: Run, vod_run: Run, kind: str, part: str
) -> None:
    real = _without(_real_documents(), *_OF_OTHER_OPERATIONS)[kind + part]
    runs = (benign_run, attacked_run, vod_run)
    documents = [document for run in runs for document in _documents(run)]
    ours = _without(documents, *_OF_OTHER_OPERATIONS)[kind + part]
    assert ours
    assert ours - _OF_ANY_OPERATION <= real


@pytest.mark.real_data
def test_asynchronous_invocations_hang_together_like_real_ones(benign_run: Run) -> None:
    for documents in (_real_documents(), list(_documents(benign_run))):
        by_id = {part["id"]: part for whole in documents for part in (whole, *subsegments(whole))}
        functions = [part for part in documents if part.get("origin") == "AWS::Lambda::Function"]
        parents = {by_id[part["parent_id"]]["name"] for part in functions if part["parent_id"] in by_id}
        assert "Attempt #1" in parents
        topics = [part for part in documents if part.get("origin") == "AWS::SNS"]
        woken = {part.get("parent_id") for part in documents if part.get("origin") == "AWS::Lambda"}
        assert any(topic["id"] in woken for topic in topics)
