"""New flows made fit to learn from: each once, and none that a wrong clock dated."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from coldtrail.features.fitness import is_fit
from coldtrail.records.columns import AnyFlow

AHEAD_S, GAP_S = 86400.0, 30 * 86400.0
"""A flow that starts so long after today, and so long after all before it, has a wrong clock: all others
would fade to nothing beside it."""


def once(flows: Sequence[AnyFlow]) -> list[AnyFlow]:
    """The flows that can be learned from, by their start; of several with the same ids, the last."""
    whole = {(one.application_flow_id, one.function_flow_id): one for one in flows if is_fit(one)}
    return sorted(whole.values(), key=_by_start)


def _by_start(flow: AnyFlow) -> tuple[float, str]:
    return flow.start_time, flow.function_flow_id


def timely(flows: Sequence[AnyFlow], before: float) -> int:
    """How many of the flows, in the order of their start, come before a clock that is wrong.

    `before` is the latest start known so far, infinitely long ago if there is none.
    """
    today = time.time()
    for place, flow in enumerate(flows):
        start = flow.start_time
        if start > today + AHEAD_S and np.isfinite(before) and start > before + GAP_S:
            return place
        before = max(before, start)
    return len(flows)


def as_objects(names: list[tuple[str, str]]) -> NDArray[np.object_]:
    """(flow,) the pairs, each as one object."""
    out = np.empty(len(names), np.object_)
    out[:] = names
    return out
