"""Flows that wait for other witnesses, and those witnesses, as bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from coldtrail.errors import BundleError
from coldtrail.features.held_runs import HeldRun, held_run, released_run
from coldtrail.records.columns import AnyFlow, Shape
from coldtrail.records.flow import Flow
from coldtrail.records.witnesses import Access, ApiCall, Report, Witness

_encode = msgspec.msgpack.Encoder().encode
_decode_lean = msgspec.msgpack.Decoder(HeldRun).decode
_decode_flow = msgspec.msgpack.Decoder(Flow).decode
_LEAN, _WHOLE = b"l", b"w"
_KINDS: dict[type, bytes] = {ApiCall: b"c", Report: b"r", Access: b"a"}
_DECODE: dict[bytes, Callable[[bytes], Any]] = {
    mark: msgspec.msgpack.Decoder(kind).decode for kind, mark in _KINDS.items()
}


class HeldFlows:
    """Flows to bytes and back; the shapes of lean ones stay in memory, each once."""

    def __init__(self) -> None:
        self._shapes: list[Shape] = []
        self._places: dict[Shape, int] = {}

    def held(self, flow: AnyFlow) -> bytes:
        """The bytes of a flow."""
        if isinstance(flow, Flow):
            return _WHOLE + _encode(flow)
        shape = flow.columns.shape
        place = self._places.setdefault(shape, len(self._shapes))
        if place == len(self._shapes):
            self._shapes.append(shape)
        return _LEAN + _encode(held_run(flow, place))

    def released(self, data: bytes) -> AnyFlow:
        """The flow that was held."""
        if data[:1] == _WHOLE:
            return _decode_flow(data[1:])
        run = _decode_lean(data[1:])
        return released_run(run, self._shapes[run.shape])


def held_witness(witness: Witness) -> bytes:
    """The bytes of a witness."""
    return _KINDS[type(witness)] + _encode(witness)


def released_witness(data: bytes) -> Witness:
    """The witness that was held; raises `BundleError` where it is damaged."""
    decode = _DECODE.get(data[:1])
    if decode is None:
        raise BundleError("The state is damaged (a witness is of an unknown kind).")
    try:
        told: Witness = decode(data[1:])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BundleError(f"The state is damaged (a witness: {error}).") from None
    return told
