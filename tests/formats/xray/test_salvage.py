"""X-Ray documents that are damaged: every good part is kept, and every loss has a sentence."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldtrail.config import LimitSettings, Settings
from coldtrail.errors import DocumentError
from coldtrail.formats.xray.parser import XRayParser
from coldtrail.formats.xray.salvage import Salvage
from coldtrail.records.telemetry import Document, Observations
from tests.fixtures.telemetry import START, TraceBuilder, payload_of
from tests.formats.xray_parts import parse, segment, step

GOOD = TraceBuilder(1).trace("shop-prod-pay")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def answered(*documents: Any) -> Observations:
    return parse({"Id": "1-a-b", "Segments": [{"Id": "x", "Document": document} for document in documents]})


def events(parsed: Observations) -> list[str]:
    return [event.event_id[-1] for span in parsed.spans for event in span.steps]


@pytest.mark.parametrize(
    "document",
    [
        "{broken",
        "",
        "null",
        "[]",
        7,
        None,
        {},
        {"id": 5, "name": "x"},
        {"id": "", "name": "x"},
        {"id": "y" * 1_000},
        {"id": "a\x1b", "name": "x", "start_time": START},
        {"id": "\ud800", "name": "x", "start_time": START},
    ],
)
def test_a_bad_segment_leaves_the_others(document: Any) -> None:
    parsed = answered(document, json.dumps(segment(step())), segment(step(2), id="a2"))
    assert len(parsed.spans) == 2
    assert len(parsed.problems) == 1


@pytest.mark.parametrize("holder", [None, 7, "x", {}, {"Id": "x"}, []])
def test_a_bad_holder_leaves_the_others(holder: Any) -> None:
    parsed = parse(
        {"Id": "1-a-b", "Segments": [holder, {"Id": "x", "Document": json.dumps(segment(step()))}]}
    )
    assert len(parsed.spans) == 1
    assert len(parsed.problems) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"start_time": "soon"},
        {"start_time": None},
        {"start_time": -1.0},
        {"start_time": 0},
        {"start_time": True},
        {"start_time": float("nan")},
        {"start_time": float("inf")},
        {"start_time": START * 1_000},
        {"start_time": 10**400},
        {"id": None},
        {"id": 7},
        {"id": "a\u200b\n"},
        {"name": None},
        {"name": ["x"]},
    ],
)
def test_a_bad_subsegment_leaves_its_siblings_and_children(change: dict[str, Any]) -> None:
    bad = {**step(2, "bad", subsegments=[step(3, "inner")]), **change}
    outer = step(1, "outer", subsegments=[bad])
    parsed = parse(segment(outer, step(4)))
    assert events(parsed) == ["1", "4", "3"]
    assert parsed.spans[0].steps[2].event_parent_name == "outer"
    assert parsed.problems


@pytest.mark.parametrize(
    "change",
    [
        {"end_time": "late"},
        {"error": "yes"},
        {"aws": 7},
        {"aws": {"table_name": 5}},
        {"aws": {"resource_names": ["a", 5]}},
        {"aws": {"operation": {}}},
        {"http": []},
        {"http": {"response": {"status": "200"}}},
        {"namespace": 1},
        {"subsegments": {}},
        {"subsegments": [None, 7, "x"]},
        {"in_progress": 1},
    ],
)
def test_a_bad_field_leaves_the_event(change: dict[str, Any]) -> None:
    parsed = parse(segment({**step(1), **change}, step(2)))
    assert events(parsed) == ["1", "2"]


@pytest.mark.parametrize(
    "change", [{"name": 5}, {"origin": 5, "name": "x"}, {"trace_id": 5}, {"parent_id": 5}]
)
def test_bad_heads_are_named(change: dict[str, Any]) -> None:
    document = {**segment(step()), **change}
    parsed = parse({"Id": "1-a-b", "Segments": [{"Document": document}]})
    assert len(parsed.problems) == 1
    assert len(parsed.spans) + len(parsed.links) >= 1


def test_a_segment_that_ends_before_it_starts_stays_open() -> None:
    parsed = parse(segment(step(), end_time=START - 9))
    assert parsed.spans[0].end_time is None
    assert parsed.spans[0].in_progress
    assert len(parsed.problems) == 1


def test_a_segment_without_any_time_is_lost() -> None:
    parsed = parse(segment(start_time="x"))
    assert parsed.spans == []
    assert len(parsed.problems) == 2


def test_a_segment_without_a_trace_is_lost() -> None:
    parsed = parse({"Segments": [{"Document": segment(trace_id=None)}]})
    assert parsed.spans == []
    assert "trace id" in parsed.problems[0]


def test_a_nest_without_end_is_cut() -> None:
    depth = 10_000
    nest = '{"id":"b%d","name":"x","start_time":1795000000,"end_time":1795000001,"subsegments":['
    deep = "".join(nest % number for number in range(depth)) + "]}" * depth
    text = json.dumps(segment(step(1), "HERE")).replace('"HERE"', deep)
    for parsed in (answered(text, segment(step(2))), parse(text.encode())):
        assert "1" in events(parsed)
        assert any("too deep" in problem for problem in parsed.problems)
        assert len(parsed.spans[0].steps) <= 66


def test_a_nest_in_what_is_dropped_is_no_trap() -> None:
    text = json.dumps(segment(step(1), metadata="HERE")).replace('"HERE"', "[" * 50_000 + "]" * 50_000)
    assert events(parse(text.encode())) == ["1"]


def test_lone_surrogates_and_odd_bytes_do_not_matter() -> None:
    text = json.dumps(segment(step(1), metadata={"text": "cut \ud83d"}, name="caf\ud800"))
    assert events(parse(text.encode())) == ["1"]
    odd = parse(json.dumps(segment(step(1))).encode().replace(b"DynamoDB", b"Dyn\xffDB"))
    assert events(odd) == ["1"]
    assert "is no UTF-8" in odd.problems[0]


def test_lone_surrogates_in_the_names_of_resources_do_not_matter() -> None:
    call = step(1, namespace="aws", aws={"operation": "Get", "resource_names": ["cut \ud83d", "b", 3]})
    (span,) = parse(segment(call, error="no flag")).spans
    assert [one.event_target_resource for one in span.steps] == ["cut ?"]


def test_long_strings_are_cut() -> None:
    parsed = parse(segment(step(1, "x" * 10_000_000)))
    assert len(parsed.spans[0].steps[0].event_name) == 2_048


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"7",
        b'"Segments"',
        b"{}",
        b"[]x",
        b"[1]",
        b'{"Segments":{}}',
        b'{"id":"x"}',
        b'{"id":"x","trace_id":',
        b"\xff\xfe{\x00",
        b"[" * 100_000,
        b'{"trace_id":' * 50_000,
        b'{"start_time":' + b"9" * 10_000 + b"}",
    ],
)
def test_what_is_no_xray_is_refused(payload: bytes) -> None:
    with pytest.raises(DocumentError) as caught:
        parse(payload)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


@given(st.integers(0, 1_000))
@settings(max_examples=25)
def test_salvage_and_the_fast_way_agree(seed: int) -> None:
    payload = payload_of(TraceBuilder(seed).trace("shop-prod-pay", "shop-prod-ship"))
    parser = XRayParser(Settings())
    expected = parser(Document(payload, "test"))
    salvaged = Observations(origin="test")
    for told in Salvage(LimitSettings(), salvaged.problems).document(payload):
        parser._add(told.trace_id, told.segments, salvaged, [])
    assert salvaged == expected


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        found += paths(part, (*path, key))
    return found


PATHS = paths(GOOD)[1:]


@given(st.lists(st.tuples(st.sampled_from(PATHS), JSON), min_size=1, max_size=4), st.booleans())
@settings(max_examples=300, deadline=None)
def test_any_change_of_a_good_trace_is_survived(changes: list[tuple[Any, Any]], as_text: bool) -> None:
    trace = json.loads(json.dumps(GOOD))
    for path, value in changes:
        part = trace
        with suppress(KeyError, IndexError, TypeError):
            for key in path[:-1]:
                part = part[key]
            part[path[-1]] = value
    try:
        payload = payload_of(trace) if as_text else json.dumps(trace).encode()
    except (KeyError, TypeError, AttributeError):
        payload = json.dumps(trace).encode()
    try:
        parsed = parse(payload)
    except DocumentError:
        return
    for span in parsed.spans:
        for event in span.steps:
            assert 0 < event.start_time <= event.end_time


@given(st.integers(0, len(payload_of(GOOD))), st.binary(max_size=6))
@settings(max_examples=300, deadline=None)
def test_any_damage_to_the_bytes_is_survived(at: int, junk: bytes) -> None:
    payload = payload_of(GOOD)
    for damaged in (
        payload[:at],
        payload[:at] + junk + payload[at + len(junk) :],
        payload[:at] + junk + payload[at:],
    ):
        with suppress(DocumentError):
            parse(damaged)
