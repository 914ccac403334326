"""Decompression stops at its bound, whatever comes."""

from __future__ import annotations

import asyncio
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.sources.otlp.answers import DAMAGED, JSON, PROTOBUF, RefusedError
from coldtrail.sources.otlp.bodies import expanded, holds_traces, plain
from tests.sources.otlp.sending import gzipped

GZIP = 31


def packed(data: bytes, bits: int) -> bytes:
    packer = zlib.compressobj(wbits=bits)
    return packer.compress(data) + packer.flush()


@given(st.binary(max_size=3_000), st.sampled_from([31, 15, -15]), st.integers(0, 3_000))
def test_what_was_packed_comes_back_or_is_too_large(data: bytes, bits: int, most: int) -> None:
    assert expanded(packed(data, bits), bits, most) == (data if len(data) <= most else None)


@given(st.binary(max_size=300), st.sampled_from([b"gzip", b"deflate"]))
def test_rubbish_is_refused_and_nothing_else(data: bytes, encoding: bytes) -> None:
    try:
        found = asyncio.run(plain(data, encoding, 1_000))
    except RefusedError:
        return
    assert len(found) <= 1_000


def test_a_bomb_costs_no_more_than_its_bound() -> None:
    bomb = gzipped(2**28)
    tracemalloc.start()
    try:
        assert expanded(bomb, GZIP, 2**20) is None
        assert tracemalloc.get_traced_memory()[1] < 2**22
    finally:
        tracemalloc.stop()
    with pytest.raises(RefusedError, match="holds 1,048,576 bytes at most"):
        asyncio.run(plain(bomb, b"gzip", 2**20))


def test_what_is_large_is_expanded_beside_the_loop() -> None:
    data = bytes(2**20)
    assert asyncio.run(plain(packed(data, GZIP), b"gzip", 2**21)) == data


def test_many_empty_members_come_to_an_end() -> None:
    assert expanded(packed(b"", GZIP) * 20_000, GZIP, 10) == b""


def test_what_follows_the_data_is_damage() -> None:
    for bits in (15, -15):
        with pytest.raises(RefusedError) as caught:
            expanded(packed(b"some", bits) + b"more", bits, 100)
        assert caught.value.refusal is DAMAGED


@pytest.mark.parametrize(
    ("body", "content_type", "holds"),
    [
        (b"\n\x00", PROTOBUF, True),
        (b"", PROTOBUF, False),
        (b' \r\n{"resourceSpans":[]}', JSON, True),
        (b"{}", JSON, False),
        (b" { } ", JSON, None),
        (b'["Spans"]', JSON, None),
        (b"\x12\x00", PROTOBUF, None),
        (b"<html>", PROTOBUF, None),
    ],
)
def test_a_look_from_outside_tells_what_cannot_be_traces(
    body: bytes, content_type: bytes, holds: bool | None
) -> None:
    if holds is None:
        with pytest.raises(RefusedError):
            holds_traces(body, content_type)
    else:
        assert holds_traces(body, content_type) == holds
