"""Flows on their way from a worker: of those that are columns, each shape is told once."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Struct

from coldtrail.records.columns import AnyFlow, Columns, LeanFlow, Shape, ToldStep
from coldtrail.records.facts import Facts
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.verbs.shares import Numbered

MOST_STEPS = 500_000
"""Of shapes that are remembered on both sides."""


class _Run(Struct, frozen=True, gc=False, array_like=True):
    """A flow whose steps are columns."""

    number: int
    shape: int
    starts: bytes
    ends: bytes
    ids: str
    key: FunctionKey
    told: tuple[str, str, float, float]
    """Trace, id, start and end."""
    outcome: tuple[bool, bool, bool]
    """As the `LeanFlow` has them."""
    upstream: tuple[str | None, str | None, str | None, str | None, bool, tuple[str, ...]]
    facts: Facts | None


class _Message(Struct, frozen=True, gc=False, array_like=True):
    first: int
    """The number of the first of the shapes; with 0 all shapes before are forgotten."""
    shapes: list[tuple[ToldStep, ...]]
    are_lean: list[bool]
    """In the order of the flows."""
    lean: list[_Run]
    plain: list[tuple[int, Flow]]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Message).decode


class Packer:
    """Flows to messages."""

    def __init__(self) -> None:
        self._known: dict[Shape, int] = {}
        self._steps = 0

    def pack(self, flows: Sequence[Numbered]) -> bytes:
        """The message that tells of the flows, for an `Unpacker` that had all messages before."""
        if self._steps > MOST_STEPS:
            self._known.clear()
            self._steps = 0
        first = len(self._known)
        lean = [self._run(number, flow) for number, flow in flows if isinstance(flow, LeanFlow)]
        plain = [(number, flow) for number, flow in flows if isinstance(flow, Flow)]
        shapes = [shape.steps for shape in list(self._known)[first:]]
        self._steps += sum([len(steps) + 1 for steps in shapes])
        are_lean = [isinstance(flow, LeanFlow) for _, flow in flows]
        return _encode(_Message(first, shapes, are_lean, lean, plain))

    def _run(self, number: int, flow: LeanFlow) -> _Run:
        shape, starts, ends, ids = (getattr(flow.columns, name) for name in Columns.__struct_fields__)
        return _Run(
            number,
            self._known.setdefault(shape, len(self._known)),
            starts.tobytes(),
            ends.tobytes(),
            ids,
            flow.key,
            (flow.application_flow_id, flow.function_flow_id, flow.start_time, flow.end_time),
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


class Unpacker:
    """Messages of one worker to flows."""

    def __init__(self) -> None:
        self._shapes: list[Shape] = []

    def unpack(self, message: bytes) -> Iterator[tuple[int, AnyFlow]]:
        """The flows of a message, in their order."""
        told = _decode(message)
        if not told.first:
            self._shapes.clear()
        self._shapes += map(Shape, told.shapes)
        lean, plain = iter(told.lean), iter(told.plain)
        for is_lean in told.are_lean:
            if is_lean:
                run = next(lean)
                yield run.number, self._flow(run)
            else:
                yield next(plain)

    def _flow(self, run: _Run) -> LeanFlow:
        columns = Columns(self._shapes[run.shape], array("d", run.starts), array("d", run.ends), run.ids)
        trigger, caller, version, request_id, lost, witnesses = run.upstream
        return LeanFlow(
            run.key,
            *run.told,
            columns,
            *run.outcome,
            trigger,
            caller,
            version,
            request_id,
            lost,
            witnesses,
            run.facts,
        )
