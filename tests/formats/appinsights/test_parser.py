import json
from math import inf
from typing import Any

import pytest

from coldtrail.assembly.from_documents import flows_from
from coldtrail.assembly.windows import Windows
from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.formats.appinsights.parser import AppInsightsParser
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document, Observations
from tests.fixtures.witnesses import DEPENDENCY_ROW, OPERATION, REQUEST_ID, REQUEST_ROW

CLASSIC = {
    "timestamp": "2026-11-30T12:00:00Z",
    "itemType": "request",
    "id": "a1b2c3d4e5f60718",
    "operation_Id": OPERATION,
    "operation_ParentId": OPERATION,
    "name": "Pay",
    "success": "True",
    "resultCode": "200",
    "duration": 250.5,
    "cloud_RoleName": "shop",
    "customDimensions": json.dumps({"InvocationId": REQUEST_ID, "FullName": "Functions.Pay"}),
}


def parse(value: Any) -> Observations:
    data = json.dumps(value).encode()
    assert AppInsightsParser.matches(data)
    return AppInsightsParser(Settings(), Pseudonyms(b"k" * 32))(Document(data, "test"))


def test_a_request_is_a_run_of_its_function() -> None:
    (span,) = parse(REQUEST_ROW).spans
    assert (span.trace_id, span.span_id, span.parent_id) == (OPERATION, "a1b2c3d4e5f60718", None)
    assert (span.function_name, span.request_id) == ("shop/Pay", REQUEST_ID)
    assert (span.account, span.version) == ("8f507cfc-1b2c-4d5e-8f60-718293a4b5c6", "4.1037.0.0")
    assert (span.start_time, span.end_time) == (1_796_040_000.0, pytest.approx(1_796_040_000.2505))
    assert (span.error, span.is_named_by_service, span.witnesses) == (False, False, ("appinsights",))
    assert span.trigger == "http shop.azurewebsites.net"


def test_a_dependency_is_a_piece_below_its_request() -> None:
    (span,) = parse(DEPENDENCY_ROW).spans
    assert (span.span_id, span.parent_id) == (None, "a1b2c3d4e5f60718")
    (step,) = span.steps
    assert (step.event_name, step.event_type, step.event_target_resource) == (
        "SELECT",
        "SQL Server",
        "shop@db.example",
    )


@pytest.mark.parametrize(
    "wrapped",
    [
        {"records": [REQUEST_ROW, DEPENDENCY_ROW]},
        {
            "tables": [
                {
                    "name": "PrimaryResult",
                    "columns": [{"name": name} for name in ("Type", *REQUEST_ROW)],
                    "rows": [[row.get(name) for name in ("Type", *REQUEST_ROW)] for row in (REQUEST_ROW,)],
                }
            ]
        },
        {"time": "2026-11-30T12:00:00Z", "category": "AppRequests", "properties": REQUEST_ROW},
        CLASSIC,
    ],
)
def test_every_way_in_which_rows_come(wrapped: dict[str, Any]) -> None:
    span = parse(wrapped).spans[0]
    assert (span.function_name, span.request_id, span.span_id) == ("shop/Pay", REQUEST_ID, "a1b2c3d4e5f60718")


def test_steps_lie_in_their_run_where_one_document_tells_both() -> None:
    (span,) = parse({"records": [DEPENDENCY_ROW, REQUEST_ROW]}).spans
    assert [step.event_name for step in span.steps] == ["SELECT"]


@pytest.mark.parametrize(
    ("success", "failed"), [(True, False), (False, True), ("False", True), ("True", False), (None, False)]
)
def test_whether_it_failed(success: object, failed: bool) -> None:
    assert parse(REQUEST_ROW | {"Success": success}).spans[0].error is failed


def test_other_tables_are_read_past() -> None:
    trace = {"Type": "AppTraces", "OperationId": OPERATION, "Message": "hello", "AppRoleName": "shop"}
    parsed = parse(trace)
    assert (parsed.spans, parsed.problems) == ([], [])


def test_a_request_of_no_function_is_a_run_of_its_service() -> None:
    (span,) = parse(REQUEST_ROW | {"Properties": {}, "Name": "GET /items"}).spans
    assert (span.function_name, span.is_named_by_service) == ("shop", True)


@pytest.mark.parametrize(
    "changes",
    [
        {"DurationMs": "x"},
        {"DurationMs": -1},
        {"time": "x"},
        {"Id": "\u001b"},
        {"Id": None},
        {"OperationId": 5},
    ],
)
def test_a_row_that_cannot_be_placed_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(DocumentError):
        parse(REQUEST_ROW | changes)
    mixed = parse({"records": [REQUEST_ROW | changes, REQUEST_ROW]})
    assert (len(mixed.spans), len(mixed.problems)) == (1, 1)


