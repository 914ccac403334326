"""A cache of verdicts by the shape of a flow: flows judged one by one have few different shapes.

The shape of a flow is all of it but its times, and which of its steps ran at once. While no step takes longer
than the limits that the detectors give, flows of one shape have one score, which is computed once. Any other
flow is judged in full, so that no verdict depends on the cache.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from coldtrail.detectors.detector import Detector
from coldtrail.features.batch import Encoded, Floats
from coldtrail.features.encode import encode
from coldtrail.features.standing import at_once
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.verdicts.calibration import Calibration

MOST_SHAPES = 10_000
"""Shapes kept, the ones met last."""

_Key = tuple[object, ...]


class Quiet(NamedTuple):
    """The one score of all flows of a shape that take no longer than the limits."""

    score: float
    p_value: float
    limits: tuple[float, ...]
    """Seconds of each step's own time, and last of the run's."""


@dataclass
class ShapeCache:
    """The scores of the shapes met last, for a model that does not change."""

    vocabulary: Vocabulary
    detectors: Mapping[str, Detector]
    calibration: Calibration

    def __post_init__(self) -> None:
        self._found: dict[_Key, Quiet | None] = {}
        """The shape met last at the end; None for a shape whose flows are all judged in full."""

    def quiet(self, flow: Flow) -> Quiet | None:
        """The score of a normal flow whose times do not matter; None where it must be judged in full."""
        flow = self.vocabulary.naming.folded([flow])[0]
        key = self._key(flow)
        if key is None:
            return None
        found = self._found.pop(key) if key in self._found else self._judged(flow)
        self._found[key] = found
        if len(self._found) > MOST_SHAPES:
            del self._found[next(iter(self._found))]
        return found if found is not None and _keeps(flow, found.limits) else None

    def _key(self, flow: Flow) -> _Key | None:
        """The key of a flow's shape; None for a flow with a step that was never met."""
        numbers = self.vocabulary.steps.numbers
        steps: list[int] = []
        for event, depth in zip(flow.events, flow.depths, strict=True):
            step = (
                event.event_name,
                event.event_type,
                event.event_parent_name,
                event.event_target_resource,
                depth,
            )
            if step not in numbers:
                return None
            steps.append(-numbers[step] if event.error else numbers[step])
        whole = (flow.key, flow.trigger, flow.caller, flow.version, flow.invocation_type)
        marks = (flow.cold_start, flow.complete, flow.error, flow.upstream_lost)
        return *whole, *marks, tuple(steps), at_once(flow)

    def _limits(self, one: Encoded) -> Floats | None:
        """(step + 1,) seconds up to which no time of a flow matters; None where every one may."""
        least = np.full(len(one.step) + 1, np.inf)
        for detector in self.detectors.values():
            limits = detector.limits(one)
            if limits is None:
                return None
            least = np.minimum(least, limits)
        return least

    def _judged(self, flow: Flow) -> Quiet | None:
        one = encode([flow], self.vocabulary)
        limits = self._limits(one)
        if limits is None:
            return None
        timeless = replace(one, self_time=np.zeros_like(one.self_time), own_time=np.zeros(1))
        scores = np.concatenate([one.score(timeless) for one in self.detectors.values()], axis=1)
        combined = self.calibration.bans(timeless, scores).max(axis=1)
        if combined[0] > self.calibration.threshold_:
            return None
        p_value = float(self.calibration.p_values(combined)[0])
        return Quiet(float(combined[0]), p_value, tuple(limits.tolist()))


def _keeps(flow: Flow, limits: tuple[float, ...]) -> bool:
    """Whether nothing takes longer than its limit."""
    for seconds, limit in zip(flow.self_times, limits, strict=False):
        if not seconds <= limit:
            return False
    return flow.own_time <= limits[-1]
