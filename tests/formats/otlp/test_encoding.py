"""The wire format as protobuf's own library writes it, and as nobody should."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

from coldtrail.formats.otel.attributes import LISTED, fit
from coldtrail.formats.otel.memory import Alone
from coldtrail.formats.otlp import encoding
from coldtrail.formats.otlp.encoding import Field, Tokens, WireError, fields, is_unlisted, value_of, varint

VALUES = st.one_of(
    st.text().map(lambda text: (AnyValue(string_value=text), text)),
    st.booleans().map(lambda flag: (AnyValue(bool_value=flag), flag)),
    st.integers(-(2**63), 2**63 - 1).map(lambda number: (AnyValue(int_value=number), number)),
    st.floats(allow_nan=False).map(lambda number: (AnyValue(double_value=number), number)),
    st.lists(st.text(), max_size=5).map(
        lambda texts: (
            AnyValue(array_value=ArrayValue(values=[AnyValue(string_value=one) for one in texts])),
            texts,
        )
    ),
    st.binary().map(lambda data: (AnyValue(bytes_value=data), None)),
    st.just((AnyValue(kvlist_value=KeyValueList(values=[KeyValue(key="a")])), None)),
    st.just((AnyValue(), None)),
)


@given(value=VALUES)
def test_values_are_read_as_the_library_writes_them(value: tuple[AnyValue, object]) -> None:
    message, expected = value
    assert value_of(message.SerializeToString()) == expected


@given(name=st.sampled_from(sorted(LISTED)), value=VALUES)
def test_attributes_are_read_as_the_library_writes_them(name: str, value: tuple[AnyValue, object]) -> None:
    message, expected = value
    token = Tokens()[KeyValue(key=name, value=message).SerializeToString()]
    fitting = fit(name, expected)
    if isinstance(token, Alone):
        assert token.value == fitting
    elif fitting is None or token is None:
        assert token is None
    else:
        assert (token.name, token.value) == (name, fitting)


@given(data=st.binary(max_size=64))
@settings(max_examples=200)
def test_any_bytes_are_an_attribute_or_none(data: bytes) -> None:
    token = Tokens()[data]
    assert token is None or token.name in LISTED


@pytest.mark.parametrize("number", [0, 1, 127, 128, 300, 2**32, 2**64 - 1])
def test_numbers_of_any_length(number: int) -> None:
    data = bytearray()
    rest = number
    while rest > 0x7F:
        data.append(rest & 0x7F | 0x80)
        rest >>= 7
    data.append(rest)
    assert varint(bytes(data), 0, len(data)) == (number, len(data))
    with pytest.raises(WireError):
        varint(bytes(data[:-1]), 0, len(data) - 1)


def test_numbers_without_an_end_are_no_numbers() -> None:
    with pytest.raises(WireError):
        varint(b"\xff" * 1_000_000, 0, 1_000_000)


@pytest.mark.parametrize(
    "data",
    [
        b"\x0b",
        b"\x0c",
        b"\x0e",
        b"\x00\x01",
        b"\x0a\x05ab",
        b"\x09\x00",
        b"\x0a",
        b"\x0a\xff\xff\xff\xff\xff\x7f",
    ],
)
def test_what_is_no_field(data: bytes) -> None:
    with pytest.raises(WireError):
        list(fields(data, 0, len(data)))


def test_the_last_field_may_be_cut_off_where_that_is_asked_for() -> None:
    found = []
    with pytest.raises(WireError):
        found += fields(b"\x0a\x02ab\x12\x05cd", 0, 8, cut=True)
    data = b"\x0a\x02ab\x12\x05cd"
    read = fields(data, 0, len(data), cut=True)
    assert [next(read), next(read)] == [Field(1, 2, 4), Field(2, 6, 8)]


def test_what_was_read_is_remembered_within_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "_MOST_REMEMBERED", 2)
    tokens = Tokens()
    for name in ("a", "b", "c"):
        tokens[KeyValue(key="faas.name", value=AnyValue(string_value=name)).SerializeToString()]
    assert len(tokens) == 1
    pair = KeyValue(key="faas.invocation_id", value=AnyValue(string_value="R")).SerializeToString()
    assert isinstance(tokens[pair], Alone)
    assert pair not in tokens
    assert KeyValue(key="x", value=AnyValue(string_value="a" * 600)).SerializeToString() not in tokens


def test_names_that_are_not_listed() -> None:
    assert is_unlisted(b"enduser.id")
    assert is_unlisted(b"\xff\xfe")
    assert not is_unlisted(b"faas.name")
