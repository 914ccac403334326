"""What people save of X-Ray's answers is read, or refused with the command that gives more."""

import json
from typing import Any

import pytest

from coldtrail.errors import DocumentError
from coldtrail.formats.xray.parser import XRayParser
from tests.fixtures.telemetry import TraceBuilder, as_answered
from tests.formats.xray_parts import parse

TRACE = as_answered(TraceBuilder(3).trace("shop-prod-pay", "shop-prod-mail"))
SEGMENTS = TRACE["Segments"]
TEXTS = [one["Document"] for one in SEGMENTS]
ID = "1-65540000-aaaaaaaaaaaaaaaaaaaaaaaa"
SUMMARY = {"Id": ID, "Duration": 0.2, "HasFault": False, "HasError": False, "HasThrottle": False}
SERVICE = {"ReferenceId": 0, "Name": "Orders", "Type": "AWS::Lambda", "Edges": []}


@pytest.mark.parametrize(
    "saved",
    [
        TRACE,
        [TRACE],
        {"Traces": [TRACE]},
        {"Trace": TRACE},
        {"result": {"Traces": [TRACE]}},
        {"traces": [TRACE]},
        {"one": {"two": TRACE}},
        [[TRACE]],
        SEGMENTS,
        [SEGMENTS],
        {"Segments": SEGMENTS},
        {"Segments": TEXTS},
        TEXTS,
        {"TraceSegmentDocuments": TEXTS},
        {"TraceSegmentDocuments": TEXTS, "TracerName": "x"},
        {"Id": TRACE["Id"], "Duration": 0.1, "Spans": SEGMENTS},
    ],
    ids=lambda saved: json.dumps(saved)[:30],
)
def test_saved_traces_are_read(saved: Any) -> None:
    assert XRayParser.matches(json.dumps(saved).encode())
    parsed, expected = parse(saved), parse(TRACE)
    assert parsed.problems == []
    assert {span.span_id for span in parsed.spans} == {span.span_id for span in expected.spans}
    assert len(parsed.links) == len(expected.links)
    assert {span.trace_id for span in parsed.spans} == {TRACE["Id"]}


@pytest.mark.parametrize("one", [SEGMENTS[0], TEXTS[0]])
def test_one_segment_by_itself_is_read(one: Any) -> None:
    payload = json.dumps(one).encode()
    assert XRayParser.matches(payload)
    parsed = parse(payload)
    assert len(parsed.spans) + len(parsed.links) >= 1
    assert parsed.problems == []


@pytest.mark.parametrize(
    "saved",
    [
        {"TraceSummaries": [SUMMARY], "TracesProcessedCount": 1},
        SUMMARY,
        [SUMMARY],
        [{"Id": ID, "Duration": 0.2, "HasFault": False, "Annotations": {}}],
        {"Id": ID},
    ],
)
def test_summaries_are_refused_with_the_command_that_fetches_their_traces(saved: Any) -> None:
    assert XRayParser.matches(json.dumps(saved).encode())
    with pytest.raises(DocumentError, match=rf"summar.*`aws xray batch-get-traces --trace-ids {ID}`"):
        parse(saved)


@pytest.mark.parametrize("saved", [ID, [ID], {"TraceIds": [ID]}])
def test_ids_of_traces_are_refused_with_the_command_that_fetches_them(saved: Any) -> None:
    assert XRayParser.matches(json.dumps(saved).encode())
    with pytest.raises(DocumentError, match=rf"no steps; .*`aws xray batch-get-traces --trace-ids {ID}`"):
        parse(saved)


def test_what_sdks_send_to_the_daemon_before_a_segment_tells_nothing_and_is_no_loss() -> None:
    header = b'{"format": "json", "version": 1}'
    assert XRayParser.matches(header)
    parsed = parse(header)
    assert (parsed.spans, parsed.links, parsed.problems) == ([], [], [])
    assert not XRayParser.matches(b'{"format": "json", "version": 1, "a": 2}')


@pytest.mark.parametrize(
    "saved",
    [
        {"Services": [SERVICE], "StartTime": 1.0},
        {"Services": [], "StartTime": 1, "EndTime": 2, "ContainsOldGroupVersions": False},
        SERVICE,
        [SERVICE],
    ],
)
def test_service_graphs_are_refused_with_the_command_that_fetches_traces(saved: Any) -> None:
    assert XRayParser.matches(json.dumps(saved).encode())
    with pytest.raises(DocumentError, match=r"service graph.*`aws xray batch-get-traces --trace-ids"):
        parse(saved)


@pytest.mark.parametrize("ids", ["x; rm -rf", 7, None, "\u001b[31m"])
def test_a_summary_puts_no_words_of_its_own_into_the_command(ids: Any) -> None:
    with pytest.raises(DocumentError, match="--trace-ids \\.\\.\\.`"):
        parse({"TraceSummaries": [{"Id": ids}]})


@pytest.mark.parametrize("saved", [{}, {"Records": [{"Document": "x"}]}, {"Document": "x"}, ["x"], "x"])
def test_other_things_look_like_no_saved_traces(saved: Any) -> None:
    assert not XRayParser.matches(json.dumps(saved).encode())