def test_durations_may_be_spans_of_time() -> None:
    (span,) = parse(REQUEST_ROW | {"DurationMs": "00:00:01.5"}).spans
    assert span.end_time == 1_796_040_001.5


def test_the_trace_of_one_row() -> None:
    assert AppInsightsParser.trace_of(json.dumps(REQUEST_ROW).encode()) == OPERATION.encode()
    assert AppInsightsParser.trace_of(json.dumps([REQUEST_ROW] * 2).encode()) is None


EVENT: dict[str, Any] = {
    "ai": {"appId": None, "appName": "shop"},
    "application": {"version": "4.1037.0.0"},
    "client": {"city": "Bern", "ip": "203.0.113.7"},
    "cloud": {"roleInstance": "i1", "roleName": "shop"},
    "count": 4,
    "customDimensions": {"InvocationId": REQUEST_ID, "FullName": "Functions.Pay"},
    "customMeasurements": None,
    "id": "9d1b8f40-cd00-11f0-9b5c-000d3a000000",
    "operation": {"id": OPERATION, "name": "Pay", "parentId": OPERATION, "syntheticSource": ""},
    "request": {
        "duration": 250.5,
        "id": "a1b2c3d4e5f60718",
        "name": "Pay",
        "resultCode": "200",
        "success": "True",
        "url": "https://shop.azurewebsites.net/api/pay?code=x",
    },
    "timestamp": "2026-11-30T12:00:00Z",
    "type": "request",
}
CALLED: dict[str, Any] = {
    **{key: value for key, value in EVENT.items() if key != "request"},
    "operation": {"id": OPERATION, "name": "Pay", "parentId": "a1b2c3d4e5f60718"},
    "dependency": {
        "data": "SELECT * FROM cards",
        "duration": 12,
        "id": "b1b2c3d4e5f60718",
        "name": "SQL: db.example | shop",
        "success": "True",
        "target": "tcp:db.example,1433 | shop",
        "type": "SQL",
    },
    "type": "dependency",
}


@pytest.mark.parametrize(
    "custom", [EVENT["customDimensions"], {"additionalProperties": EVENT["customDimensions"]}]
)
def test_events_as_azures_command_shows_them(custom: dict[str, Any]) -> None:
    shown = EVENT | {"customDimensions": custom}
    (span,) = parse({"@odata.context": "x", "aiMessages": [], "value": [shown, CALLED]}).spans
    assert (span.function_name, span.request_id, span.span_id) == ("shop/Pay", REQUEST_ID, "a1b2c3d4e5f60718")
    assert (span.trace_id, span.version, span.error) == (OPERATION, "4.1037.0.0", False)
    assert [step.event_target_resource for step in span.steps] == ["shop@db.example"]
    assert parse(shown).spans[0].function_name == "shop/Pay"


def test_other_events_are_read_past() -> None:
    shown = EVENT | {"type": "trace", "trace": {"message": "hello", "severityLevel": 1}}
    assert parse(shown).spans == []


def test_a_sampled_request_says_for_how_many_it_stands() -> None:
    (sample,) = parse({"value": [EVENT, CALLED]}).metrics
    assert (sample.start_time, sample.function_name, sample.invocations) == (1_796_040_000.0, "shop/Pay", 4.0)
    assert (sample.errors, sample.sample) == (0.0, f"{OPERATION} a1b2c3d4e5f60718")
    (failed,) = parse(REQUEST_ROW | {"Success": False, "ItemCount": 3}).metrics
    assert (failed.invocations, failed.errors) == (3.0, 3.0)
    assert parse({key: value for key, value in REQUEST_ROW.items() if key != "ItemCount"}).metrics == ()


@pytest.mark.parametrize("count", [0, -3, 10**9, "4", True, 2.5, None])
def test_odd_counts_say_nothing(count: object) -> None:
    assert parse(REQUEST_ROW | {"ItemCount": count}).metrics == ()


def test_what_rows_stand_for_gives_the_share_that_was_kept() -> None:
    settings = Settings()
    document = Document(json.dumps(EVENT).encode(), "test")
    flows = list(
        flows_from([document], AppInsightsParser(settings, Pseudonyms(b"k" * 32)), settings, Tally())
    )
    windows = Windows(settings)
    windows.push([*parse(EVENT).metrics, *parse(EVENT).metrics, *flows])
    (window,) = windows.advance(inf)
    assert (window.function_name, window.source) == ("shop/Pay", "samples")
    assert (window.invocations, window.traced) == (4.0, 1)
