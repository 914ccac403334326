"""Spans to observations; any cut of the spans into documents gives the same flows."""

import json
from collections.abc import Sequence
from random import Random

import pytest

from coldtrail.assembly.assembling import Assembling
from coldtrail.config import Settings
from coldtrail.formats.aws_spans.parser import AwsSpansParser
from coldtrail.formats.otlp.parser import OtlpParser
from coldtrail.records.columns import WholeTrace
from coldtrail.records.flow import Flow
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document, Observations
from tests.fixtures.instrumentations import INSTRUMENTATIONS
from tests.fixtures.otel import START_NS, Attributes, OtelSpan, as_record, as_records, as_wire

TRACE = "5f84c7a10123456789abcdef01234567"
FUNCTION = {"faas.name": "Orders", "service.name": "Orders", "cloud.platform": "aws_lambda"}
SERVICE = {"service.name": "shop", "service.namespace": "store"}


def span(
    number: int,
    parent: int | None,
    kind: str = "INTERNAL",
    attributes: Attributes | None = None,
    resource: Attributes = FUNCTION,
    **more: object,
) -> OtelSpan:
    told = {
        "trace_id": TRACE,
        "name": f"step {number}",
        "start_ns": START_NS + number * 1_000_000,
        "end_ns": START_NS + 900_000_000 - number * 1_000_000,
    }
    return OtelSpan(
        span_id=f"{number:016x}",
        parent_id=None if parent is None else f"{parent:016x}",
        kind=kind,
        attributes=attributes or {},
        resource=resource,
        **{**told, **more},  # type: ignore[arg-type]
    )


def parsed(*spans: OtelSpan) -> Observations:
    return OtlpParser(Settings())(Document(as_wire(spans), "test"))


def flows(documents: Sequence[Sequence[OtelSpan]]) -> tuple[list[Flow], Tally]:
    tally = Tally()
    line = Assembling(OtlpParser(Settings()), Settings(), tally)
    early = line.push(
        [Document(as_wire(spans), "test", str(number)) for number, spans in enumerate(documents)]
    )
    assert early == []
    return [flow for flow in line.drain() if isinstance(flow, Flow)], tally


def test_one_resource_may_hold_several_functions() -> None:
    shared = {"service.name": "host", "cloud.platform": "azure_functions"}
    found = parsed(
        span(1, None, "SERVER", {"faas.name": "host/Pay", "faas.trigger": "http"}, shared),
        span(2, 1, "CLIENT", {"http.method": "GET", "server.address": "a"}, shared),
        span(3, None, "INTERNAL", {"faas.name": "host/Mail", "faas.trigger": "timer"}, shared),
    )
    assert [(run.function_name, run.trigger, len(run.steps)) for run in found.spans] == [
        ("host/Pay", "http", 1),
        ("host/Mail", "timer", 0),
    ]


def test_a_service_that_is_no_function_runs_under_its_own_name() -> None:
    (run,) = parsed(span(1, None, "SERVER", {"http.route": "/a", "http.method": "GET"}, SERVICE)).spans
    assert (run.function_name, run.application_name, run.is_named_by_service) == ("shop", "store", True)
    assert run.trigger == "http /a"


def test_a_call_that_nothing_lies_above_is_a_run_of_one_step() -> None:
    (run,) = parsed(span(1, None, "CLIENT", {"http.method": "GET", "server.address": "a"}, SERVICE)).spans
    assert [(step.event_id, step.event_name) for step in run.steps] == [(run.span_id, "GET")]
    queue = {
        "messaging.system": "aws_sqs",
        "messaging.destination.name": "orders",
        "messaging.operation": "send",
    }
    (run,) = parsed(span(1, None, "PRODUCER", queue, SERVICE)).spans
    assert ([step.event_name for step in run.steps], run.trigger) == (["SendMessage"], None)


def test_work_on_messages_tells_what_triggered_the_run() -> None:
    queue = {
        "messaging.system": "aws_sqs",
        "messaging.destination.name": "orders",
        "messaging.operation": "process",
    }
    other = "6f84c7a10123456789abcdef01234567"
    entry, work = (
        span(1, None, "SERVER", {"faas.trigger": "pubsub", "faas.invocation_id": "R"}),
        span(2, 1, "CONSUMER", queue, links=((other, "1" * 16),)),
    )
    found = parsed(entry, work)
    assert [run.trigger for run in found.spans] == [None, "AWS::SQS orders"]
    assert {(link.link_id, link.from_trace_id, link.kind, link.name) for link in found.trace_links} == {
        (run_id, other, "AWS::SQS", "orders") for run_id in (entry.span_id, work.span_id)
    }


