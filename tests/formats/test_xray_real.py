"""Real traces of AWS X-Ray, and what a person read in them."""

from pathlib import Path

import pytest

from coldtrail.assembly.masking import Masking
from coldtrail.config import Settings
from coldtrail.formats.xray.parser import XRayParser
from coldtrail.records.telemetry import Document, Observations, Span

MASKING = Masking(512)
FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "xray-real"

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the folder of recorded real traces is absent"),
]

Row = tuple[str, str, str | None, str | None]


def parsed(name: str) -> Observations:
    found = XRayParser(Settings())(Document((FOLDER / f"{name}.json").read_bytes(), name))
    assert found.problems == []
    assert all(span.span_id for span in found.spans)
    return found


def rows(span: Span) -> list[Row]:
    """The events by start: name, type, parent and target."""
    return [
        (event.event_name, event.event_type, event.event_parent_name, event.event_target_resource)
        for event in sorted(MASKING.steps(span.steps, span.account), key=lambda event: event.start_time)
    ]


def flow(name: str, function: str) -> Span:
    (span,) = [found for found in parsed(name).spans if found.function_name == function]
    return span


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_every_trace_is_read_without_a_loss(path: Path) -> None:
    found = parsed(path.stem)
    known = {link.link_id for link in found.links}
    for span in found.spans:
        assert span.account is not None
        assert span.region is not None
        assert span.parent_id in known
        assert span.steps
    assert len({link.trace_id for link in found.links}) == 1


def test_a_scan_with_its_attempt() -> None:
    span = flow("todo_app", "aws-dev-lst")
    assert (span.application_name, span.account, span.region) == (None, "123456789012", "eu-west-1")
    assert (span.start_time, span.end_time) == (1619774396.615, 1619774396.625)
    assert span.parent_id == "6fd8f7cf8343d129"
    assert rows(span) == [
        ("Scan", "DynamoDB", None, "aws-dev"),
        ("marshal", "function", "Scan", None),
        ("attempt", "function", "Scan", None),
        ("request", "function", "attempt", None),
        ("response", "function", "attempt", None),
        ("unmarshal", "function", "Scan", None),
    ]


def test_nine_cold_starts_and_nothing_else() -> None:
    found = parsed("matrix_app").spans
    assert len(found) == 9
    assert all(rows(span) == [("Initialization", "lifecycle", None, None)] for span in found)
    assert all(span.cold_start and not span.error for span in found)
    names = sorted(span.function_name.removeprefix("matrix-mul-prod-") for span in found)
    assert names == [
        "build_report",
        "create_matrix",
        *["mul_worker"] * 5,
        "paralell_mul_scheduler",
        "result_builder",
    ]


def test_state_machines_are_links() -> None:
    links = {link.link_id: link for link in parsed("matrix_app").links}
    machine = links["30bb5a0826bdc87f"]
    assert (machine.kind, machine.name) == ("AWS::StepFunctions::StateMachine", "MatrixMul")
    worker = links["3b77f6aa6ad371d3"]
    assert (worker.kind, MASKING.resources[worker.name]) == ("AWS::Lambda", "matrix-mul-prod-mul_worker")
    climbed = []
    current = worker
    while current.parent_id is not None:
        current = links[current.parent_id]
        climbed.append(MASKING.resources[current.name])
    assert climbed == [
        "Lambda",
        "MulWorker1",
        "Branch 0",
        "ParallelMul",
        "MatrixMul",
        "STEPFUNCTIONS",
        "prod-matrix-mul/prod",
    ]


def test_an_invocation_that_never_ran() -> None:
    found = parsed("thumbnail_app_fault")
    assert found.spans == []
    assert [(link.kind, MASKING.resources[link.name], link.failed) for link in found.links] == [
        ("AWS::ApiGateway::Stage", "dev-thumbnail-generator/dev", True),
        ("subsegment", "Lambda", False),
        ("AWS::Lambda", "thumbnail-generator-dev-upload", True),
    ]


def test_messages_between_functions() -> None:
    assert rows(flow("event_processing_app", "event-processing-dev-ingest")) == [
        ("Invocation", "lifecycle", None, None),
        ("Publish", "SNS", "Invocation", "format-state-change"),
        ("Overhead", "lifecycle", None, None),
    ]
    formatting = flow("event_processing_app", "event-processing-dev-format_state_change")
    assert rows(formatting)[1] == ("SendMessage", "SQS", "Invocation", "EventIngestQueue")
    links = {link.link_id: link for link in parsed("event_processing_app").links}
    attempt = links[formatting.parent_id or ""]
    assert attempt.name == "Attempt #1"
    topic = links[links[attempt.parent_id or ""].parent_id or ""]
    assert (topic.kind, MASKING.resources[topic.name]) == ("AWS::SNS", "format-state-change")


def test_a_database_flow_with_a_cold_start() -> None:
    span = flow("realworld_app_missing_coldstart", "realworld-dev-followUser")
    assert span.cold_start
    assert rows(span) == [
        ("Initialization", "lifecycle", None, None),
        ("Invocation", "lifecycle", None, None),
        ("GetItem", "DynamoDB", "Invocation", "realworld-dev-users"),
        ("GetItem", "DynamoDB", "Invocation", "realworld-dev-users"),
        ("PutItem", "DynamoDB", "Invocation", "realworld-dev-users"),
        ("PutItem", "DynamoDB", "Invocation", "realworld-dev-users"),
        ("Overhead", "lifecycle", None, None),
    ]


def test_a_dwell_that_is_still_open_leaves_the_flow_complete() -> None:
    found = parsed("thumbnail_app_in_progress")
    assert [span.in_progress for span in found.spans] == [False, False]
    assert rows(flow("thumbnail_app_in_progress", "thumbnail-generator-dev-thumbnail-generator")) == [
        ("GetObject", "S3", None, "thumbgen-images-sb-4362"),
        ("PutObject", "S3", None, "thumbgen-thumbnails-sb-4362"),
    ]


def test_a_trace_without_its_root() -> None:
    span = flow("thumbnail_app_missing_root", "thumbnail-generator-dev-upload")
    links = {link.link_id: link for link in parsed("thumbnail_app_missing_root").links}
    service = links[span.parent_id or ""]
    assert service.kind == "AWS::Lambda"
    assert service.parent_id not in links
