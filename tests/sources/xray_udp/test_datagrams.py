"""Datagrams of the X-Ray daemon's protocol, and of ADOT's exporters."""

from __future__ import annotations

import re
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.sources.xray_udp import datagrams
from coldtrail.sources.xray_udp.datagrams import DatagramError, telemetry_of
from tests.sources.otlp.sending import WIRE

HEADER = b'{"format":"json","version":1}\n'
SEGMENT = b'{"trace_id":"1-5f84c7a1-0123456789abcdef01234567","id":"70de5b6f19ff9a0a"}'


@pytest.mark.parametrize(
    "header", [HEADER, b'{"format": "json", "version": 1}\n', b'{"version":1,"format":"json"}\n']
)
@pytest.mark.parametrize("tail", [b"", b"\n"])
def test_segments_and_otlp_are_found_behind_the_header(header: bytes, tail: bytes) -> None:
    assert telemetry_of(header + SEGMENT + tail).strip() == SEGMENT
    for prefix in (b"T1S", b"T1U", b"T1"):
        assert telemetry_of(header + prefix + b64encode(WIRE) + tail) == WIRE


@pytest.mark.parametrize(
    ("datagram", "kind"),
    [
        (b"", datagrams.NO_HEADER),
        (SEGMENT, datagrams.NO_HEADER),
        (b"x" * 60_000, datagrams.NO_HEADER),
        (b'{"format":"\xff","version":1}\n' + SEGMENT, datagrams.NO_HEADER),
        (b'{"format":"protobuf","version":1}\n' + SEGMENT, datagrams.OTHER_FORMAT),
        (b'{"format":"json","version":2}\n' + SEGMENT, datagrams.OTHER_FORMAT),
        (HEADER, datagrams.NOTHING),
        (HEADER + b" \n", datagrams.NOTHING),
        (HEADER + b"T1S", datagrams.NOTHING),
        (HEADER + b"M1" + b64encode(WIRE), datagrams.METRICS),
        (HEADER + b"T1Sa", datagrams.DAMAGED),
        (HEADER + b"T1S" + b64encode(WIRE)[:-1], datagrams.DAMAGED),
        (HEADER + b"T1S!" + b64encode(WIRE), datagrams.DAMAGED),
        (HEADER + b"T1S" + b64encode(b"<html>"), datagrams.NO_SEGMENT),
        (HEADER + b"T2S" + b64encode(WIRE), datagrams.NO_SEGMENT),
        (HEADER + b"[]", datagrams.NO_SEGMENT),
    ],
)
def test_what_carries_no_telemetry_is_refused_by_its_kind(datagram: bytes, kind: str) -> None:
    with pytest.raises(DatagramError, match=f"^{re.escape(kind)}$"):
        telemetry_of(datagram)


@given(st.binary(max_size=200), st.sampled_from([b"", HEADER, HEADER + b"T1S", HEADER + b"T1"]))
def test_nothing_else_is_raised(rubbish: bytes, beginning: bytes) -> None:
    try:
        found = telemetry_of(beginning + rubbish)
    except DatagramError:
        return
    assert found[:1] in (b"{", b"\n")
