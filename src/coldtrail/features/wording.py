"""The words, clocks and depths of flows' steps, for detectors that read more than step numbers.

Made only when asked for: detectors of counts never pay for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from coldtrail.features.lean import whole
from coldtrail.features.names.naming import Naming
from coldtrail.records.columns import AnyFlow
from coldtrail.records.flow import Event, Flow

APPLICATION, FUNCTION, NAME, TYPE, PARENT, TARGET = range(6)
"""The columns of `Wording.codes`."""


@dataclass(frozen=True)
class Wording:
    """What the paper's features are made of (section 5.2.2); the steps of flow i are offsets[i] to
    offsets[i + 1]."""

    words: tuple[str, ...]
    """The different words; the first is empty and stands for an absent one."""
    codes: NDArray[np.int64]
    """(step, word column) places in `words`."""
    duration: NDArray[np.float64]
    """(step,) seconds, children included."""
    start: NDArray[np.float64]
    """(step,) seconds after the start of the flow's first event, never negative."""
    depth: NDArray[np.int64]
    """(step,)"""
    offsets: NDArray[np.int64]
    """(flow + 1,)"""
    rank: NDArray[np.int64]
    """(flow,) place among the flows encoded together, by start and then by id."""

    def take(self, flows: NDArray[np.integer]) -> Wording:
        """That of the chosen flows, in the given order."""
        lengths = np.diff(self.offsets)[flows]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        rows = np.arange(offsets[-1]) + np.repeat(self.offsets[:-1][flows] - offsets[:-1], lengths)
        return Wording(
            self.words,
            self.codes[rows],
            self.duration[rows],
            self.start[rows],
            self.depth[rows],
            offsets,
            self.rank[flows],
        )


@dataclass(frozen=True)
class Batch:
    """Flows that were encoded together."""

    flows: tuple[AnyFlow, ...]

    @cached_property
    def wording(self) -> Wording:
        """The words and clocks of all flows."""
        return wording([self._whole(flow) for flow in self.flows])

    def event(self, flow: int, step: int) -> Event:
        """A step of a flow, by their places."""
        return self._known(flow).events[step]

    def _known(self, flow: int) -> Flow:
        return self._whole(self.flows[flow])

    def _whole(self, flow: AnyFlow) -> Flow:
        return whole(flow)


@dataclass(frozen=True)
class LeanBatch(Batch):
    """Flows whose names were not folded, and some of which have their steps as columns."""

    naming: Naming

    @cached_property
    def _asked(self) -> dict[int, Flow]:
        """Flows whose words were asked for, by their places."""
        return {}

    @cached_property
    def _made(self) -> dict[int, Flow]:
        """Flows as they came, with their steps as records, by their places."""
        return {}

    def made(self, flow: int) -> Flow:
        """A flow as it came, by its place, with its steps as records."""
        known = self._made.get(flow)
        if known is None:
            known = self._made[flow] = whole(self.flows[flow])
        return known

    def _known(self, flow: int) -> Flow:
        known = self._asked.get(flow)
        if known is None:
            known = self._asked[flow] = self.naming.folded([self.made(flow)])[0]
        return known

    def _whole(self, flow: AnyFlow) -> Flow:
        return self.naming.folded([whole(flow)])[0]


def made_at(flows: Sequence[AnyFlow], batch: Batch | None, place: int) -> Flow:
    """One of the flows that make a batch, with its steps as records, which are made once."""
    return batch.made(place) if isinstance(batch, LeanBatch) else whole(flows[place])


def wording(flows: Sequence[Flow]) -> Wording:
    """The words and clocks of flows."""
    places: dict[str, int] = {"": 0}
    codes: list[tuple[int, ...]] = []
    clocks: list[tuple[float, float]] = []
    depths: list[int] = []
    for flow in flows:
        application = places.setdefault(flow.application_name, len(places))
        function = places.setdefault(flow.function_name, len(places))
        first = min((event.start_time for event in flow.events), default=0.0)
        depths += flow.depths
        for event in flow.events:
            name = places.setdefault(event.event_name, len(places))
            kind = places.setdefault(event.event_type, len(places))
            parent = places.setdefault(event.event_parent_name or "", len(places))
            target = places.setdefault(event.event_target_resource or "", len(places))
            codes.append((application, function, name, kind, parent, target))
            clocks.append((max(event.end_time - event.start_time, 0.0), event.start_time - first))
    seconds = np.array(clocks, np.float64).reshape(-1, 2)
    order = sorted(range(len(flows)), key=lambda i: (flows[i].start_time, flows[i].function_flow_id))
    rank = np.empty(len(flows), np.int64)
    rank[np.array(order, np.int64)] = np.arange(len(flows))
    return Wording(
        tuple(places),
        np.array(codes, np.int64).reshape(-1, 6),
        seconds[:, 0],
        seconds[:, 1],
        np.array(depths, np.int64),
        np.cumsum([0, *[len(flow.events) for flow in flows]]),
        rank,
    )
