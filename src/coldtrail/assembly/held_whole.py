"""Open traces that one document held whole, as bytes: the shapes of their runs stay apart, each once."""

from __future__ import annotations

from array import array

import msgspec
from msgspec import Struct

from coldtrail.records.columns import Columns, Leaves, RunColumns, Shape, WholeTrace
from coldtrail.records.telemetry import Link, Span


class _HeldRun(Struct, frozen=True, gc=False, array_like=True):
    head: Span
    shape: int
    """Its place among those that were met."""
    starts: bytes
    """Float64, as the ends."""
    ends: bytes
    ids: str


class _HeldWhole(Struct, frozen=True, gc=False, array_like=True):
    trace_id: str
    runs: list[_HeldRun]
    links: tuple[Link, ...]
    leaves: Leaves
    origin: str
    place: str


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_HeldWhole).decode


class HeldWholes:
    """Whole traces to bytes, and back."""

    def __init__(self) -> None:
        self._shapes: list[Shape] = []
        self._places: dict[Shape, int] = {}
        self.steps = 0
        """Of all shapes."""

    def held(self, whole: WholeTrace) -> bytes:
        """The trace as it is to be held, without its calls' request ids, which the join has taken by then."""
        runs = [self._run(*run) for run in whole.runs]
        return _encode(_HeldWhole(whole.trace_id, runs, whole.links, whole.leaves, whole.origin, whole.place))

    def _run(self, head: Span, columns: Columns) -> _HeldRun:
        place = self._places.setdefault(columns.shape, len(self._shapes))
        if place == len(self._shapes):
            self._shapes.append(columns.shape)
            self.steps += len(columns.shape.steps) + 1
        return _HeldRun(head, place, columns.starts.tobytes(), columns.ends.tobytes(), columns.ids)

    def released(self, held: bytes) -> WholeTrace:
        """The trace that was held."""
        one = _decode(held)
        runs = tuple([self._released(run) for run in one.runs])
        return WholeTrace(one.trace_id, runs, one.links, one.leaves, one.origin, one.place)

    def _released(self, run: _HeldRun) -> RunColumns:
        starts, ends = array("d", run.starts), array("d", run.ends)
        return RunColumns(run.head, Columns(self._shapes[run.shape], starts, ends, run.ids))
