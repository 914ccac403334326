"""Strange orders, steps and repeats: an interpolated count model of order four per function.

How surprising a step is follows from how often it came after the three steps before it, in this function;
contexts that are rare lean on shorter ones by absolute discounting (Ney, Essen and Kneser 1994, with a fixed
discount of one half). The end of a run is a step too: a step left out is as strange as a step added.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from coldtrail.detecting import Contributions, Evidence, Place, State, flow_words, step_words
from coldtrail.features.encode import Bools, Encoded, Floats, Ints
from coldtrail.features.hashing import Counts, Hashes, mix
from coldtrail.features.vocabulary import UNKNOWN, Step, Vocabulary, is_end
from coldtrail.records import Flow

ORDER = 4
DISCOUNT = 0.5
UNKNOWN_SHARE = 1e-3
"""How much less likely a step that nobody ever took is than one that only this function never took."""
CAUSE = 0.6
"""The first step at least this fraction as surprising as the worst one is the cause of what follows."""
BEYOND = 0.5
"""Strangeness of each repeat past the most ever seen."""
END = -2
START = -3
ORDER_CHANNEL, REPEAT = range(2)
THE_END = "the end of the run"


@dataclass(frozen=True)
class _Positions:
    """The steps of flows and their ends, as one array."""

    token: Ints
    function: Ints
    flow: Ints
    before: tuple[Ints, ...]
    """The token 1, 2, 3 places before."""
    counted: Bools
    """False for the end of a run whose record is still open."""


def _acting(flows: Encoded) -> Encoded:
    """The flows without the steps of cold starts."""
    return flows.steps_where(~flows.starting) if flows.starting.any() else flows


def _positions(flows: Encoded) -> _Positions:
    size = len(flows)
    ends = flows.offsets[1:] + np.arange(size)
    token = np.full(len(flows.step) + size, END, np.int64)
    is_end = np.zeros(len(token), np.bool_)
    is_end[ends] = True
    token[~is_end] = flows.step
    flow = np.repeat(np.arange(size), flows.lengths + 1)
    place = np.arange(len(token)) - (flows.offsets[:-1] + np.arange(size))[flow]
    before = []
    for back in range(1, ORDER):
        shifted = np.full(len(token), START, np.int64)
        shifted[back:] = token[:-back] if back < len(token) else token[:0]
        before.append(np.where(place >= back, shifted, START))
    counted = ~is_end | flows.complete[flow]
    return _Positions(token, flows.function[flow], flow, tuple(before), counted)


def _contexts(positions: _Positions) -> list[Hashes]:
    """The hash of each position's context, from the shortest (anything) to the longest."""
    hashed = np.full(len(positions.token), 17, np.uint64)
    contexts = [hashed]
    for part in (positions.function, *positions.before):
        hashed = mix(hashed, part + 7)
        contexts.append(hashed)
    return contexts


def _after(context: Hashes, token: Ints) -> Hashes:
    return mix(context ^ np.uint64(0xA5A5A5A5), token + 11)


