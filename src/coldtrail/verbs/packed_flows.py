"""Flows on their way from a worker: of those that are columns, each shape is told once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Struct

from coldtrail.features.held_runs import HeldRun, held_run, released_run
from coldtrail.records.columns import AnyFlow, LeanFlow, Shape, ToldStep
from coldtrail.records.flow import Flow
from coldtrail.verbs.shares import Numbered

MOST_STEPS = 500_000
"""Of shapes that are remembered on both sides."""


class _Message(Struct, frozen=True, gc=False, array_like=True):
    first: int
    """The number of the first of the shapes; with 0 all shapes before are forgotten."""
    shapes: list[tuple[ToldStep, ...]]
    are_lean: list[bool]
    """In the order of the flows."""
    lean: list[tuple[int, HeldRun]]
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
        lean = [
            (number, held_run(flow, self._number(flow.columns.shape)))
            for number, flow in flows
            if isinstance(flow, LeanFlow)
        ]
        plain = [(number, flow) for number, flow in flows if isinstance(flow, Flow)]
        shapes = [shape.steps for shape in list(self._known)[first:]]
        self._steps += sum([len(steps) + 1 for steps in shapes])
        are_lean = [isinstance(flow, LeanFlow) for _, flow in flows]
        return _encode(_Message(first, shapes, are_lean, lean, plain))

    def _number(self, shape: Shape) -> int:
        return self._known.setdefault(shape, len(self._known))


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
                number, run = next(lean)
                yield number, released_run(run, self._shapes[run.shape])
            else:
                yield next(plain)
