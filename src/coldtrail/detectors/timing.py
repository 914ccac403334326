"""Strange durations: how much longer than usual each step itself took, its children's time left out.

Seconds, not ratios, lead: in the study behind the design, absolute excess found a run 4 to 5 s longer every
time, relative duration in 71 to 86 of 100. Those of a call are set against how late calls of its service
are now and then, in all functions, and those of a cold start against how late starts are: one slow partner
excuses no other service. A second channel judges each step by the tail of its own history: a short step can
be as strange as a long one. A third adds up what no call shows alone: how late the calls of several
services are in one run, the latest service left out, since a service may have a slow day. The last is the
excess of the function's own code, in seconds: slow services excuse it nowhere. Cold and warm runs are
learned apart where there are enough. How long a call takes that fails is no evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np

from coldtrail.detectors import lateness
from coldtrail.detectors.channel import Channel
from coldtrail.detectors.detector import (
    Contributions,
    Detector,
    Evidence,
    Fit,
    Place,
    State,
    Tell,
    silent,
)
from coldtrail.detectors.durations import (
    BOUNDS,
    CENTRE,
    FLOOR_S,
    KNEE,
    LONGEST,
    MEDIAN,
    NUMBER,
    SCALE,
    SLOPE,
    TAIL_SHARE,
)
from coldtrail.detectors.lateness import CONCERN_S, Lateness
from coldtrail.detectors.spans import EVERY, SortedTimes, Spans, key_of, spans_of
from coldtrail.features.arrays import floats, hashes
from coldtrail.features.batch import Bools, Encoded, Floats, Ints
from coldtrail.features.hashing import Table
from coldtrail.features.vocabulary import NO_RESOURCE_TYPES, Vocabulary
from coldtrail.records.finding import Among, Seconds, TimeOf
from coldtrail.records.flow import Flow

ENOUGH = 20
"""Observations from which a step's cold (or warm) history stands by itself."""
CALL_CONCERN_S = 1.0
"""The same for calls, whose length is that of the service called: its latency has a tail of its own."""
START_CONCERN_S = 3.0
"""The same for cold starts, whose length is the platform's more than the function's (it allows 10 s)."""
EXCESS, TAIL, TOGETHER, OWN_CODE = range(4)
CHANNELS = 4
LARGEST = (EXCESS, TAIL, OWN_CODE)
"""The channels in which the strangest span of a run decides."""


def _concern(spans: Spans) -> Floats:
    """(span,) the excess in seconds up to which it is no evidence."""
    return np.select([spans.starting, spans.call], [START_CONCERN_S, CALL_CONCERN_S], CONCERN_S)


def _together(spans: Spans, excess: Floats) -> Floats:
    """(span,) what the latest call of each service adds to the seconds that those of other services are late.

    That is the sum over the services but for the greatest, shared among all of them as they are late.
    """
    late = np.flatnonzero(spans.call & (excess > CONCERN_S))
    late = late[np.lexsort((-excess[late], spans.service[late], spans.flow[late]))]
    flow, service = spans.flow[late], spans.service[late]
    late = late[np.append(True, (flow[1:] != flow[:-1]) | (service[1:] != service[:-1]))[: len(late)]]
    _, of = np.unique(spans.flow[late], return_inverse=True)
    total, most = np.bincount(of, excess[late]), np.zeros(int(of.max(initial=-1)) + 1)
    np.maximum.at(most, of, excess[late])
    out = np.zeros(len(excess))
    out[late] = excess[late] * (1.0 - most[of] / total[of])
    return out