class SequenceDetector:
    """Scores the order of a run's steps, and its repeats, in nats of surprise."""

    channels = ("order", "repeat")
    tiers = ()

    def __init__(self) -> None:
        empty = Counts(np.zeros(0, np.uint64), np.zeros(0))
        self.weight_ = 1.0
        self.totals_ = self.pairs_ = self.followers_ = self.repeats_ = empty

    def fit(self, flows: Encoded, weight: float = 1.0) -> Self:
        """The detector itself, having learned from the flows alone."""
        flows = _acting(flows)
        shapes = flows.shapes
        some = flows.take(shapes.first)
        self.weight_ = weight
        weights: Floats = weight * shapes.count
        positions = _positions(some)
        counted = positions.counted
        flow_weight = weights[positions.flow][counted]
        totals, pairs = [], []
        for context in _contexts(positions):
            totals.append(context[counted])
            pairs.append(_after(context, positions.token)[counted])
        context, pair = np.concatenate(totals), np.concatenate(pairs)
        flow_weight = np.tile(flow_weight, ORDER + 1)
        self.totals_ = Counts.of(context, flow_weight)
        self.pairs_ = Counts.of(pair, flow_weight)
        _, first = np.unique(pair, return_index=True)
        self.followers_ = Counts.of(context[first], np.ones(len(first)))
        occurrence = _occurrences(some)
        self.repeats_ = Counts.of(_repeat_key(some, occurrence), weights[some.flow_of])
        return self

    def score(self, flows: Encoded) -> Floats:
        """(flow, channel) scores; each distinct order is computed once."""
        flows = _acting(flows)
        shapes = flows.shapes
        some = flows.take(shapes.first)
        positions = _positions(some)
        surprise = self._surprise(positions)
        out = np.zeros((len(some), 2))
        np.add.at(out[:, ORDER_CHANNEL], positions.flow, surprise)
        np.maximum.at(out[:, REPEAT], some.flow_of, self._repeat_tail(some, _occurrences(some)))
        return out[shapes.of]

    def _surprise(self, positions: _Positions, token: Ints | None = None) -> Floats:
        """(position,) nats of surprise at each position's token, or at another one in its place."""
        token = positions.token if token is None else token
        contexts = _contexts(positions)
        words = float(self.followers_(contexts[0][:1])[0]) if len(token) else 0.0
        known = self.pairs_(_after(contexts[0], token)) > 0
        chance = np.where(known, 1.0, UNKNOWN_SHARE) / (words + 1.0)
        for context in contexts:
            total = self.totals_(context)
            count = self.pairs_(_after(context, token))
            seen = np.maximum(total, 1.0)
            mixed = (np.maximum(count - DISCOUNT, 0.0) + DISCOUNT * self.followers_(context) * chance) / seen
            chance = np.where(total > 0, mixed, chance)
        return np.where(positions.counted, -np.log(np.clip(chance, 1e-300, 1.0)), 0.0)

    def _repeat_tail(self, flows: Encoded, occurrence: Ints) -> Floats:
        """(step,) nats: how rarely a run that takes the step takes it as often as up to here."""
        ever = self.repeats_(_repeat_key(flows, np.ones_like(occurrence)))
        reached = self.repeats_(_repeat_key(flows, occurrence))
        tail = -np.log((reached + 0.5) / (ever + 0.5))
        group, _ = _same_step(flows)
        new = reached == 0
        first = np.full(len(occurrence), len(occurrence) + 1)
        np.minimum.at(first, group[new], occurrence[new])
        beyond = np.where(new, BEYOND * (occurrence - first[group]), 0.0)
        return np.where((ever > 0) & (occurrence > 1), np.maximum(tail, 0.0) + beyond, 0.0)

    def explain(self, flows: Encoded) -> Contributions:
        """Contributions that add up to the scores."""
        acting = _acting(flows)
        parts, whole = self._explain(acting)
        steps = np.zeros((len(flows.step), 2))
        steps[~flows.starting] = parts
        return Contributions(steps, whole)

    def _explain(self, flows: Encoded) -> Contributions:
        positions = _positions(flows)
        surprise = self._surprise(positions)
        owed = put_down_to_causes(surprise, flows)
        is_end = positions.token == END
        steps = np.zeros((len(flows.step), 2))
        whole = np.zeros((len(flows), 2))
        steps[:, ORDER_CHANNEL] = owed[~is_end]
        whole[:, ORDER_CHANNEL] = owed[is_end]
        steps[:, REPEAT] = self._repeat_shares(flows)
        return Contributions(steps, whole)

    def _repeat_shares(self, flows: Encoded) -> Floats:
        """(step,) the whole repeat score of each flow, at the repeat that added most to it."""
        occurrence = _occurrences(flows)
        tail = self._repeat_tail(flows, occurrence)
        group, order = _same_step(flows)
        added = np.zeros(len(tail))
        previous = np.concatenate([[0.0], tail[order][:-1]])
        added[order] = tail[order] - np.where(occurrence[order] > 1, previous, 0.0)
        out = np.zeros(len(tail))
        for i in range(len(flows)):
            rows = np.arange(flows.offsets[i], flows.offsets[i + 1])
            worst = rows[np.argmax(tail[rows])] if len(rows) else -1
            if worst >= 0 and tail[worst] > 0:
                same = rows[group[rows] == group[worst]]
                out[same[np.argmax(added[same])]] = tail[worst]
        return out

    def evidence(self, flows: Encoded, place: Place, flow: Flow, vocabulary: Vocabulary) -> Evidence:
        """What this function does at this point, and what was seen instead."""
        if place.channel == REPEAT and place.step is not None:
            return self._repeat_evidence(flows, place, place.step, flow)
        alone = flows.take(np.array([place.flow]))
        one = _acting(alone)
        positions = _positions(one)
        at = len(one.step) if place.step is None else int((~alone.starting[: place.step]).sum())
        likely, chance = self._likeliest(positions, at, len(vocabulary.steps))
        seen = THE_END if place.step is None else _seen(flow, place.step)
        expected = THE_END if likely == END else _usual(vocabulary.steps[likely])
        return Evidence(_kind(one, at, likely), f"{expected} ({_share(chance)} at this point)", seen)

    def _likeliest(self, positions: _Positions, at: int, words: int) -> tuple[int, float]:
        """The token that most often stands at a position, and its probability."""
        tokens = np.concatenate([[END], np.arange(1, words + 1)])
        row = np.full(len(tokens), at)
        many = _Positions(
            tokens,
            positions.function[row],
            np.zeros(len(tokens), np.int64),
            tuple(before[row] for before in positions.before),
            np.ones(len(tokens), np.bool_),
        )
        surprise = self._surprise(many)
        best = int(np.argmin(surprise))
        return int(tokens[best]), float(np.exp(-surprise[best]))

    def _repeat_evidence(self, flows: Encoded, place: Place, at: int, flow: Flow) -> Evidence:
        one = flows.take(np.array([place.flow]))
        step = one.step[at]
        times = np.arange(1, 1 + int((one.step == step).sum()))
        keys = _key(np.full(len(times), one.function[0]), np.full(len(times), step), times)
        reached = self.repeats_(keys) / self.weight_
        most = int((reached > 0).sum())
        last = f"as often in {reached[most - 1]:,.0f} of {reached[0]:,.0f} runs"
        share = last if most > 1 else f"in {reached[0]:,.0f} runs"
        what = flow_words(flow, at)
        return Evidence("count", f"{what} at most {_times(most)} a run ({share})", f"{_times(len(times))}")

    def state(self) -> State:
        """All that was learned, as arrays."""
        out: State = {"weight": np.array([self.weight_])}
        for name in ("totals", "pairs", "followers", "repeats"):
            counts: Counts = getattr(self, f"{name}_")
            out[f"{name}_keys"], out[f"{name}_values"] = counts.keys, counts.values
        return out

    def restore(self, state: State) -> Self:
        """The detector itself, knowing what `state` gave."""
        self.weight_ = float(state["weight"].astype(np.float64)[0])
        for name in ("totals", "pairs", "followers", "repeats"):
            keys = state[f"{name}_keys"].astype(np.uint64)
            setattr(self, f"{name}_", Counts(keys, state[f"{name}_values"].astype(np.float64)))
        return self


