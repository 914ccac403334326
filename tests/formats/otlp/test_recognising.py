import pytest

from coldtrail.formats.otlp.recognising import is_wire, length_of_message, trace_ids
from tests.fixtures.otel import OtelSpan, as_wire, some_spans

GOOD = as_wire(some_spans({}))


def test_requests_are_recognised_also_where_they_are_cut_off() -> None:
    assert is_wire(GOOD)
    assert is_wire(GOOD[:-10])
    assert is_wire(GOOD + GOOD)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b'\n{"a":1}',
        b'{"resourceSpans":[]}',
        b"\n\x05hello",
        b"\x0a" * 1_000,
        b"\n\xff\xff\xff",
        GOOD[1:],
    ],
)
def test_what_is_no_request(data: bytes) -> None:
    assert not is_wire(data)


def test_logs_and_metrics_are_no_requests_of_spans() -> None:
    # A log record begins with a time, a metric with its name.
    for inner in (b"\x09\x00\x00\x00\x00\x00\x00\x00\x00", b"\x0a\x04name"):
        scope = b"\x12" + bytes([len(inner)]) + inner
        group = b"\x12" + bytes([len(scope)]) + scope
        assert not is_wire(b"\x0a" + bytes([len(group)]) + group)


def test_traces_are_found_by_their_ids() -> None:
    assert trace_ids(GOOD) == {bytes.fromhex("5f84c7a10123456789abcdef01234567")}
    other = OtelSpan(**{**vars(some_spans({})[0]), "trace_id": "1" * 32})
    assert len(trace_ids(as_wire([*some_spans({}), other]))) == 2
    assert trace_ids(GOOD[:-3]) == set()


def test_lengths_before_messages() -> None:
    assert length_of_message(b"\x03abc", 0) == (1, 4)
    assert length_of_message(b"\x00", 0) is None
    assert length_of_message(b"\xff", 0) is None
