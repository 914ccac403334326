"""Lean flows as bytes that can be read anywhere: by another process, or by a later call."""

from __future__ import annotations

from array import array

import msgspec
from msgspec import Raw, Struct

from coldtrail.features.lean import whole
from coldtrail.records.columns import Columns, LeanFlow, Shape, ToldStep
from coldtrail.records.facts import Facts
from coldtrail.records.flow import Flow, InvocationType
from coldtrail.records.identity import FunctionKey

_MOST_STEPS = 200_000
"""Of shapes whose bytes are remembered."""
PACKED = b"\x9e", b"\x9d", b"\x9c"
"""How a packed flow begins: as a list of so many things does in MessagePack, with how it was started and,
earlier, without, at first without facts as well."""
_encode = msgspec.msgpack.Encoder().encode


class _Packed(Struct, frozen=True, gc=False, array_like=True):
    """A lean flow, its shape as bytes."""

    key: FunctionKey
    application_flow_id: str
    function_flow_id: str
    start_time: float
    end_time: float
    marks: tuple[bool, bool, bool, bool]
    """Whether it was cold, failed, is complete, and lost what is upstream."""
    words: tuple[str | None, str | None, str | None, str | None]
    """Trigger, caller, version, request id."""
    witnesses: tuple[str, ...]
    steps: Raw
    starts: bytes
    ends: bytes
    ids: str
    facts: Facts | None = None
    invocation_type: InvocationType | None = None


_decode = msgspec.msgpack.Decoder(_Packed).decode
_decode_steps = msgspec.msgpack.Decoder(tuple[ToldStep, ...]).decode


class Packing:
    """Makes bytes of lean flows; what runs alike share is made once."""

    def __init__(self) -> None:
        self._known: dict[Shape, Raw] = {}
        self._steps = 0

    def packed(self, flow: LeanFlow) -> bytes:
        """The bytes of a flow: a list, as MessagePack has it."""
        columns = flow.columns
        return _encode(
            _Packed(
                flow.key,
                flow.application_flow_id,
                flow.function_flow_id,
                flow.start_time,
                flow.end_time,
                (flow.cold_start, flow.error, flow.complete, flow.upstream_lost),
                (flow.trigger, flow.caller, flow.version, flow.request_id),
                flow.witnesses,
                self._known.get(columns.shape) or self._shape(columns.shape),
                columns.starts.tobytes(),
                columns.ends.tobytes(),
                columns.ids,
                flow.facts,
                flow.invocation_type,
            )
        )

    def _shape(self, shape: Shape) -> Raw:
        if self._steps > _MOST_STEPS:
            self._known.clear()
            self._steps = 0
        self._steps += len(shape.steps) + 1
        made = self._known[shape] = Raw(_encode(shape.steps))
        return made


def unpacked(data: bytes) -> Flow:
    """The flow that was packed, its steps as records; raises `msgspec.DecodeError` where it is damaged."""
    told = _decode(data)
    try:
        return whole(_lean(told))
    except (ValueError, IndexError) as error:
        raise msgspec.DecodeError(f"the columns of a flow do not fit ({error})") from None


def _lean(told: _Packed) -> LeanFlow:
    cold, failed, complete, lost = told.marks
    trigger, caller, version, request_id = told.words
    shape = Shape(_decode_steps(told.steps))
    columns = Columns(shape, array("d", told.starts), array("d", told.ends), told.ids)
    ids = told.application_flow_id, told.function_flow_id
    return LeanFlow(
        told.key, *ids, told.start_time, told.end_time, columns, cold, failed, complete, trigger, caller,
        version, request_id, lost, told.witnesses, told.facts, told.invocation_type,
    )  # fmt: skip
