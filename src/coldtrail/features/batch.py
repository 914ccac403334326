"""Flows as arrays: what the detectors see, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from coldtrail.features.hashing import Hashes, mix
from coldtrail.features.looks import Looks
from coldtrail.features.standing import Steps, standing
from coldtrail.features.wording import Batch, Wording

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
T = TypeVar("T")
BLOCK_FLOWS = 16_384
"""Flows at once, where a long history is gone through: what is made on the way stays small."""


@dataclass(frozen=True)
class Shapes:
    """The different (function, step sequence) pairs among flows."""

    first: Ints
    """(shape,) a flow that has the shape."""
    of: Ints
    """(flow,) the shape of each flow."""
    count: Floats
    """(shape,) how many flows have it, by their weights."""


@dataclass(frozen=True, kw_only=True)
class Encoded:
    """Flows as arrays; the steps of flow i are offsets[i] to offsets[i + 1].

    Numbers are those of the vocabulary, 0 for a word never met, -1 where there is no word. Those of steps
    have 32 bits in a history (`narrowed`), 64 in all else.
    """

    function: Ints
    """(flow,)"""
    group: Ints
    """(flow,) the group of functions that behave like the flow's, 0 for none."""
    application: Ints
    """(flow,) the number of the function's application, 0 for a function never met."""
    alone: Bools
    """(flow,) True where nobody triggered the run."""
    cold: Bools
    """(flow,)"""
    complete: Bools
    """(flow,)"""
    failed: Bools
    """(flow,)"""
    trigger: Ints
    """(flow,)"""
    caller: Ints
    """(flow,)"""
    version: Ints
    """(flow,)"""
    invocation: Ints
    """(flow,) 1 where it was started synchronously, 2 where asynchronously, -1 where nothing tells."""
    start: Floats
    """(flow,) UTC epoch seconds."""
    duration: Floats
    """(flow,) seconds."""
    own_time: Floats
    """(flow,) seconds that no event accounts for."""
    weight: Floats
    """(flow,) how many flows each stands for."""
    offsets: Ints
    """(flow + 1,)"""
    step: Ints
    """(step,)"""
    action: Ints
    """(step,)"""
    resource: Ints
    """(step,)"""
    service: Ints
    """(step,) numbers of the event types."""
    error: Bools
    """(step,)"""
    depth: Ints
    """(step,) 1 for an event without a parent."""
    begin: Floats
    """(step,) seconds after the flow's start."""
    span: Floats
    """(step,) seconds, children included."""
    self_time: Floats
    """(step,) seconds, children's time left out."""
    starting: Bools
    """(step,) True for the steps of a cold start, which stand outside the run's order."""
    call: Bools
    """(step,) True for calls of something outside the function."""
    batch: Batch | None = None
    """The flows that were encoded, for who needs their words; None where they are not at hand."""
    places: Ints | None = None
    """(flow,) which of the batch's flows these are; None: all, in order."""
    looks: Looks | None = None
    """What the words look like; None where that is not at hand."""
    shape: Ints | None = None
    """(flow,) a number for each sequence of steps, words and outcomes included; None where none was given."""

    def __len__(self) -> int:
        return len(self.function)

    @cached_property
    def lengths(self) -> Ints:
        """(flow,) number of steps."""
        return np.diff(self.offsets)

    @cached_property
    def flow_of(self) -> Ints:
        """(step,) the flow of each step."""
        return np.repeat(np.arange(len(self)), self.lengths)

    @cached_property
    def standing(self) -> Ints:
        """(step,) the rows of the steps in an order that does not depend on which of several came first."""
        return standing(Steps(self.flow_of, self.step, self.depth, self.begin, self.span))

    @cached_property
    def shapes(self) -> Shapes:
        """The different step sequences; whether a record is complete is part of the shape."""
        hashed = self.shape_hashes()
        _, first, of = np.unique(hashed, return_index=True, return_inverse=True)
        return Shapes(first, of, np.bincount(of, self.weight, len(first)).astype(np.float64))

    def shape_hashes(self) -> Hashes:
        """(flow,) a hash of function, step sequence and completeness."""
        if len(self) > BLOCK_FLOWS:
            return np.concatenate([block.shape_hashes() for _, block in self.blocks()])
        place = np.arange(len(self.step)) - self.offsets[:-1][self.flow_of]
        hashed = mix(mix(np.full(len(self.step), 11, np.uint64), self.step + 3), place + 5)
        total = np.zeros(len(self), np.uint64)
        np.add.at(total, self.flow_of, hashed)
        return mix(mix(total, self.function + 7), self.complete.astype(np.int64) + 1)

    @cached_property
    def wording(self) -> Wording:
        """The words, clocks and depths of the steps; made when first asked for.

        Raises ValueError where the flows are not at hand, or steps were left out.
        """
        if self.batch is None:
            raise ValueError("The words of flows are known only while they have all their steps.")
        return self.batch.wording if self.places is None else self.batch.wording.take(self.places)

    def once(self, make: Callable[[Encoded], T]) -> T:
        """What a function makes of the flows, made when first asked for and kept as long as they are."""
        made: dict[Callable[[Encoded], Any], Any] = self.__dict__.setdefault("_made", {})
        if make not in made:
            made[make] = make(self)
        found: T = made[make]
        return found

    def blocks(self) -> Iterator[tuple[int, Encoded]]:
        """The flows a few at a time, each time with the number of flows before; nothing is copied."""
        if len(self) <= BLOCK_FLOWS:
            yield 0, self
            return
        for first in range(0, len(self), BLOCK_FLOWS):
            last = min(first + BLOCK_FLOWS, len(self))
            rows = slice(int(self.offsets[first]), int(self.offsets[last]))
            parts: dict[str, Any] = {name: getattr(self, name)[first:last] for name in PER_FLOW}
            parts |= {name: getattr(self, name)[rows] for name in PER_STEP}
            offsets = self.offsets[first : last + 1] - self.offsets[first]
            yield first, Encoded(**parts, offsets=offsets, looks=self.looks)

    def take(self, flows: NDArray[np.integer]) -> Encoded:
        """The chosen flows, in the given order."""
        lengths = self.lengths[flows]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        starts = self.offsets[:-1][flows]
        rows = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)
        parts: dict[str, Any] = {name: getattr(self, name)[flows] for name in PER_FLOW}
        parts |= {name: getattr(self, name)[rows] for name in PER_STEP}
        places = np.asarray(flows, np.int64) if self.places is None else self.places[flows]
        return Encoded(**parts, offsets=offsets, batch=self.batch, places=places, looks=self.looks)

    def in_order(self, flows: Ints) -> Encoded:
        """The chosen flows, in the given order; where these are all as they stand, without a copy."""
        stand = len(flows) == len(self) and bool((flows == np.arange(len(self))).all())
        return self if stand else self.take(flows)

    def steps_where(self, kept: Bools) -> Encoded:
        """The same flows with only the steps that are kept."""
        return self.steps_at(np.flatnonzero(kept))

    def steps_at(self, rows: Ints) -> Encoded:
        """The same flows with the steps of the given rows, in this order; flows stay one after another."""
        lengths = np.bincount(self.flow_of[rows], minlength=len(self))
        parts: dict[str, Any] = {name: getattr(self, name) for name in PER_FLOW}
        parts |= {name: getattr(self, name)[rows] for name in PER_STEP}
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        return Encoded(**parts, offsets=offsets, looks=self.looks)

    def weighing(self, weight: Floats) -> Encoded:
        """The same flows with other weights."""
        return replace(self, weight=weight)

    def looking(self, looks: Looks) -> Encoded:
        """The same flows, of whose words it is known what they look like."""
        return replace(self, looks=looks)


PER_FLOW = (
    "function", "group", "application", "alone", "cold", "complete", "failed", "trigger", "caller", "version",
    "invocation", "start", "duration", "own_time", "weight",
)  # fmt: skip
PER_STEP = (
    "step",
    "action",
    "resource",
    "service",
    "error",
    "depth",
    "begin",
    "span",
    "self_time",
    "starting",
    "call",
)


def joined(parts: Sequence[Encoded]) -> Encoded:
    """All flows of the parts, one part after another; their words are left behind."""
    whole: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in PER_FLOW + PER_STEP
    }
    lengths = np.concatenate([part.lengths for part in parts])
    return Encoded(**whole, offsets=np.concatenate([[0], np.cumsum(lengths)]))


_NARROW = ("step", "action", "resource", "service", "depth")


def narrowed(flows: Encoded) -> Encoded:
    """The flows with numbers of 32 bits for each step: there are many, and no vocabulary has more words."""
    return replace(flows, **{name: getattr(flows, name).astype(np.int32, copy=False) for name in _NARROW})
