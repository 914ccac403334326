"""How much of what was appended is whole."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, TracesData

from coldtrail.sources.growing.cutting import HEAD_BYTES, Growth, growth_of, message_size, whole_part

REQUEST = TracesData(
    resource_spans=[
        ResourceSpans(scope_spans=[ScopeSpans(spans=[Span(trace_id=b"t" * 16, span_id=b"s" * 8)])])
    ]
).SerializeToString()
FORMS = {
    Growth.BARE: REQUEST,
    Growth.VARINT: bytes((len(REQUEST),)) + REQUEST,
    Growth.FIXED: len(REQUEST).to_bytes(4, "big") + REQUEST,
}


@pytest.mark.parametrize("growth", FORMS)
def test_requests_are_told_by_their_beginning_and_cut_between(growth: Growth) -> None:
    one = FORMS[growth]
    assert growth_of(one, ended=False, max_bytes=10**6) is growth
    assert message_size(growth, one) == len(one)
    for length in range(3 * len(one)):
        assert whole_part(growth, (3 * one)[:length], settled=False) == length // len(one) * len(one)


@pytest.mark.parametrize(
    ("head", "growth"),
    [
        (gzip.compress(b"{}", mtime=0), Growth.WHOLE),
        (b'{"a": 1}\n', Growth.LINES),
        (b'{"a": 1}', None),
        (b"START RequestId: 1\n", Growth.LINES),
        (b'{\n "a": 1\n}\n', Growth.WHOLE),
        (b"PK\x03\x04\x14\x00", Growth.WHOLE),
    ],
)
def test_how_a_file_grows_is_told_by_its_beginning(head: bytes, growth: Growth | None) -> None:
    assert growth_of(head, ended=False, max_bytes=10**6) is growth


def test_without_a_line_it_is_read_as_a_whole_once_no_more_comes() -> None:
    assert growth_of(b'{"a": 1}', ended=True, max_bytes=10**6) is Growth.WHOLE
    assert growth_of(b'{"a": 1', ended=True, max_bytes=10**6) is None
    assert growth_of(b"half a line", ended=True, max_bytes=10**6) is None
    assert growth_of(b"{" * HEAD_BYTES, ended=True, max_bytes=10**6) is Growth.WHOLE


LINES = st.lists(
    st.sampled_from(
        (b"{}", b"plain text", b"START RequestId: 1", b"REPORT RequestId: 1\tDuration: 1 ms", b"")
    ),
    max_size=9,
)


@given(LINES, st.integers(0, 20), st.booleans())
def test_a_cut_is_after_a_line_and_before_a_record_that_may_go_on(
    lines: list[bytes], more: int, settled: bool
) -> None:
    data = b"".join(line + b"\n" for line in lines) + b"unfinished"[:more]
    cut = whole_part(Growth.LINES, data, settled=settled)
    assert cut == 0 or data[cut - 1 : cut] == b"\n"
    rest = data[cut:]
    begun = [line for line in rest.split(b"\n")[:-1] if line.startswith((b"START", b"REPORT"))]
    if settled:
        assert b"\n" not in rest
    elif b"\n" in rest:
        assert rest.startswith(begun[0])
        assert len(begun) == 1


def test_a_settled_last_line_is_taken_where_it_is_a_whole_value() -> None:
    assert whole_part(Growth.LINES, b'{"a": 1}', settled=True) == 8
    assert whole_part(Growth.LINES, b'{"a": 1', settled=True) == 0
    assert whole_part(Growth.LINES, b"12", settled=True) == 0
