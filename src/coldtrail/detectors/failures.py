"""How often calls and runs fail, and where runs that failed end.

A failure is a matter of rates: of this call in this function, leaning on the function's other calls, and
these on all. How early a run ends that failed is one as well.
"""

from __future__ import annotations

import numpy as np

from coldtrail.detecting import State
from coldtrail.detectors.reading import Positions
from coldtrail.features.encode import Bools, Encoded, Floats, Ints
from coldtrail.features.hashing import LARGE, Counts, Hashes, mix

LEAN = 20.0
"""Weight of the wider rate, in runs."""
LIKE = 0.5
"""Weight of what runs of other functions do once something failed."""
CALLS, RUNS, ENDS = range(3)


class Failures:
    """Rates, by what they are the rates of: the narrow ones lean on the wide ones."""

    def __init__(self) -> None:
        empty = Counts(np.zeros(0, np.uint64), np.zeros(0))
        self.number = self.failed = empty

    def fit(self, flows: Encoded, weights: Floats) -> None:
        """Nothing; each flow counts by its weight."""
        calls = _calls(flows)
        keys = [*_nested(CALLS, flows.function[flows.flow_of[calls]], flows.step[calls])]
        keys += _nested(RUNS, flows.function, np.zeros_like(flows.function))
        by_call = weights[flows.flow_of[calls]]
        self._add(keys, [by_call] * 3 + [weights] * 3, [flows.error[calls]] * 3 + [flows.failed] * 3)

    def fit_broken(self, positions: Positions, weights: Floats) -> None:
        """Nothing; of the positions in and after failures, learns which end something, and what they hold."""
        broken = np.flatnonzero(positions.broken)
        weight = weights[broken]
        keys = _nested(ENDS, positions.function[broken], np.zeros_like(broken))
        self._add(list(keys), [weight] * 3, [positions.closing[broken]] * 3)
        self._add([_token(positions.token[broken])], [weight], [np.ones(len(broken), np.bool_)])

    def _add(self, keys: list[Hashes], weights: list[Floats], failed: list[Bools]) -> None:
        key, weight, mark = np.concatenate(keys), np.concatenate(weights), np.concatenate(failed)
        all_keys = np.concatenate([self.number.keys, key])
        self.number = Counts.of(all_keys, np.concatenate([self.number.values, weight]))
        some = np.concatenate([self.failed.keys, key[mark]])
        self.failed = Counts.of(some, np.concatenate([self.failed.values, weight[mark]]))

    def surprise(self, flows: Encoded) -> tuple[Floats, Floats]:
        """(step,) and (flow,) nats for calls and runs that failed; a call that fails again adds none."""
        steps, whole = np.zeros(len(flows.step)), np.zeros(len(flows))
        rows = _calls(flows) if flows.error.any() else np.zeros(0, np.int64)
        rows = rows[flows.error[rows]]
        key = flows.flow_of[rows] * (int(flows.step.max(initial=0)) + 1) + flows.step[rows]
        rows = rows[np.unique(key, return_index=True)[1]]
        function = flows.function[flows.flow_of[rows]]
        steps[rows] = -np.log(self._rate(_nested(CALLS, function, flows.step[rows])))
        runs = np.flatnonzero(flows.failed)
        none = np.zeros_like(runs)
        whole[runs] = -np.log(self._rate(_nested(RUNS, flows.function[runs], none)))
        return steps, whole

    def chance(self, positions: Positions, token: Ints) -> Floats:
        """(position,) the least chance of a token in or after a failure; 0 elsewhere.

        What failed may end anywhere, and may do what others do that failed.
        """
        ends = self._rate(_nested(ENDS, positions.function, np.zeros_like(token))) * positions.closing
        every = self.number(_nested(ENDS, positions.function[:1], token[:1])[0])
        others = LIKE * self.number(_token(token)) / (every + 1.0)
        return np.where(positions.broken, np.maximum(ends, others), 0.0)

    def _rate(self, keys: tuple[Hashes, Hashes, Hashes]) -> Floats:
        rate: Floats = np.full(len(keys[0]), 0.5)
        for key, lean in zip(keys, (1.0, LEAN, LEAN), strict=True):
            rate = (self.failed(key) + lean * rate) / (self.number(key) + lean)
        return rate

    def state(self) -> State:
        """All that was learned, as arrays."""
        return {
            "rate_keys": self.number.keys,
            "rate_number": self.number.values,
            "failed_keys": self.failed.keys,
            "failed": self.failed.values,
        }

    def restore(self, state: State) -> None:
        """Nothing; it then knows what `state` gave."""
        keys = state["rate_keys"].astype(np.uint64)
        self.number = Counts(keys, state["rate_number"].astype(np.float64))
        self.failed = Counts(state["failed_keys"].astype(np.uint64), state["failed"].astype(np.float64))


def _calls(flows: Encoded) -> Ints:
    """The rows of steps that hold no others, whose failures theirs only repeat."""
    if not len(flows.step):
        return np.zeros(0, np.int64)
    flow = flows.flow_of
    holds = np.append((flows.depth[1:] > flows.depth[:-1]) & (flow[1:] == flow[:-1]), False)
    return np.flatnonzero(~flows.starting & ~holds)


def _token(token: Ints) -> Hashes:
    return mix(np.full(len(token), LARGE + 37, np.uint64), token + 11)


def _nested(what: int, function: Ints, step: Ints) -> tuple[Hashes, Hashes, Hashes]:
    """Keys of all, of the function, and of its step."""
    every = np.full(len(function), LARGE + 29 + what, np.uint64)
    own = mix(every, function + 7)
    return every, own, mix(own, step + 11)