class TimingDetector(Detector):
    """Scores excess as a multiple of how late a service is now and then, reaches into a step's own tail in
    nats, and added excesses and that of the function's own code in seconds."""

    channels = tuple(Channel(name, family="time") for name in ("excess", "tail", "together", "own"))
    arrays = (
        hashes("keys"),
        floats("rows", "keys", 7, least=BOUNDS[0], most=BOUNDS[1]),
        floats("overall", 7, least=BOUNDS[0], most=BOUNDS[1]),
        *lateness.ARRAYS,
    )

    def __init__(self) -> None:
        self.history_ = Table(np.zeros(0, np.uint64), np.zeros((0, 7)))
        self.overall_ = np.array([0.0, 0.0, np.log(FLOOR_S), 1.0, 1.0, 1.0, 0.0])
        self.lateness_ = Lateness()

    def fit(self, flows: Encoded, weight: float = 1.0, tell: Tell = silent) -> Self:
        """Learns from the flows alone, and returns itself; quantiles know no weight."""
        return self._learn(SortedTimes(flows), np.ones(len(flows), np.bool_), flows)

    def fits(self, flows: Encoded) -> Fit:
        """What learns from any part of the flows: their times are sorted once."""
        by_length = SortedTimes(flows)
        return lambda some, weight: type(self)()._learn(by_length, some, flows)

    def _learn(self, by_length: SortedTimes, some: Bools, flows: Encoded) -> Self:
        if not some.any():
            return self
        cold, weight = flows.cold, flows.weight
        parts = [by_length.of_steps(some, weight, 0)]
        parts += [by_length.of_steps(some & (cold == is_cold), weight, 1 + is_cold) for is_cold in (0, 1)]
        parts.append(by_length.of_starts(some, weight))
        keys, rows = (np.concatenate(column) for column in zip(*parts, strict=True))
        order = np.argsort(keys)
        self.history_ = Table(keys[order], rows[order])
        self.overall_ = by_length.of_all(some, weight)
        spans = flows.once(spans_of)
        spans = spans.take(np.flatnonzero(some[spans.flow] & ~spans.failed))
        self.lateness_.fit(spans, self._excess(spans, self._chosen(spans)))
        return self

    def _rows(self, spans: Spans) -> Floats:
        """(span, column) the history that each span is judged by."""
        return self._known(self._chosen(spans))

    def _known(self, rows: Ints, column: int | slice = slice(None)) -> Floats:
        """What the table holds in rows, and of all runs where a row is -1."""
        overall = self.overall_[column]
        if not len(self.history_.rows):
            return np.broadcast_to(overall, (len(rows), *overall.shape))
        found = rows >= 0 if isinstance(column, int) else (rows >= 0)[:, None]
        return np.where(found, self.history_.rows[rows, column], overall)

    def _chosen(self, spans: Spans) -> Ints:
        """(span,) the row of the history that each span is judged by, -1 for that of all runs."""
        apart = self.history_.find(key_of(spans.function, spans.step, spans.cold + 1))
        together = self.history_.find(key_of(spans.function, spans.step, np.zeros_like(spans.step)))
        if not len(self.history_.rows):
            return apart
        few = ~self._has_enough(apart)
        chosen = np.where(few, together, apart)
        seldom = np.flatnonzero(few & spans.starting & ~self._has_enough(together))
        steps = spans.step[seldom]
        everyone = self.history_.find(key_of(np.full_like(steps, EVERY), steps, np.zeros_like(steps)))
        chosen[seldom] = np.where(everyone >= 0, everyone, chosen[seldom])
        return chosen

    def _has_enough(self, rows: Ints) -> Bools:
        return np.asarray((rows >= 0) & (self.history_.rows[rows, NUMBER] >= ENOUGH))

    def _excess(self, spans: Spans, chosen: Ints) -> Floats:
        """(span,) the seconds above the median, by the chosen row of the history."""
        return np.maximum(spans.seconds - self._known(chosen, MEDIAN), 0.0)

    def _strangeness(self, spans: Spans) -> Floats:
        """(span, channel)"""
        chosen = self._chosen(spans)
        excess = np.where(spans.failed, 0.0, self._excess(spans, chosen))
        long = np.flatnonzero(excess > _concern(spans))
        rows = self._known(chosen[long])
        z = np.maximum((np.log(spans.seconds[long] + FLOOR_S) - rows[:, CENTRE]) / rows[:, SCALE], 0.0)
        base = -np.log(TAIL_SHARE)
        far = base + (z - rows[:, KNEE]) / rows[:, SLOPE]
        out = np.zeros((len(excess), CHANNELS))
        of_others = (spans.call | spans.starting)[long]
        times_late = excess[long] / self.lateness_.of(spans)[long]
        out[long, EXCESS] = np.where(of_others, times_late, 0.0)
        out[long, OWN_CODE] = np.where(of_others, 0.0, excess[long])
        out[long, TAIL] = np.where(z > rows[:, KNEE], far, base * z / rows[:, KNEE])
        out[:, TOGETHER] = _together(spans, excess)
        return out

    def score(self, flows: Encoded) -> Floats:
        """(flow, channel) scores."""
        spans = spans_of(flows)
        out = np.zeros((len(flows), CHANNELS))
        strangeness = self._strangeness(spans)
        long = np.flatnonzero(strangeness.any(axis=1))
        for channel in LARGEST:
            np.maximum.at(out[:, channel], spans.flow[long], strangeness[long, channel])
        np.add.at(out[:, TOGETHER], spans.flow[long], strangeness[long, TOGETHER])
        return out

    def limits(self, flows: Encoded) -> Floats:
        """(step + flow,) seconds up to which nothing is strange, a trace less for the sake of rounding."""
        spans = spans_of(flows)
        concern = np.where(spans.call, CONCERN_S, _concern(spans))
        limits: Floats = (self._known(self._chosen(spans), MEDIAN) + concern) * (1.0 - 1e-12)
        return limits

    def explain(self, flows: Encoded) -> Contributions:
        """The whole score at the span that reached it; what adds up, at each call that adds to it."""
        strangeness = self._strangeness(spans_of(flows))
        count = len(flows.step)
        steps, whole = np.zeros((count, CHANNELS)), np.zeros((len(flows), CHANNELS))
        steps[:, TOGETHER] = strangeness[:count, TOGETHER]
        flow_of = np.concatenate([flows.flow_of, np.arange(len(flows))])
        for channel in LARGEST:
            reached = strangeness[:, channel]
            most = np.zeros(len(flows))
            np.maximum.at(most, flow_of, reached)
            best = np.flatnonzero((reached > 0.0) & (reached == most[flow_of]))
            best = best[np.unique(flow_of[best], return_index=True)[1]]
            inside, beyond = best[best < count], best[best >= count]
            steps[inside, channel] = reached[inside]
            whole[beyond - count, channel] = reached[beyond]
        return Contributions(steps, whole)

    def evidences(
        self, flows: Encoded, places: Sequence[Place], told: Sequence[Flow], vocabulary: Vocabulary
    ) -> list[Evidence]:
        """How long each step usually takes, and how long it took."""
        count = len(flows.step)
        starts = flows.offsets.tolist()
        rows = np.array(
            [count + at if step is None else starts[at] + step for at, step, _ in places], np.int64
        )
        spans = spans_of(flows).take(rows)
        histories = self._rows(spans)
        values = histories[:, (MEDIAN, LONGEST, NUMBER)].tolist()
        columns = (places, told, values, self._is_lent(spans, histories).tolist(), spans.seconds.tolist())
        return [_evidence(*one) for one in zip(*columns, strict=True)]

    def _is_lent(self, spans: Spans, histories: Floats) -> Bools:
        """(span,) whether it is judged by the cold starts of all functions."""
        everyone = self.history_.find(
            key_of(np.full_like(spans.step, EVERY), spans.step, np.zeros_like(spans.step))
        )
        lent = everyone >= 0
        lent[lent] = (self.history_.rows[everyone[lent]] == histories[lent]).all(axis=1)
        return lent

    def state(self) -> State:
        """All that was learned, as arrays."""
        own = {"keys": self.history_.keys, "rows": self.history_.rows, "overall": self.overall_}
        return own | self.lateness_.state()

    def restore(self, state: State) -> Self:
        """Takes back what `state` gave, and returns itself."""
        rows = state["rows"].astype(np.float64).reshape(-1, 7)
        self.history_ = Table(state["keys"].astype(np.uint64), rows)
        self.overall_ = state["overall"].astype(np.float64)
        self.lateness_.restore(state)
        return self


def _evidence(place: Place, flow: Flow, history: Sequence[float], is_lent: bool, seconds: float) -> Evidence:
    median, longest, number = history
    of = _of(flow, place.step)
    among: Among = "starts" if is_lent else _among(flow, place.step)
    return Evidence("duration", Seconds(median, of, longest, number, among), Seconds(seconds, of))


def _of(flow: Flow, at: int | None) -> TimeOf:
    """What was timed; where a step holds others, their time is not meant."""
    if at is None:
        return "run_itself"
    if flow.events[at].event_name == "Invocation" and flow.events[at].event_type == "lifecycle":
        return "own_code"
    holds_others = at + 1 < len(flow.events) and flow.depths[at + 1] > flow.depths[at]
    return "step_itself" if holds_others else "step"


def _among(flow: Flow, at: int | None) -> Among:
    """What such times are counted in: a run may make a call several times."""
    is_call = at is not None and flow.events[at].event_type not in NO_RESOURCE_TYPES
    return "calls" if is_call else "runs"
