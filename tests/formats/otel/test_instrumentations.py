"""The same invocation told by every instrumentation of Lambda, in every form, is the same run."""

import json

import pytest

from coldtrail.config import Settings
from coldtrail.formats.aws_spans.parser import AwsSpansParser
from coldtrail.formats.otlp.parser import OtlpParser
from coldtrail.records.telemetry import Document, Observations, Span
from tests.fixtures.instrumentations import ACCOUNT, ARN, FUNCTION, INSTRUMENTATIONS, REGION, REQUEST
from tests.fixtures.otel import OtelSpan, as_json, as_records, as_wire

FORMS = ("wire", "json", "records")


def parsed(form: str, spans: list[OtelSpan]) -> Observations:
    if form == "records":
        return AwsSpansParser(Settings())(Document(as_records(spans), "test"))
    payload = as_wire(spans) if form == "wire" else json.dumps(as_json(spans)).encode()
    return OtlpParser(Settings())(Document(payload, "test"))


def run_in(found: Observations) -> Span:
    (run,) = found.spans
    assert found.problems == []
    assert found.links == []
    assert found.trace_links == ()
    return run


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", INSTRUMENTATIONS)
def test_an_invocation_is_one_run_with_its_calls(name: str, form: str) -> None:
    known = INSTRUMENTATIONS[name]
    run = run_in(parsed(form, known.spans()))
    told = [(step.event_name, step.event_type, step.event_target_resource) for step in run.steps]
    assert told == list(known.steps)
    assert (run.function_name, run.account, run.region) == (FUNCTION, ACCOUNT, REGION)
    assert (run.request_id, run.version, run.cold_start) == (REQUEST, known.version, known.cold)
    assert (run.span_id, run.parent_id, run.trigger) == (f"{1:016x}", None, None)
    assert (run.start_time, run.end_time) == (1_700_000_000.0, 1_700_000_000.9)
    assert not run.is_named_by_service
    assert {step.event_parent_id for step in run.steps} == {None}


@pytest.mark.parametrize("name", INSTRUMENTATIONS)
def test_every_form_tells_the_same(name: str) -> None:
    wire, text, records = (run_in(parsed(form, INSTRUMENTATIONS[name].spans())) for form in FORMS)
    assert wire == text
    assert (records.steps, records.request_id) == (wire.steps, wire.request_id)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", INSTRUMENTATIONS)
def test_a_call_alone_is_a_piece_of_the_run(name: str, form: str) -> None:
    known = INSTRUMENTATIONS[name]
    whole = run_in(parsed(form, known.spans()))
    for span, step in zip(known.spans(), whole.steps, strict=False):
        piece = run_in(parsed(form, [span]))
        assert (piece.span_id, piece.parent_id, piece.function_name) == (None, whole.span_id, "")
        assert piece.steps == (step,)


def test_what_may_be_secret_in_calls_stays_outside() -> None:
    for known in INSTRUMENTATIONS.values():
        for form in FORMS:
            shown = repr(parsed(form, known.spans()))
            assert "hunter2" not in shown
            assert "card" not in shown
            assert "ASIAEXAMPLE" not in shown


def test_the_address_names_the_function_where_nothing_else_does() -> None:
    (call, *_, entry) = INSTRUMENTATIONS["java"].spans()
    run = run_in(parsed("wire", [call, entry]))
    assert entry.resource == {"service.name": "shop-java"}
    assert run.function_name == ARN.rpartition(":")[2]
