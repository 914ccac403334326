"""Strange orders, steps and repeats: an interpolated count model of order four per function.

How surprising a step is follows from how often it came after the three steps before it, in this function;
contexts that are rare lean on shorter ones by absolute discounting (Ney, Essen and Kneser 1994, with a fixed
discount of one half). The end of a run is a step too: a step left out is as strange as a step added.

What says nothing about the order is left out of it. Calls made at once stand by their words, whichever came
first. What comes again in the same context surprises once, and a step that comes now once, now several times
in a row leaves no trace of its number: how often a loop turns is judged apart. A call that fails and is tried
again is one step. That calls and runs fail is learned as a rate of its own, and a run that failed may end
anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Self

import numpy as np
from msgspec import structs

from coldtrail.detectors import failures, repeats, turns
from coldtrail.detectors.channel import Channel
from coldtrail.detectors.detector import (
    Contributions,
    Detector,
    Evidence,
    Fit,
    Place,
    State,
    Tell,
    no_limits,
    silent,
)
from coldtrail.detectors.failures import Failures
from coldtrail.detectors.likeliest import Likeliest
from coldtrail.detectors.reading import (
    BACK,
    END,
    FAILED,
    Positions,
    different_runs,
    followed_by,
    positions_of,
    read_runs,
    said_in,
)
from coldtrail.detectors.repeats import Repeats, loops
from coldtrail.detectors.telling import kind_of, put_down_to_causes, seen_at, usual
from coldtrail.detectors.turns import Turns
from coldtrail.features.arrays import LEAST, floats, lookup
from coldtrail.features.batch import Bools, Encoded, Floats, Ints
from coldtrail.features.hashing import Counts, Hashes, mix
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.finding import StepKey, StepValue, Times, UsualStep
from coldtrail.records.flow import Flow

DISCOUNT = 0.5
KNOWN = 5.0
"""Runs in which a call failed from which it is known what follows."""
UNKNOWN_SHARE = 1e-3
"""How much less likely a step that nobody ever took is than one that only this function never took."""
ORDER_CHANNEL, REPEAT = range(2)


class SequenceDetector(Detector):
    """Scores the order of a run's steps, and its repeats, in nats of surprise."""

    channels = (Channel("order", "nats"), Channel("repeat"))
    arrays = (
        floats("weight", 1, least=LEAST),
        *lookup("totals_keys", "totals_values"),
        *lookup("pairs_keys", "pairs_values"),
        *lookup("followers_keys", "followers_values"),
        *repeats.ARRAYS,
        *failures.ARRAYS,
        *turns.ARRAYS,
    )

    def __init__(self) -> None:
        empty = Counts(np.zeros(0, np.uint64), np.zeros(0))
        self.weight_ = 1.0
        self.totals_ = self.pairs_ = self.followers_ = empty
        self.repeats_ = Repeats()
        self.failures_ = Failures()
        self.turns_ = Turns()

    def fit(self, flows: Encoded, weight: float = 1.0, tell: Tell = silent) -> Self:
        """Learns from the flows alone, and returns itself."""
        return self._learn(flows, np.ones(len(flows), np.bool_), weight)

    def fits(self, flows: Encoded) -> Fit:
        """What learns from any part of the flows: these are read once."""
        return lambda some, weight: type(self)()._learn(flows, some, weight)

    def _learn(self, flows: Encoded, some: Bools, weight: float) -> Self:
        runs, count = flows.once(different_runs).among(some, flows.weight)
        self.weight_ = weight
        weights: Floats = weight * count
        self.turns_ = Turns().fit(said_in(runs))
        positions = positions_of(runs, self.turns_)
        by_position = weights[positions.flow]
        self._fit_order(positions, by_position)
        self.repeats_, self.failures_ = Repeats(), Failures()
        self.repeats_.fit(runs, weights)
        self.failures_.fit(flows, weight * flows.weight, some)
        self.failures_.fit_broken(positions, by_position)
        return self

    def _fit_order(self, positions: Positions, weights: Floats) -> None:
        counted = positions.counted
        contexts = positions.contexts
        totals = [context[counted] for context in contexts]
        pairs = [followed_by(context, positions.token)[counted] for context in contexts]
        context, pair = np.concatenate(totals), np.concatenate(pairs)
        each = np.tile(weights[counted], BACK + 2)
        self.totals_ = Counts.of(context, each)
        self.pairs_ = Counts.of(pair, each)
        _, first = np.unique(pair, return_index=True)
        self.followers_ = Counts.of(context[first], np.ones(len(first)))

    def score(self, flows: Encoded) -> Floats:
        """(flow, channel) scores; each distinct order is computed once."""
        runs, shapes = flows.once(different_runs)
        positions = positions_of(runs, self.turns_)
        out = np.zeros((len(runs), 2))
        np.add.at(out[:, ORDER_CHANNEL], positions.flow, self._news(positions, runs))
        np.maximum.at(out[:, REPEAT], runs.flow_of, self.repeats_.strangeness(runs, loops(runs)))
        scores: Floats = out[shapes.of]
        steps, whole = self.failures_.surprise(flows)
        scores[:, ORDER_CHANNEL] += whole
        failed = np.flatnonzero(steps)
        np.add.at(scores[:, ORDER_CHANNEL], flows.flow_of[failed], steps[failed])
        return scores

    def _news(self, positions: Positions, flows: Encoded) -> Floats:
        """(position,) the surprise; of what comes again in the same context, that of the first time."""
        surprise = self.surprise(positions)
        key = mix(followed_by(positions.contexts[-1], positions.token), positions.flow)
        _, first = np.unique(key, return_index=True)
        out = np.zeros(len(surprise))
        out[first] = surprise[first]
        out[self.failures_.excused(flows)] = 0.0
        return out

    def surprise(self, positions: Positions, token: Ints | None = None) -> Floats:
        """(position,) nats of surprise at each position's token, or at another one in its place."""
        token = positions.token if token is None else token
        contexts, excused = self.known_contexts(positions)
        words = float(self.followers_(contexts[0][:1])[0]) if len(token) else 0.0
        known = self.pairs_(followed_by(contexts[0], token)) > 0
        chance = np.where(known, 1.0, UNKNOWN_SHARE) / (words + 1.0)
        for context in contexts:
            total = self.totals_(context)
            count = self.pairs_(followed_by(context, token))
            seen = np.maximum(total, 1.0)
            mixed = (np.maximum(count - DISCOUNT, 0.0) + DISCOUNT * self.followers_(context) * chance) / seen
            chance = np.where(total > 0, mixed, chance)
        if positions.broken.any():
            chance = np.maximum(chance, excused * self.failures_.chance(positions, token))
        return np.where(positions.counted, -np.log(np.clip(chance, 1e-300, 1.0)), 0.0)

    def known_contexts(self, positions: Positions) -> tuple[list[Hashes], Bools]:
        """The contexts, and which positions a failure excuses.

        What follows a failure that never came before is read as after a success; what is known to follow one
        is all that follows it.
        """
        contexts = positions.contexts
        after = positions.after_failure
        if not after.any():
            return contexts, positions.failed
        known = np.where(after, self.totals_(contexts[2]), 0.0)
        new = after & (known == 0)
        before = [np.where(new & (one >= FAILED + END), one - FAILED, one) for one in positions.before]
        excused = positions.failed | (after & (known < KNOWN))
        return replace(positions, before=tuple(before)).contexts, excused

    def limits(self, flows: Encoded) -> Floats:
        """(step + flow,) none: how long a step takes does not matter here."""
        return no_limits(flows)

    def explain(self, flows: Encoded) -> Contributions:
        """Contributions that add up to the scores."""
        runs = read_runs(flows)
        parts, whole = self._explain(runs.flows)
        steps = np.zeros((len(flows.step), 2))
        steps[runs.rows] = parts
        failed, ended = self.failures_.surprise(flows)
        steps[:, ORDER_CHANNEL] += failed
        whole[:, ORDER_CHANNEL] += ended
        return Contributions(steps, whole)

    def _explain(self, flows: Encoded) -> Contributions:
        positions = positions_of(flows, self.turns_)
        owed = put_down_to_causes(self._news(positions, flows), flows)
        is_end = positions.token == END
        steps, whole = np.zeros((len(flows.step), 2)), np.zeros((len(flows), 2))
        steps[:, ORDER_CHANNEL] = owed[~is_end]
        whole[:, ORDER_CHANNEL] = owed[is_end]
        steps[:, REPEAT] = self.repeats_.shares(flows)
        return Contributions(steps, whole)

    def evidences(
        self, flows: Encoded, places: Sequence[Place], told: Sequence[Flow], vocabulary: Vocabulary
    ) -> list[Evidence]:
        """What each function does at such a point, and what was seen instead."""
        runs, steps = read_runs(flows), [(place.flow, place.step) for place in places]
        rows = runs.places(steps)
        repeat = np.array([one.channel == REPEAT and one.step is not None for one in places], np.bool_)
        likeliest = Likeliest(self, positions_of(runs.flows, self.turns_), len(vocabulary.steps), DISCOUNT)
        others = np.flatnonzero(~repeat)
        flow_of = np.array([flow for flow, _ in steps], np.int64)[others]
        expected = iter(likeliest.at(rows[others] + flow_of))
        counts = self._of_repeats(runs.flows, rows[repeat])
        asked = zip(repeat.tolist(), zip(places, told, rows.tolist(), strict=True), strict=True)
        return [
            next(counts) if is_repeat else self._of_order(runs.flows, one, next(expected), vocabulary)
            for is_repeat, one in asked
        ]

    def _of_order(
        self,
        runs: Encoded,
        where: tuple[Place, Flow, int],
        likeliest: tuple[int, float],
        vocabulary: Vocabulary,
    ) -> Evidence:
        (of, step, _), flow, row = where
        likely, chance = likeliest
        expected = UsualStep(None if likely == END else usual(vocabulary.steps[likely]), chance)
        seen = StepValue(seen_at(flow, step))
        if seen.step is None and runs.failed[of]:
            failed, known = (n / self.weight_ for n in self.failures_.told(int(runs.function[of])))
            expected = structs.replace(expected, failed=(failed, known))
            seen = StepValue(None, failed=True)
        elif step is not None and flow.events[step].error:
            seen = StepValue(StepKey.of(flow.events[step]), failed=True)
        rest = slice(row, int(runs.offsets[of + 1]))
        return Evidence(kind_of(runs.step[rest].tolist(), runs.action[rest].tolist(), likely), expected, seen)

    def _of_repeats(self, runs: Encoded, rows: Ints) -> Iterator[Evidence]:
        seen = loops(runs)
        groups = seen.group[rows]
        all_told = self.repeats_.told(runs, seen, groups)
        for told, total in zip(all_told, seen.total[groups].tolist(), strict=True):
            as_often = told.last / self.weight_ if told.most > 1 else None
            yield Evidence("count", Times(told.most, as_often, told.ever / self.weight_), Times(total))

    def state(self) -> State:
        """All that was learned, as arrays."""
        out: State = {"weight": np.array([self.weight_])}
        for name in ("totals", "pairs", "followers"):
            counts: Counts = getattr(self, f"{name}_")
            out[f"{name}_keys"], out[f"{name}_values"] = counts.keys, counts.values
        return out | self.repeats_.state() | self.failures_.state() | self.turns_.state()

    def restore(self, state: State) -> Self:
        """Takes back what `state` gave, and returns itself."""
        self.weight_ = float(state["weight"].astype(np.float64)[0])
        for name in ("totals", "pairs", "followers"):
            keys = state[f"{name}_keys"].astype(np.uint64)
            setattr(self, f"{name}_", Counts(keys, state[f"{name}_values"].astype(np.float64)))
        self.repeats_.restore(state)
        self.failures_.restore(state)
        self.turns_.restore(state)
        return self
