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

from coldtrail.detectors import expectations, failures, repeats, successions, turns
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
from coldtrail.detectors.expectations import Expectations
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
from coldtrail.detectors.successions import Firsts, Successions
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
ORDER_CHANNEL, STEP, REPEAT, SUCCESSION = range(4)


class SequenceDetector(Detector):
    """Scores the order of a run's steps, and its repeats, in nats of surprise."""

    channels = (
        Channel("order", "nats", family="path"),
        Channel("step", "nats", family="path"),
        Channel("repeat", "nats", family="path"),
        Channel("succession", "bans", alone=True, family="path"),
    )
    arrays = (
        floats("weight", 1, least=LEAST),
        *lookup("totals_keys", "totals_values"),
        *lookup("pairs_keys", "pairs_values"),
        *lookup("followers_keys", "followers_values"),
        *repeats.ARRAYS,
        *failures.ARRAYS,
        *turns.ARRAYS,
        *expectations.ARRAYS,
        *successions.ARRAYS,
    )

    def __init__(self) -> None:
        empty = Counts(np.zeros(0, np.uint64), np.zeros(0))
        self.weight_ = 1.0
        self.totals_ = self.pairs_ = self.followers_ = empty
        self.repeats_ = Repeats()
        self.failures_ = Failures()
        self.turns_ = Turns()
        self.expectations_ = Expectations()
        self.successions_ = Successions()

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
        self.expectations_, self.successions_ = Expectations(), Successions()
        self.expectations_.fit(
            positions.contexts[1:], positions.counted, self.surprise(positions), by_position
        )
        self.successions_.fit(positions, count, weight)
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
        out = np.zeros((len(runs), len(self.channels)))
        news, firsts = self._news(positions, runs), self._firsts(positions, runs).bans
        np.add.at(out[:, ORDER_CHANNEL], positions.flow, news)
        np.maximum.at(out[:, STEP], positions.flow, news)
        np.maximum.at(out[:, REPEAT], runs.flow_of, self.repeats_.strangeness(runs, loops(runs)))
        np.maximum.at(out[:, SUCCESSION], positions.flow, firsts)
        scores: Floats = out[shapes.of]
        steps, whole = self.failures_.surprise(flows)
        scores[:, ORDER_CHANNEL] += whole
        failed = np.flatnonzero(steps)
        np.add.at(scores[:, ORDER_CHANNEL], flows.flow_of[failed], steps[failed])
        return scores

    def _news(self, positions: Positions, flows: Encoded) -> Floats:
        """(position,) the surprise beyond what is usual there, or all of it at a step that never followed.

        Of what comes again in the same context, that of the first time.
        """
        surprise = self.surprise(positions)
        usual = self.expectations_.usual(positions.contexts[1:], self.totals_)
        followed = self.pairs_(followed_by(positions.contexts[2], positions.token)) > 0.0
        surprise = np.where(followed, np.maximum(surprise - usual, 0.0), surprise)
        key = mix(followed_by(positions.contexts[-1], positions.token), positions.flow)
        _, first = np.unique(key, return_index=True)
        out = np.zeros(len(surprise))
        out[first] = surprise[first]
        out[self.failures_.excused(flows)] = 0.0
        return out

    def _firsts(self, positions: Positions, flows: Encoded) -> Firsts:
        """What runs hold first, but for what others do when they fail."""
        out = self.successions_.strangeness(positions)
        out.bans[self.failures_.excused(flows)] = 0.0
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
        steps = np.zeros((len(flows.step), len(self.channels)))
        steps[runs.rows] = parts
        failed, ended = self.failures_.surprise(flows)
        steps[:, ORDER_CHANNEL] += failed
        whole[:, ORDER_CHANNEL] += ended
        return Contributions(steps, whole)

    def _explain(self, flows: Encoded) -> Contributions:
        positions = positions_of(flows, self.turns_)
        news = self._news(positions, flows)
        owed = np.column_stack(
            [
                put_down_to_causes(news, flows),
                put_down_to_causes(_strongest(news, positions), flows),
                np.zeros(len(news)),
                _strongest(self._firsts(positions, flows).bans, positions),
            ]
        )
        is_end = positions.token == END
        steps, whole = owed[~is_end], np.zeros((len(flows), len(self.channels)))
        whole[positions.flow[is_end]] = owed[is_end]
        steps[:, REPEAT] = self.repeats_.shares(flows)
        return Contributions(steps, whole)

    def evidences(
        self, flows: Encoded, places: Sequence[Place], told: Sequence[Flow], vocabulary: Vocabulary
    ) -> list[Evidence]:
        """What each function does at such a point, and what was seen instead."""
        runs, steps = read_runs(flows), [(place.flow, place.step) for place in places]
        rows = runs.places(steps)
        flow_of = np.array([flow for flow, _ in steps], np.int64)
        positions = positions_of(runs.flows, self.turns_)
        turns = self._firsts(positions, runs.flows).turns[rows + flow_of]
        turns &= np.array([one.channel == SUCCESSION for one in places], np.bool_)
        repeat = turns | np.array(
            [one.channel == REPEAT and one.step is not None for one in places], np.bool_
        )
        likeliest = Likeliest(self, positions, len(vocabulary.steps), DISCOUNT)
        others = np.flatnonzero(~repeat)
        expected = iter(likeliest.at((rows + flow_of)[others]))
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
        for part in self._parts():
            out |= part.state()
        return out

    def _parts(self) -> tuple[Repeats | Failures | Turns | Expectations | Successions, ...]:
        return self.repeats_, self.failures_, self.turns_, self.expectations_, self.successions_

    def restore(self, state: State) -> Self:
        """Takes back what `state` gave, and returns itself."""
        self.weight_ = float(state["weight"].astype(np.float64)[0])
        for name in ("totals", "pairs", "followers"):
            keys = state[f"{name}_keys"].astype(np.uint64)
            setattr(self, f"{name}_", Counts(keys, state[f"{name}_values"].astype(np.float64)))
        for part in self._parts():
            part.restore(state)
        return self


def _strongest(values: Floats, positions: Positions) -> Floats:
    """(position,) the values, but for those that are not the first of the largest of their runs: 0."""
    order = np.lexsort((-values, positions.flow))
    first = order[np.unique(positions.flow[order], return_index=True)[1]]
    out = np.zeros(len(values))
    out[first] = values[first]
    return out
