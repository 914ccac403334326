"""Flows that wait for other witnesses, and those witnesses, as bytes."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct

from coldtrail.records.columns import AnyFlow, Columns, LeanFlow, Shape
from coldtrail.records.facts import Facts
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.witnesses import Access, ApiCall, Report, Witness


class _Lean(Struct, frozen=True, gc=False, array_like=True):
    """A lean flow, its shape by number."""

    key: FunctionKey
    told: tuple[str, str, float, float]
    shape: int
    starts: bytes
    ends: bytes
    ids: str
    outcome: tuple[bool, bool, bool]
    upstream: tuple[str | None, str | None, str | None, str | None, bool, tuple[str, ...]]
    facts: Facts | None


_encode = msgspec.msgpack.Encoder().encode
_decode_lean = msgspec.msgpack.Decoder(_Lean).decode
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
        columns = flow.columns
        place = self._places.setdefault(columns.shape, len(self._shapes))
        if place == len(self._shapes):
            self._shapes.append(columns.shape)
        return _LEAN + _encode(
            _Lean(
                flow.key,
                (flow.application_flow_id, flow.function_flow_id, flow.start_time, flow.end_time),
                place,
                columns.starts.tobytes(),
                columns.ends.tobytes(),
                columns.ids,
                (flow.cold_start, flow.error, flow.complete),
                (
                    flow.trigger,
                    flow.caller,
                    flow.version,
                    flow.request_id,
                    flow.upstream_lost,
                    flow.witnesses,
                ),
                flow.facts,
            )
        )

    def released(self, data: bytes) -> AnyFlow:
        """The flow that was held."""
        if data[:1] == _WHOLE:
            return _decode_flow(data[1:])
        one = _decode_lean(data[1:])
        columns = Columns(self._shapes[one.shape], array("d", one.starts), array("d", one.ends), one.ids)
        trigger, caller, version, request_id, lost, witnesses = one.upstream
        return LeanFlow(
            one.key,
            *one.told,
            columns,
            *one.outcome,
            trigger,
            caller,
            version,
            request_id,
            lost,
            witnesses,
            one.facts,
        )


def held_witness(witness: Witness) -> bytes:
    """The bytes of a witness."""
    return _KINDS[type(witness)] + _encode(witness)


def released_witness(data: bytes) -> Witness:
    """The witness that was held."""
    told: Witness = _DECODE[data[:1]](data[1:])
    return told
