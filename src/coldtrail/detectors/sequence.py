"""Strange orders, steps and repeats.

How surprising each step is tells a count model (`orders`), and how surprising steps usually are there,
`expectations`: what is beyond counts, all that a run holds, and the strangest step of it. What a run holds
that none did before, though all its steps are known, is a channel of its own (`successions`).

What says nothing about the order is left out of it. Calls made at once stand by their words, whichever came
first. What comes again in the same context surprises once, and a step that comes now once, now several times
in a row leaves no trace of its number: how often a loop turns is judged apart. A call that fails and is tried
again is one step. That calls and runs fail is learned as a rate of its own, and a run that failed may end
anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Self

import numpy as np
from msgspec import structs

from coldtrail.detectors import expectations, orders, repeats, successions, turns
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
from coldtrail.detectors.likeliest import Likeliest
from coldtrail.detectors.orders import Orders
from coldtrail.detectors.reading import (
    END,
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
from coldtrail.features.arrays import LEAST, floats
from coldtrail.features.batch import Bools, Encoded, Floats, Ints
from coldtrail.features.hashing import first_rows, mix
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.finding import StepKey, StepValue, Times, UsualStep
from coldtrail.records.flow import Flow

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
        *orders.ARRAYS,
        *repeats.ARRAYS,
        *turns.ARRAYS,
        *expectations.ARRAYS,
        *successions.ARRAYS,
    )

    def __init__(self) -> None:
        self.weight_ = 1.0
        self.orders_ = Orders()
        self.repeats_ = Repeats()
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
        by_position = np.repeat(weights, runs.lengths + 1)
        self.turns_ = Turns().fit(said_in(runs), by_position)
        positions = positions_of(runs, self.turns_)
        self.orders_, self.repeats_ = Orders(), Repeats()
        self.orders_.fit(positions, by_position)
        self.repeats_.fit(runs, weights)
        self.orders_.failures.fit(flows, weight * flows.weight, some)
        self.orders_.failures.fit_broken(positions, by_position)
        self.orders_.failures.fit_at_once(runs, weights)
        self.expectations_, self.successions_ = Expectations(), Successions()
        self.expectations_.fit(
            positions.contexts[1:], positions.counted, self.orders_.surprise(positions), by_position
        )
        self.successions_.fit(positions, count, weight)
        return self

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
        steps, whole = self.orders_.failures.surprise(flows)
        scores[:, ORDER_CHANNEL] += whole
        failed = np.flatnonzero(steps)
        np.add.at(scores[:, ORDER_CHANNEL], flows.flow_of[failed], steps[failed])
        return scores

    def _news(self, positions: Positions, flows: Encoded) -> Floats:
        """(position,) the surprise beyond what is usual there, or all of it at a step that never followed.

        Of what comes again in the same context, that of the first time.
        """
        surprise = self.orders_.surprise(positions)
        usual = self.expectations_.usual(positions.contexts[1:], self.orders_.totals)
        followed = self.orders_.pairs(followed_by(positions.contexts[2], positions.token)) > 0.0
        surprise = np.where(followed, np.maximum(surprise - usual, 0.0), surprise)
        key = mix(followed_by(positions.contexts[-1], positions.token), positions.flow)
        first = first_rows(key)
        out = np.zeros(len(surprise))
        out[first] = surprise[first]
        out[self.orders_.failures.excused(flows)] = 0.0
        return out

    def _firsts(self, positions: Positions, flows: Encoded) -> Firsts:
        """What runs hold first, but for what others do when they fail."""
        out = self.successions_.strangeness(positions)
        out.bans[self.orders_.failures.excused(flows)] = 0.0
        return out

    def limits(self, flows: Encoded) -> Floats:
        """(step + flow,) none: how long a step takes does not matter here."""
        return no_limits(flows)

    def explain(self, flows: Encoded) -> Contributions:
        """Contributions that add up to the scores."""
        runs = read_runs(flows)
        parts, whole = self._explain(runs.flows)
        steps = np.zeros((len(flows.step), len(self.channels)))
        steps[runs.rows] = parts
        failed, ended = self.orders_.failures.surprise(flows)
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
        likeliest = Likeliest(self.orders_, positions, len(vocabulary.steps))
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
            failed, known = (n / self.weight_ for n in self.orders_.failures.told(int(runs.function[of])))
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
        for part in self._parts():
            out |= part.state()
        return out

    def _parts(self) -> tuple[Orders | Repeats | Turns | Expectations | Successions, ...]:
        return self.orders_, self.repeats_, self.turns_, self.expectations_, self.successions_

    def restore(self, state: State) -> Self:
        """Takes back what `state` gave, and returns itself."""
        self.weight_ = float(state["weight"].astype(np.float64)[0])
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
