"""How late the calls of each service are now and then, and cold starts.

What is late in one call of 500 is the measure of its service: a call twice as late is news, whether it is a
partner that takes seconds more every day or a table that never does.
"""

from __future__ import annotations

import numpy as np

from coldtrail.detectors.detector import State
from coldtrail.detectors.spans import OWN, STARTS, Spans
from coldtrail.features.arrays import MOST, floats, integers
from coldtrail.features.batch import Floats, Ints

SELDOM = 0.002
"""The share of a service's calls whose lateness is its measure."""
CONCERN_S = 0.25
"""A step that takes no more than this longer than usual is no evidence, however rare it is."""
ARRAYS = (integers("services", "service", least=-MOST), floats("late", "service", least=CONCERN_S))


class Lateness:
    """The seconds by which one call in `SELDOM` is late, of each service."""

    def __init__(self) -> None:
        self.services = np.array([OWN])
        """(service,) ascending; `OWN` stands for all services."""
        self.seconds = np.ones(1)
        """(service,)"""

    def fit(self, spans: Spans, excess: Floats) -> None:
        """Learns from spans that took so many seconds more than usual."""
        calls = excess[spans.call]
        whole = _now_and_then(calls, np.zeros(len(calls), np.int64), 0.0)
        measured = spans.call | spans.starting
        found, of = np.unique(_service(spans)[measured], return_inverse=True)
        late = _now_and_then(excess[measured], of, float(whole[0]) if len(whole) else 0.0)
        services, seconds = np.append(found, OWN), np.concatenate([late, whole if len(whole) else [0.0]])
        order = np.argsort(services)
        self.services = services[order].astype(np.int64)
        self.seconds = np.maximum(seconds[order], CONCERN_S)

    def of(self, spans: Spans) -> Floats:
        """(span,) the seconds by which its like are late now and then; of an unknown service, of all."""
        service = _service(spans)
        place = np.minimum(np.searchsorted(self.services, service), len(self.services) - 1)
        everything = int(np.searchsorted(self.services, OWN))
        return self.seconds[np.where(self.services[place] == service, place, everything)]

    def state(self) -> State:
        """All that was learned, as arrays."""
        return {"services": self.services, "late": self.seconds}

    def restore(self, state: State) -> None:
        """Takes back what `state` gave."""
        self.services = state["services"].astype(np.int64)
        self.seconds = state["late"].astype(np.float64)


def _service(spans: Spans) -> Ints:
    return np.where(spans.starting, STARTS, spans.service)


def _now_and_then(late: Floats, of: Ints, whole: float) -> Floats:
    """(service,) the seconds by which one of its calls in `SELDOM` is late; few calls lean on those of all.

    Args:
        late: (call,) seconds.
        of: (call,) its service, numbered from 0 without gaps.
        whole: what is asked for, of all calls.
    """
    values = late[np.lexsort((late, of))]
    size = np.bincount(of)
    first = np.cumsum(size) - size
    place = (size - 1) * (1.0 - SELDOM)
    lower = place.astype(np.int64)
    upper = np.minimum(lower + 1, size - 1)
    own = values[first + lower] + (place - lower) * (values[first + upper] - values[first + lower])
    enough = np.minimum(SELDOM * size, 1.0)
    leant: Floats = enough * own + (1.0 - enough) * np.maximum(own, whole)
    return leant
