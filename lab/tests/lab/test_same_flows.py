"""One run of the testbed written in X-Ray, OTLP and `aws-spans` is read as the same flows."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

import coldtrail_testbed
from coldtrail.assembly.assembling import Assembling
from coldtrail.config import Settings
from coldtrail.features.lean import whole
from coldtrail.formats.detect import parser_for
from coldtrail.records.flow import Flow
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document
from coldtrail_testbed.telemetry.aws_spans import span_record
from coldtrail_testbed.telemetry.otlp import export_request
from coldtrail_testbed.telemetry.spans import Span, spans_of

RECORDED = Path(coldtrail_testbed.__file__).parent / "recorded"
TRACES = 40
CLOCK_S = 2e-6
"""X-Ray's times are seconds, those of spans nanoseconds."""


def flows_of(name: str, payloads: Sequence[Any]) -> list[Flow]:
    """The flows of documents of a format (`auto`: of any), as far as formats may tell the same of them."""
    tally = Tally()
    line = Assembling(parser_for(name, Settings()), Settings(), tally)
    early = line.push([Document(json.dumps(one).encode(), name, str(at)) for at, one in enumerate(payloads)])
    flows = [whole(flow) for flow in (*early, *line.drain())]
    assert tally.lost == 0
    return sorted(flows, key=lambda flow: flow.function_flow_id)


def without_clock(flow: Flow) -> Flow:
    """The flow but for its times, the spelling of its trace's id, and what its format is called."""
    events = tuple(replace(event, start_time=0.0, end_time=0.0, witness="") for event in flow.events)
    return replace(
        flow, application_flow_id="", start_time=0.0, end_time=0.0, events=events, self_times=(),
        own_time=0.0, witnesses=(),
    )  # fmt: skip


def forms_of(application: str) -> tuple[list[Any], list[Any], list[Any]]:
    """Documents of one run in X-Ray, OTLP and `aws-spans`."""
    with gzip.open(RECORDED / f"{application}-benign.jsonl.gz", "rt") as lines:
        traces = [json.loads(line) for line, _ in zip(lines, range(TRACES), strict=False)]
    spans: list[list[Span]] = []
    for trace in traces:
        segments = [json.loads(held["Document"]) for held in trace["Segments"]]
        spans.append(spans_of({"id": trace["Id"], "segments": segments}, {}))
    return (
        traces,
        [export_request(some) for some in spans],
        [span_record(one) for some in spans for one in some],
    )


@pytest.mark.parametrize("application", ["airline", "vod"])
def test_formats_tell_the_same_flows(application: str) -> None:
    traces, requests, lines = forms_of(application)
    xray = flows_of("xray", traces)
    assert len(xray) > TRACES
    for others in (flows_of("otlp", requests), flows_of("aws-spans", lines)):
        assert [without_clock(flow) for flow in others] == [without_clock(flow) for flow in xray]
        for one, other in zip(others, xray, strict=True):
            assert one.start_time == pytest.approx(other.start_time, abs=CLOCK_S)
            assert one.self_times == pytest.approx(other.self_times, abs=2 * CLOCK_S)


@pytest.mark.parametrize("application", ["airline", "vod"])
def test_forms_of_one_run_in_one_folder_are_its_flows_once_and_contradict_each_other_in_nothing(
    application: str,
) -> None:
    traces, requests, lines = forms_of(application)
    alone = flows_of("xray", traces)
    for mixed in ((*traces, *requests), (*lines, *traces), (*requests, *lines), (*lines, *traces, *requests)):
        both = flows_of("auto", mixed)
        assert [flow.contradictions for flow in both if flow.contradictions] == []
        assert [without_clock(flow) for flow in both] == [without_clock(flow) for flow in alone]
        assert min(len(flow.witnesses) for flow in both) > 1