def _key(function: Ints, step: Ints, occurrence: Ints) -> Hashes:
    return mix(mix(mix(np.full(len(step), 23, np.uint64), function + 7), step + 11), occurrence)


def _repeat_key(flows: Encoded, occurrence: Ints) -> Hashes:
    return _key(flows.function[flows.flow_of], flows.step, occurrence)


def _same_step(flows: Encoded) -> tuple[Ints, Ints]:
    """(step,) a number for each (flow, step word) pair, and the order that sorts by it, stable in time."""
    order = np.lexsort((flows.step, flows.flow_of))
    flow, step = flows.flow_of[order], flows.step[order]
    new = np.ones(len(order), np.bool_)
    new[1:] = (flow[1:] != flow[:-1]) | (step[1:] != step[:-1])
    group = np.empty(len(order), np.int64)
    group[order] = np.cumsum(new) - 1
    return group, order


def _occurrences(flows: Encoded) -> Ints:
    """(step,) the how-manieth time its flow takes the step, from 1."""
    group, order = _same_step(flows)
    ordered = group[order]
    starts = np.searchsorted(ordered, ordered, side="left")
    out = np.empty(len(group), np.int64)
    out[order] = np.arange(len(group)) - starts + 1
    return out


def put_down_to_causes(surprise: Floats, flows: Encoded) -> Floats:
    """(position,) surprise, that of the steps right after a strange one put down to it.

    A strange step stands in the context of the next ones, and makes them look strange as well.
    """
    owed = surprise.copy()
    for i in range(len(flows)):
        start = int(flows.offsets[i]) + i
        own = owed[start : start + int(flows.lengths[i]) + 1]
        cause = int(np.argmax(own >= CAUSE * own.max()))
        after = own[cause + 1 : cause + ORDER]
        own[cause] += after.sum()
        after[:] = 0.0
    return owed


def _kind(run: Encoded, at: int, likely: int) -> str:
    if at < len(run.step) and run.action[at] == UNKNOWN:
        return "new_event"
    if likely == END or likely in run.step[at:]:
        return "order"
    return "omission"


def _seen(flow: Flow, at: int) -> str:
    event = flow.events[at]
    return THE_END if is_end(event.event_name, event.event_type) else flow_words(flow, at)


def _usual(step: Step) -> str:
    return THE_END if is_end(*step[:2]) else step_words(step)


def _share(chance: float) -> str:
    return "nearly always" if chance > 0.995 else f"{chance:.0%} of runs"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"
