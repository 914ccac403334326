"""Spans of the wire format are those that protobuf's library sees; hostile bytes cost themselves alone."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

from coldtrail.config import LimitSettings
from coldtrail.formats.otel.attributes import LISTED, fit
from coldtrail.formats.otel.memory import Memory
from coldtrail.formats.otel.spans import Told
from coldtrail.formats.otlp.wire import WireReader
from tests.fixtures.otel import SECRET, SECRET_WIRE, as_wire, some_spans

START = 1_700_000_000_000_000_000
TEXT = st.text(max_size=20)
VALUE = st.one_of(
    TEXT.map(lambda text: AnyValue(string_value=text)),
    st.booleans().map(lambda flag: AnyValue(bool_value=flag)),
    st.integers(-(2**63), 2**63 - 1).map(lambda number: AnyValue(int_value=number)),
    st.lists(TEXT, max_size=3).map(
        lambda texts: AnyValue(array_value=ArrayValue(values=[AnyValue(string_value=one) for one in texts]))
    ),
)
NAME = st.one_of(st.sampled_from(sorted(LISTED)), TEXT)
ATTRIBUTES = st.lists(st.builds(KeyValue, key=NAME, value=VALUE), max_size=6)
SPAN = st.builds(
    Span,
    trace_id=st.binary(min_size=16, max_size=16),
    span_id=st.binary(min_size=8, max_size=8).filter(any),
    parent_span_id=st.one_of(st.just(b""), st.binary(min_size=8, max_size=8)),
    trace_state=TEXT,
    name=TEXT,
    kind=st.integers(0, 5),
    start_time_unix_nano=st.integers(START, START + 10**12),
    end_time_unix_nano=st.integers(START + 10**12, START + 10**13),
    attributes=ATTRIBUTES,
    events=st.lists(st.builds(Span.Event, name=TEXT, attributes=ATTRIBUTES), max_size=2),
    links=st.lists(
        st.builds(
            Span.Link, trace_id=st.binary(min_size=16, max_size=16), span_id=st.binary(min_size=8, max_size=8)
        ),
        max_size=2,
    ),
    status=st.builds(Status, code=st.integers(0, 2), message=TEXT),
    flags=st.integers(0, 2**32 - 1),
    dropped_attributes_count=st.integers(0, 100),
)  # fmt: skip
REQUEST = st.builds(
    ExportTraceServiceRequest,
    resource_spans=st.lists(
        st.builds(
            lambda attributes, spans: ResourceSpans(
                resource={"attributes": attributes},
                scope_spans=[ScopeSpans(scope={"name": "s"}, spans=spans)],
            ),
            ATTRIBUTES,
            st.lists(SPAN, max_size=4),
        ),
        max_size=3,
    ),
)


def read(data: bytes, reader: WireReader | None = None) -> tuple[list[Told], list[str]]:
    problems: list[str] = []
    return (reader or WireReader(Memory(LimitSettings()))).spans(data, problems), problems


def plain(span: Told) -> tuple[Any, ...]:
    """What a span is told as, but for what it means."""
    return (
        span.trace_id, span.span_id, span.parent_id, span.start, span.end, span.is_remote, span.links
    )  # fmt: skip


@given(request=REQUEST)
@settings(max_examples=60, deadline=None)
def test_the_library_sees_the_same_spans(request: ExportTraceServiceRequest) -> None:
    data = request.SerializeToString()
    reader = WireReader(Memory(LimitSettings()))
    found, problems = read(data, reader)
    expected = [
        span for group in request.resource_spans for scope in group.scope_spans for span in scope.spans
    ]
    assert problems == []
    assert [plain(span) for span in found] == [
        (
            span.trace_id.hex(),
            span.span_id.hex(),
            span.parent_span_id.hex() if any(span.parent_span_id) else None,
            span.start_time_unix_nano / 1e9,
            span.end_time_unix_nano / 1e9,
            span.flags & 0x200 != 0,
            tuple((link.trace_id.hex(), link.span_id.hex()) for link in span.links),
        )
        for span in expected
    ]
    for span, known in zip(found, expected, strict=True):
        listed = {pair.key for pair in known.attributes} & LISTED
        assert known.status.code != 2 or span.failed
        assert listed or span.meaning.step.name
    again, _ = read(data, reader)
    assert again == found


def test_layouts_change_nothing() -> None:
    """Spans that are laid out alike are read by their layout, and are what a careful look sees."""
    reader = WireReader(Memory(LimitSettings()))
    for number in range(50):
        spans = [
            span.__class__(**{**vars(span), "span_id": f"{number * 8 + place + 1:016x}", "attributes": {
                **span.attributes, "aws.s3.key": f"key-{number:04}", "faas.invocation_id": f"R{number:04}",
            }})
            for place, span in enumerate(some_spans({}))
        ]  # fmt: skip
        assert read(as_wire(spans), reader) == read(as_wire(spans))


@given(data=st.binary(max_size=300))
@settings(max_examples=200)
def test_any_bytes(data: bytes) -> None:
    read(data)
    read(b"\n" + data)


@given(at=st.integers(0, 10_000), data=st.binary(max_size=8))
@example(at=1104, data=b"\x00")
@example(at=320, data=b"[")  # a request id that is none
@settings(max_examples=150)
def test_any_damage(at: int, data: bytes) -> None:
    good = as_wire(some_spans({}))
    at %= len(good)
    reader = WireReader(Memory(LimitSettings()))
    read(good, reader)
    damaged = good[:at] + data + good[at + len(data) :]
    assert read(damaged, reader)[0] == read(damaged)[0]


def test_of_a_request_that_is_cut_off_the_whole_spans_are_kept() -> None:
    spans = some_spans({})
    good = as_wire(spans)
    counts = []
    for end in range(len(good)):
        found, problems = read(good[:end])
        counts.append(len(found))
        assert problems or not end
    assert counts == sorted(counts)
    assert set(counts) == {0, 1, 2}


@pytest.mark.parametrize(
    "field",
    [
        b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        b"\x0a" + b"\xff" * 100_000,
        b"\x0a\x7f",
        b"\x0b" * 1_000,
    ],
)
def test_lengths_past_the_end_and_numbers_without_end(field: bytes) -> None:
    good = as_wire(some_spans({}))
    found, problems = read(good + field)
    assert len(found) == 3
    assert problems == ["The request is broken or cut off; the spans before that place were kept."]


def test_depth_is_no_matter() -> None:
    value = b"\x0a\x01a"
    for _ in range(2_000):
        inner = b"\x0a" + _length(value) + value
        value = b"\x2a" + _length(inner) + inner
    pair = b"\x0a\x09faas.name" + b"\x12" + _length(value) + value
    span = some_spans({})[0]
    request = ExportTraceServiceRequest.FromString(as_wire([span]))
    data = (
        request.resource_spans[0].scope_spans[0].spans[0].SerializeToString() + b"\x4a" + _length(pair) + pair
    )
    scope = b"\x12" + _length(data) + data
    group = b"\x12" + _length(scope) + scope
    found, problems = read(b"\x0a" + _length(group) + group)
    assert (len(found), problems) == (1, [])


def test_what_is_no_text_is_replaced() -> None:
    data = as_wire(some_spans({})).replace(b"shop-prod-pay", b"shop-prod-\xff\xfe\xfd")
    found, problems = read(data)
    assert {span.meaning.owner.name for span in found} == {"shop-prod-\ufffd\ufffd\ufffd"}
    assert problems == []


def test_ids_of_the_wrong_length_leave_a_span_out() -> None:
    request = ExportTraceServiceRequest.FromString(as_wire(some_spans({})))
    for group in request.resource_spans:
        group.scope_spans[0].spans[0].trace_id = b"short"
    found, problems = read(request.SerializeToString())
    assert len(found) == 2
    assert problems == ["A span was left out: it has no trace id of 16 bytes and span id of 8."]


def test_nothing_that_is_not_listed_enters() -> None:
    assert SECRET.encode() in SECRET_WIRE
    found, _ = read(SECRET_WIRE)
    assert len(found) == 3
    assert SECRET not in repr(found)
    assert fit("faas.name", "a") == "a"


def _length(data: bytes) -> bytes:
    size, out = len(data), bytearray()
    while size > 0x7F:
        out.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([*out, size])
