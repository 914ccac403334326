"""What each flow holds, told once: the different actions among its steps, and the resources touched."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coldtrail.features.batch import Bools, Encoded, Ints


class Held(NamedTuple):
    """Things that flows hold, each once a flow, flow by flow; numbers of 32 bits, since there are many."""

    flow: Ints
    thing: Ints
    row: Ints
    """Of the step that shows it first."""
    number: Ints
    """Of steps that show it."""

    def where(self, kept: Bools) -> Held:
        """Only those that are kept."""
        return Held._make(column[kept] for column in self)


def actions_held(flows: Encoded) -> Held:
    """The actions of flows; 0 where one was never met."""
    return _held(flows, "action")


def resources_held(flows: Encoded) -> Held:
    """The known resources that flows touch."""
    held = _held(flows, "resource")
    return held.where(held.thing > 0)


def _held(flows: Encoded, name: str) -> Held:
    parts = []
    for before, block in flows.blocks():
        things: Ints = getattr(block, name)
        least = int(things.min(initial=0))
        size = int(things.max(initial=0)) - least + 1
        key = block.flow_of * size + (things - least)
        found, first, number = np.unique(key, return_index=True, return_counts=True)
        rows = first + int(flows.offsets[before])
        columns = found // size + before, found % size + least, rows, number
        parts.append([column.astype(np.int32) for column in columns])
    return Held._make(np.concatenate(column) for column in zip(*parts, strict=True))
