"""Runs as columns: what makes no difference between runs is held once, and of each run its ids and times.

A flow step by step (`records/flow.py`) costs a record a step. Where nobody asks for words, columns are
enough: any format may fill them, and who has more to tell of a run may change them before they are encoded.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct

from coldtrail.records.facts import Facts
from coldtrail.records.flow import Flow, InvocationType
from coldtrail.records.identity import FunctionKey
from coldtrail.records.telemetry import Link, Role, Span

APART = "\n"
"""Parts ids, none of which holds it."""


class ToldStep(NamedTuple):
    """What is told of a step but its id and its times."""

    name: str
    kind: str
    parent_name: str | None
    target: str | None
    depth: int
    """1 for a step without a parent."""
    error: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Shape:
    """The steps of a run but for their ids and times, depth first by start; equal only to itself.

    Depths tell the parents: that of a step is the last one before it that is one less deep.
    """

    steps: tuple[ToldStep, ...]


class Columns(Struct, frozen=True, gc=False):
    """The steps of one run, depth first, in an order in which none starts before the one before it.

    Of steps beside each other that start together the one that ends first comes first, then the smaller id.
    """

    shape: Shape
    starts: array[float]
    """UTC epoch seconds, as the ends are."""
    ends: array[float]
    ids: str
    """Parted by `APART`."""


class RunColumns(NamedTuple):
    """What one document says of one invocation: a span without steps, which states its start and end, and
    the steps as columns with raw names."""

    head: Span
    columns: Columns


class Lead(NamedTuple):
    """What links alike are, as `Link` tells it."""

    role: Role
    kind: str
    name: str


class Leaves(Struct, frozen=True, gc=False):
    """Links without times that nothing in their trace names as its parent, as columns."""

    ids: str
    """Parted by `APART`, as the parents' are; an empty one stands for none."""
    parents: str
    leads: tuple[Lead, ...]

    def __len__(self) -> int:
        return len(self.leads)


class WholeTrace(NamedTuple):
    """All that a document says, which holds one whole trace without contradiction: no id comes twice."""

    trace_id: str
    runs: tuple[RunColumns, ...]
    links: tuple[Link, ...]
    leaves: Leaves = Leaves("", "", ())
    """Links beside `links`."""
    origin: str = ""
    """Of the document, as the place."""
    place: str = ""
    requests: Sequence[str] = ()
    """Ids of steps that called the cloud's services, each with the id of its request behind it."""

    @property
    def first_start(self) -> float | None:
        """The first start that it tells of."""
        first: float | None = None
        for head, columns in self.runs:
            start = head.start_time
            if columns.starts and (start is None or columns.starts[0] < start):
                start = columns.starts[0]
            if start is not None and (first is None or start < first):
                first = start
        for link in self.links:
            start = link.start_time
            if start is not None and (first is None or start < first):
                first = start
        return first


class LeanFlow(Struct, frozen=True, gc=False):
    """A flow that nobody has looked at closely: what `Flow` is, with its steps as columns."""

    key: FunctionKey
    application_flow_id: str
    function_flow_id: str
    start_time: float
    end_time: float
    columns: Columns
    """With names as the flow shows them."""
    cold_start: bool = False
    error: bool = False
    complete: bool = True
    trigger: str | None = None
    caller: str | None = None
    version: str | None = None
    request_id: str | None = None
    upstream_lost: bool = False
    witnesses: tuple[str, ...] = ()
    facts: Facts | None = None
    invocation_type: InvocationType | None = None


AnyFlow = Flow | LeanFlow
"""A flow with its steps as records or as columns."""


@lru_cache(4096)
def parents_of(shape: Shape) -> tuple[int, ...]:
    """For each step the place of its parent, -1 for one without; the last shapes asked for are kept."""
    above = [-1]
    parents = []
    for place, step in enumerate(shape.steps):
        del above[step.depth :]
        parents.append(above[-1])
        above.append(place)
    return tuple(parents)