def test_which_call_made_which_request_is_told() -> None:
    call = {"rpc.system": "aws-api", "rpc.service": "S3", "rpc.method": "PutObject", "aws.request_id": "Q2"}
    entry = span(1, None, "SERVER", {"faas.invocation_id": "R"})
    made, other = span(2, 1, "CLIENT", call), span(3, 1, "INTERNAL", {"aws.request_id": "Q3"})
    told = [made.span_id, "Q2"]
    assert parsed(entry, made, other).requests == told
    assert parsed(made).requests == told
    whole = OtlpParser(Settings()).straight(Document(as_wire([entry, made, other]), "test"))
    assert isinstance(whole, WholeTrace)
    assert list(whole.requests) == told
    assert parsed(entry, made).spans[0].request_id == "R"


def test_the_start_of_an_instance_is_a_report() -> None:
    start = span(1, None, "INTERNAL", {"faas.coldstart": True}, name="init Orders", trace_id="0" * 32)
    for found in (parsed(start), parsed(start, span(2, None, "SERVER"))):
        (report,) = found.reports
        assert (report.function_name, report.kind, report.trace_id) == ("Orders", "init", None)
        assert report.init_s == pytest.approx(0.898)
    below = parsed(span(1, 2, "INTERNAL", {"faas.coldstart": True}, name="init Orders"))
    assert [step.event_name for step in below.spans[0].steps] == ["Initialization"]
    assert below.spans[0].cold_start


def test_traces_without_an_id_are_left_out_and_named() -> None:
    found = parsed(
        span(1, None, "SERVER", trace_id="0" * 32), span(2, 1, trace_id="0" * 32), span(3, None, "SERVER")
    )
    assert len(found.spans) == 1
    assert found.problems == ["2 spans were left out: their trace id is all zeros."]


def test_traces_that_were_not_sampled_are_incomplete() -> None:
    whole, partial = span(1, None, "SERVER"), span(1, None, "SERVER", {"aws.trace.flag.sampled": 0})
    assert [one.spans[0].in_progress for one in (parsed(whole), parsed(partial))] == [False, True]


def test_a_span_that_never_ended_is_a_run_in_progress() -> None:
    (run,) = parsed(span(1, None, "SERVER", end_ns=0)).spans
    assert (run.end_time, run.in_progress) == (None, True)


def test_what_is_told_twice_is_told_once_and_what_differs_stands_beside_it() -> None:
    entry, step = span(1, None, "SERVER"), span(2, 1)
    found = parsed(entry, step, step, entry)
    assert [len(run.steps) for run in found.spans] == [1]
    other = parsed(entry, step, span(2, 1, name="other"))
    names = [step.event_name for run in other.spans for step in run.steps]
    assert sorted(names) == ["other", "step 2"]


def test_a_span_that_is_its_own_parent_lies_nowhere() -> None:
    for found in (parsed(span(1, 1)), parsed(span(1, 1), span(2, 1))):
        (piece,) = found.spans
        assert (piece.span_id, piece.steps[0].event_parent_id) == (None, None)


def test_a_flood_of_copies_is_cut_and_counted() -> None:
    copies = [span(2, 1, name=f"copy {number}") for number in range(100)]
    found = parsed(span(1, None, "SERVER"), *copies)
    assert found.problems == ["35 spans were left out: others have their ids."]


@pytest.mark.parametrize("name", sorted(INSTRUMENTATIONS))
def test_any_cut_of_the_spans_gives_the_same_flows(name: str) -> None:
    spans = INSTRUMENTATIONS[name].spans("00000000000000ff")
    inner = span(40, 0x10, trace_id=spans[0].trace_id)
    spans = [inner, *spans]
    whole, tally = flows([spans])
    assert tally.lost == 0
    assert len(whole[0].events) == len(spans) - 1
    random = Random(name)
    for _ in range(5):
        random.shuffle(spans)
        cut = random.randrange(1, len(spans))
        parts = [spans[:cut], spans[cut:]] if random.random() < 0.5 else [[one] for one in spans]
        assert flows(parts)[0] == whole


def test_an_open_record_is_completed_by_the_one_that_ended() -> None:
    entry, step = span(1, None, "SERVER"), span(2, 1, "CLIENT", {"http.method": "GET", "server.address": "a"})
    early = []
    for one in (entry, step):
        record = as_record(one)
        record["endTimeUnixNano"] = None
        record["attributes"] = {**record["attributes"], "aws.xray.inprogress": True}
        early.append(record)
    late = json.loads(as_records([entry, step]))
    parser = AwsSpansParser(Settings())
    together = parser(Document(json.dumps([*early, *late]).encode(), "test"))
    assert [(run.in_progress, len(run.steps)) for run in together.spans] == [(False, 1)]
    for order in ([*early, *late], [*late, *early]):
        line = Assembling(parser, Settings(), Tally())
        line.push([Document(json.dumps(record).encode(), "test") for record in order])
        (flow,) = [flow for flow in line.drain() if isinstance(flow, Flow)]
        assert (flow.complete, len(flow.events)) == (True, 1)
        assert flow.contradictions == ()
    only = parser(Document(json.dumps(early).encode(), "test"))
    assert [run.in_progress for run in only.spans] == [True]
