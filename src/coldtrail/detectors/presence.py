"""Steps that were always there: how rarely does a run leave one out that no run before it did?

Certain is what came in all runs that held something: in all runs of the function, of one trigger, in all that
took a step which stood right beside it somewhere; or what came before a step in all runs that took it.
Branches, loops of no turn and optional steps break what is not certain, and so say nothing. A failure excuses
what is missing after it, and nothing before.

How strange the first run without a step is follows from how often there were such firsts (Good 1953): the
runs that alone broke what held in all others, over the runs of the function, leaning on those of all
functions. What held in few runs breaks more easily than what held in many: it is compared with its equals.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np

from coldtrail.detectors import certainties
from coldtrail.detectors.certainties import Certainties, Left
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
from coldtrail.detectors.reading import different_runs, read_runs
from coldtrail.detectors.telling import seen_at, usual
from coldtrail.features.arrays import LEAST, floats
from coldtrail.features.batch import Bools, Encoded, Floats, Ints
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.finding import StepValue, UsualStep
from coldtrail.records.flow import Flow


class PresenceDetector(Detector):
    """Scores steps that a run left out and no run before it did, in bans (powers of ten)."""

    channels = (Channel("presence", "bans", alone=True, family="path"),)
    arrays = (floats("weight", 1, least=LEAST), *certainties.ARRAYS)

    def __init__(self) -> None:
        self.weight_ = 1.0
        self.certainties_ = Certainties()

    def fit(self, flows: Encoded, weight: float = 1.0, tell: Tell = silent) -> Self:
        """Learns from the flows alone, and returns itself."""
        return self._learn(flows, np.ones(len(flows), np.bool_), weight)

    def fits(self, flows: Encoded) -> Fit:
        """What learns from any part of the flows: these are read once."""
        return lambda some, weight: type(self)()._learn(flows, some, weight)

    def _learn(self, flows: Encoded, some: Bools, weight: float) -> Self:
        # What is missing of a record that lacks parts proves nothing, so what is there is no rule either.
        whole = some & flows.complete
        some = whole if whole.any() else some
        runs, count = flows.once(different_runs).among(some, flows.weight)
        self.weight_ = weight
        self.certainties_ = Certainties()
        self.certainties_.fit(runs, count, weight)
        return self

    def score(self, flows: Encoded) -> Floats:
        """(flow, channel) scores; each distinct run is computed once."""
        runs, shapes = flows.once(different_runs)
        return self._strangest(runs)[shapes.of][:, None]

    def _strangest(self, runs: Encoded) -> Floats:
        out = np.zeros(len(runs))
        left = self.certainties_.left_out(runs)
        np.maximum.at(out, left.flow, left.strangeness)
        return np.where(runs.complete, out, 0.0)

    def limits(self, flows: Encoded) -> Floats:
        """(step + flow,) none: how long a step takes does not matter here."""
        return no_limits(flows)

    def explain(self, flows: Encoded) -> Contributions:
        """The whole score where the strangest missing step most often stood."""
        read = read_runs(flows)
        runs = read.flows
        scores = self._strangest(runs)
        steps, whole = np.zeros((len(flows.step), 1)), np.zeros((len(flows), 1))
        strange = np.flatnonzero(scores)
        missing = self._missing(runs)
        step = missing.step[np.searchsorted(missing.flow, strange)]
        places = self.certainties_.places_of(runs, strange, step)
        at_end = places == runs.lengths[strange]
        whole[strange[at_end], 0] = scores[strange[at_end]]
        inside = strange[~at_end]
        steps[read.rows[runs.offsets[inside] + places[~at_end]], 0] = scores[inside]
        return Contributions(steps, whole)

    def _missing(self, runs: Encoded) -> Left:
        """The strangest step that each run left out, the first in number among equals; of runs that left out
        none, nothing."""
        left = self.certainties_.left_out(runs)
        order = np.lexsort((left.turn, left.step, -left.runs, -left.strangeness, left.flow))
        best = order[np.unique(left.flow[order], return_index=True)[1]]
        return Left._make(column[best] for column in left)

    def evidences(
        self, flows: Encoded, places: Sequence[Place], told: Sequence[Flow], vocabulary: Vocabulary
    ) -> list[Evidence]:
        """The steps that are missing, in how many runs they were always there, and what stands in their
        place."""
        runs = read_runs(flows).flows
        missing = self._missing(runs)
        of = np.searchsorted(missing.flow, np.array([place.flow for place in places], np.int64))
        held = np.bincount(runs.flow_of, runs.step == _missing_in(missing, runs), len(runs))
        late = (held >= _turns_in(missing, runs)).tolist()
        steps, number = missing.step[of].tolist(), (missing.runs[of] / self.weight_).tolist()
        return [
            Evidence(
                "order" if late[place.flow] else "omission",
                UsualStep(usual(vocabulary.steps[step]), runs=of_runs),
                StepValue(seen_at(flow, place.step)),
            )
            for place, flow, step, of_runs in zip(places, told, steps, number, strict=True)
        ]

    def state(self) -> State:
        """All that was learned, as arrays."""
        return {"weight": np.array([self.weight_]), **self.certainties_.state()}

    def restore(self, state: State) -> Self:
        """Takes back what `state` gave, and returns itself."""
        self.weight_ = float(state["weight"].astype(np.float64)[0])
        self.certainties_.restore(state)
        return self


def _turns_in(missing: Left, runs: Encoded) -> Ints:
    """(flow,) for the how-manieth time the step that the run left out would have come, 1 where none was."""
    out = np.ones(len(runs), np.int64)
    out[missing.flow] = missing.turn
    return out


def _missing_in(missing: Left, runs: Encoded) -> Ints:
    """(step,) the step that its run left out, 0 where it left out none."""
    of = np.zeros(len(runs), np.int64)
    of[missing.flow] = missing.step
    return of[runs.flow_of]
