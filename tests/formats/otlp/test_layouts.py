import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from coldtrail.formats.otlp import layouts
from coldtrail.formats.otlp.encoding import Tokens
from coldtrail.formats.otlp.layouts import Layout, Layouts
from tests.fixtures.otel import OtelSpan, as_wire, some_spans


def span_bytes(span: OtelSpan) -> bytes:
    request = ExportTraceServiceRequest.FromString(as_wire([span]))
    return request.resource_spans[0].scope_spans[0].spans[0].SerializeToString()


def learned(data: bytes, known: Layouts | None = None) -> Layout | None:
    known = known or Layouts(Tokens())
    return known.learn(data, 0, len(data))


def test_a_layout_takes_a_span_apart() -> None:
    call = some_spans({"enduser.id": "hunter2"})[0]
    data = span_bytes(call)
    layout = learned(data)
    assert layout is not None
    parts = layout.unpack(data, 0)
    assert parts[layout.trace_id].hex() == call.trace_id
    assert parts[layout.span_id].hex() == call.span_id
    assert layout.parent_id is not None
    assert parts[layout.parent_id].hex() == call.parent_id
    assert (parts[layout.start], parts[layout.end]) == (call.start_ns, call.end_ns)
    assert [name for name, _ in layout.alone] == ["aws.request_id"]
    assert b"hunter2" not in b"".join(layout.same(parts))


def test_what_is_dropped_may_differ_and_what_is_listed_may_not() -> None:
    one, other, third = (
        span_bytes(some_spans({"enduser.id": user, "http.route": route})[0])
        for user, route in (("aaaa", "/x"), ("bbbb", "/x"), ("aaaa", "/y"))
    )
    layout = learned(one)
    assert layout is not None
    first, second, differs = (layout.same(layout.unpack(data, 0)) for data in (one, other, third))
    assert first == second != differs


def test_a_layout_is_learned_once() -> None:
    known = Layouts(Tokens())
    data = span_bytes(some_spans({})[0])
    assert learned(data, known) is learned(data, known)
    assert len(known.alike(data, 0, len(data))) == 1


def test_spans_with_links_are_read_with_care() -> None:
    span = some_spans({})[0]
    linked = OtelSpan(**{**vars(span), "links": (("1" * 32, "2" * 16),)})
    assert learned(span_bytes(linked)) is None


def test_an_attribute_that_could_be_of_use_is_never_stepped_over() -> None:
    request = ExportTraceServiceRequest.FromString(as_wire([some_spans({})[0]]))
    span = request.resource_spans[0].scope_spans[0].spans[0]
    span.attributes.add(key="faas.name").value.bytes_value = b"abc"
    of_bytes = span.SerializeToString()
    span.attributes[-1].value.string_value = "abc"
    layout = learned(of_bytes)
    assert layout is not None
    of_text = span.SerializeToString()
    assert layout.same(layout.unpack(of_bytes, 0)) != layout.same(layout.unpack(of_text, 0))


def test_where_nothing_is_laid_out_alike_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layouts, "_TRIAL", 10)
    monkeypatch.setattr(layouts, "_PAUSE", 20)
    known = Layouts(Tokens())
    known._left = 10
    data = span_bytes(some_spans({})[0])
    assert learned(data, known) is not None
    looked = [bool(known.alike(data, 0, len(data))) for _ in range(40)]
    assert looked == [True] * 9 + [False] * 20 + [True] * 10 + [False]


def test_layouts_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layouts, "_MOST_LAYOUTS", 5)
    known = Layouts(Tokens())
    for size in range(20):
        assert learned(span_bytes(some_spans({"enduser.id": "a" * size})[0]), known) is not None
    assert len(known._by_signature) <= 5
