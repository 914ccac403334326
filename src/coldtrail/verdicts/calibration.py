"""Scores to verdicts: p-values from each function's own history, one threshold from a false-alarm budget.

Every channel's score becomes a conformal p-value against out-of-fold scores of the training flows (Vovk,
Gammerman and Shafer 2005): the share of benign flows that scored at least as high. A function's own history
counts fully, that of all functions like some more flows of it. Cold runs are compared with cold runs, and
runs in which something failed, perhaps to be tried again, with such runs. The strangest channel leads; the
threshold is the quantile of that combined score which the budget lets pass.

Some channels have a threshold of their own: they alarm above 1, and the budget does not touch them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from coldtrail.detectors.channel import Channel
from coldtrail.features.arrays import LEAST, MOST, floats, integers
from coldtrail.features.batch import Encoded, Floats, Ints
from coldtrail.verdicts.tail_table import TailTable
from coldtrail.verdicts.tails import Tail, lean, proven, quantile

POOL_FLOWS = 1000.0
"""Weight of the history of all functions against a function's own, in flows."""
CONDITION_FLOWS = 100.0
"""Weight of all flows against those of one condition alone, in flows."""
ALIKE = 0.02
"""Scores this close to each other count as equal: each fold gives the same run a slightly different one."""
WARM, COLD, ALL, TROUBLED = range(4)
"""The conditions of runs: nothing special; a cold start; any; not cold, but something failed."""
CONDITIONS = WARM, COLD, TROUBLED
KEPT_OWN = 256
KEPT_POOLED = 4096
"""Largest scores kept of each function and of all: the rest only tells that a score is common."""
ARRAYS = (
    integers("tails", "tail", 4, least=(-1, 0, 0, 0), most=(MOST, "last_channel", TROUBLED, MOST)),
    floats("numbers", "tail"),
    floats("above", "kept"),
    floats("values", "kept"),
    floats("spread", "channels", least=LEAST),
    floats("combined", "flow"),
    floats("ranks", "flow"),
    floats("totals", 1),
    floats("threshold", 1),
    floats("least", 1, least=-MOST),
)
"""What `state` gives; `channels` are the columns of the scores, `last_channel` the number of the last."""


class Calibration:
    """Turns scores of all channels into one score per flow, and knows where alarms begin."""

    def __init__(self, channels: Sequence[Channel]) -> None:
        self.channels = tuple(channels)
        """What the columns of the scores are."""
        self._budgeted = _columns(not one.has_own_threshold for one in channels)
        self._own_threshold = _columns(one.has_own_threshold for one in channels)
        self._by_chance = _columns(one.alarms_by_chance for one in channels)
        self._surprises = _columns(one.is_surprise for one in channels)
        self.pooled_: dict[tuple[int, int], Tail] = {}
        """By (channel, condition)."""
        self.own_ = TailTable.of({})
        """By (function, channel, condition)."""
        self.spread_ = np.ones(0)
        self.combined_ = np.zeros(0)
        """(kept,) combined out-of-fold scores, ascending: the largest, and a few thousand of the others."""
        self.ranks_ = np.zeros(0)
        """(kept,) how many flows scored lower than each."""
        self.flows_ = 0.0
        self.threshold_ = np.inf
        self.least_ = np.inf
        """The score in bans above which a channel alarms by its chance alone."""

    @property
    def is_budgeted(self) -> bool:
        """Whether a channel is judged by the budget of false alarms."""
        return len(self._budgeted) > 0

    def fit(self, flows: Encoded, scores: Floats, budget: float) -> Self:
        """Learns from scores (flow, channel) of benign flows by detectors blind to them, and returns itself.

        A score is not a number where a detector has seen the flow; at least one flow has all its scores, and
        the threshold comes from such flows alone.
        """
        self.least_ = float(-np.log10(budget))
        conditions = _conditions(flows)
        for channel in self._budgeted.tolist():
            self.pooled_[channel, ALL] = Tail.of(scores[:, channel], flows.weight, KEPT_POOLED)
            for condition in CONDITIONS:
                alike = np.flatnonzero(conditions == condition)
                self.pooled_[channel, condition] = _tail(flows, scores[:, channel], alike, KEPT_POOLED)
        whole = np.full(len(flows), ALL)
        own: dict[tuple[int, int, int], Tail] = {}
        for function, condition, rows in _groups(flows, conditions) + _groups(flows, whole):
            for channel in self._budgeted.tolist():
                own[function, channel, condition] = _tail(flows, scores[:, channel], rows, KEPT_OWN)
        self.own_ = TailTable.of(own)
        self.spread_ = np.maximum(np.ptp(np.nanquantile(scores, [0.95, 1.0], axis=0), axis=0), 1e-6)
        known = ~np.isnan(scores).any(axis=1)
        if not known.all():
            flows, scores = flows.take(np.flatnonzero(known)), scores[known]
        self._set_threshold(flows, scores, budget)
        return self

    def _set_threshold(self, flows: Encoded, scores: Floats, budget: float) -> None:
        self.flows_ = float(flows.weight.sum())
        combined = self._bans(flows, scores, itself=flows.weight).max(axis=1)
        least = -float(np.log10(max(budget, 2.0 / (self.flows_ + 1.0))))
        if self.is_budgeted:
            self.threshold_ = max(quantile(combined, flows.weight, 1.0 - budget), least)
        else:
            self.threshold_ = 1.0
        by_own = self.threshold_ * scores[:, self._own_threshold]
        self._keep(np.column_stack([combined, by_own]).max(axis=1), flows.weight)

    def _keep(self, combined: Floats, weight: Floats) -> None:
        """Keeps the largest combined scores, and some of the others."""
        order = np.argsort(combined, kind="stable")
        combined, weight = combined[order], weight[order]
        lower = np.concatenate([[0.0], np.cumsum(weight)])
        some = np.linspace(0, len(combined) - 1, KEPT_POOLED).astype(np.int64)
        largest = np.arange(max(len(combined) - KEPT_POOLED, 0), len(combined))
        kept = np.union1d(some, largest)
        self.combined_ = combined[kept]
        self.ranks_ = lower[np.searchsorted(combined, self.combined_, side="left")]

    def bans(self, flows: Encoded, scores: Floats) -> Floats:
        """(flow, channel) minus the decimal logarithm of each p-value, extrapolated past the highest score.

        p = (r + m p_like) / (n + m), where r of the n flows of this function and condition, and the share
        p_like of all functions' flows of this condition, scored at least as high; p_like leans in the same
        way on the flows of all conditions. m is `POOL_FLOWS`, and `CONDITION_FLOWS` the second time. Where a
        score is a surprise, p is never below the chance that it stands for.
        """
        out = self._bans(flows, scores, itself=np.zeros(len(flows)))
        alone = scores[:, self._by_chance]
        lifted = np.where(alone > self.least_, self.threshold_ + alone - self.least_, 0.0)
        out[:, self._by_chance] = np.maximum(out[:, self._by_chance], lifted)
        out[:, self._own_threshold] = self.threshold_ * scores[:, self._own_threshold]
        return out

    def _bans(self, flows: Encoded, scores: Floats, itself: Floats) -> Floats:
        """As `bans`; `itself` is what a flow of the history weighs: none is compared with itself."""
        conditions = _conditions(flows)
        out = np.zeros(scores.shape)
        columns = (1.0 - ALIKE) * scores[:, self._budgeted]
        alike = np.column_stack([np.zeros((len(flows), 0)), *self._alike(columns, conditions, itself)])
        share = self._own_share(flows.function, conditions, columns, alike, itself)
        highest = np.array([self.pooled_[channel, ALL].values[-1] for channel in self._budgeted.tolist()])
        beyond = np.maximum(scores[:, self._budgeted] - highest, 0.0) / self.spread_[self._budgeted]
        out[:, self._budgeted] = np.log10(1.0 + beyond) - np.log10(np.clip(share, 1e-300, 1.0))
        chance = scores[:, self._surprises] / np.log(10.0)
        out[:, self._surprises] = np.minimum(out[:, self._surprises], chance)
        return out

    def _alike(self, columns: Floats, conditions: Ints, itself: Floats) -> Iterator[Floats]:
        """Of each column (flow,) the share of all functions' flows of its condition that score as high."""
        rows = {condition: np.flatnonzero(conditions == condition) for condition in CONDITIONS}
        for channel, column in zip(self._budgeted.tolist(), columns.T, strict=True):
            pooled = self.pooled_[channel, ALL]
            everywhere = (pooled.reached(column) - itself + 1.0) / (pooled.number - itself + 1.0)
            alike = np.zeros(len(column))
            for condition, of in rows.items():
                tail = self.pooled_[channel, condition]
                alike[of] = lean(tail, column[of], everywhere[of], itself[of], CONDITION_FLOWS)
            yield alike

    def _own_share(
        self, function: Ints, conditions: Ints, columns: Floats, alike: Floats, itself: Floats
    ) -> Floats:
        """(flow, column) the share of a function's own flows that score as high, leaning on `alike`."""
        share = alike.ravel().copy()
        column = columns.ravel()
        weighs = np.repeat(itself, columns.shape[1])
        own = self.own_.find(function, conditions, self._budgeted).ravel()
        met = np.flatnonzero(own >= 0)
        mine = self.own_.at(own[met])
        share[met] = lean(mine, column[met], share[met], weighs[met], POOL_FLOWS)
        whole = self.own_.find(function, np.full(len(function), ALL), self._budgeted).ravel()
        met = np.flatnonzero(whole >= 0)
        record = proven(self.own_.at(whole[met]), column[met], weighs[met])
        share[met] = np.maximum(share[met], record)
        return share.reshape(columns.shape)

    def p_values(self, combined: Floats) -> Floats:
        """(flow,) the share of benign flows expected to reach a combined score."""
        place = np.searchsorted(self.combined_, combined, side="left")
        lower = np.append(self.ranks_, self.flows_)[place]
        p_values: Floats = (self.flows_ - lower + 1.0) / (self.flows_ + 1.0)
        return p_values

    def state(self) -> dict[str, NDArray[np.generic]]:
        """All that was learned, as arrays."""
        pooled = list(self.pooled_.values())
        own = self.own_
        keys = np.array([(-1, *key) for key in self.pooled_], np.int64).reshape(-1, 3)
        kept = np.concatenate([[len(tail.values) for tail in pooled], own.ends - own.starts])
        return {
            "tails": np.column_stack([np.concatenate([keys, own.keys]), kept.astype(np.int64)]),
            "numbers": np.concatenate([[tail.number for tail in pooled], own.number]),
            "above": np.concatenate([*(tail.above for tail in pooled), own.above]),
            "values": np.concatenate([*(tail.values for tail in pooled), own.values]),
            "spread": self.spread_,
            "combined": self.combined_,
            "ranks": self.ranks_,
            "totals": np.array([self.flows_]),
            "threshold": np.array([self.threshold_]),
            "least": np.array([self.least_]),
        }

    def restore(self, state: dict[str, NDArray[np.generic]]) -> Self:
        """Takes back what `state` gave, and returns itself; raises ValueError where its parts do not fit."""
        values, above = state["values"].astype(np.float64), state["above"].astype(np.float64)
        numbers, tails = state["numbers"].astype(np.float64), state["tails"].astype(np.int64)
        kept = tails[:, 3]
        ends = np.cumsum(kept)
        own = tails[:, 0] >= 0
        first = int(np.argmax(own)) if own.any() else len(own)
        start = int(kept[:first].sum())
        if not own[first:].all() or int(kept.sum()) != len(values):
            raise ValueError("the tails of the calibration do not fit")
        for place in range(first):
            _, channel, condition, number = tails[place].tolist()
            held = slice(int(ends[place]) - number, int(ends[place]))
            self.pooled_[channel, condition] = Tail(values[held], above[held], float(numbers[place]))
        self.own_ = TailTable(tails[first:, :3], kept[first:], numbers[first:], values[start:], above[start:])
        self.spread_ = state["spread"].astype(np.float64)
        self.combined_ = state["combined"].astype(np.float64)
        self.ranks_ = state["ranks"].astype(np.float64)
        self.flows_ = float(state["totals"].astype(np.float64)[0])
        self.threshold_ = float(state["threshold"].astype(np.float64)[0])
        self.least_ = float(state["least"].astype(np.float64)[0])
        if not self._is_whole():
            raise ValueError("the tails of the calibration do not fit")
        return self

    def _is_whole(self) -> bool:
        """Whether all columns are calibrated, with enough scores for each tail."""
        channels, own = self._budgeted.tolist(), self.own_
        held = [tail.number == 0.0 or len(tail.values) > 0 for tail in self.pooled_.values()]
        return (
            all((channel, condition) in self.pooled_ for channel in channels for condition in range(4))
            and all(len(self.pooled_[channel, ALL].values) > 0 for channel in channels)
            and all(held)
            and bool(((own.ends > own.starts) | (own.number == 0.0)).all())
        )


def _columns(chosen: Iterable[bool]) -> Ints:
    return np.flatnonzero(np.fromiter(chosen, np.bool_))


def _tail(flows: Encoded, scores: Floats, rows: Ints, kept: int) -> Tail:
    return Tail.of(scores[rows], flows.weight[rows], kept)


def _conditions(flows: Encoded) -> Ints:
    """(flow,) the condition of each run."""
    troubled = flows.failed | (np.bincount(flows.flow_of, flows.error, len(flows)) > 0.0)
    return np.where(flows.cold, COLD, np.where(troubled, TROUBLED, WARM))


def _groups(flows: Encoded, conditions: Ints) -> list[tuple[int, int, Ints]]:
    """Each function and condition that occurs, with the rows of its flows."""
    key = flows.function * 4 + conditions
    order = np.argsort(key, kind="stable")
    keys, starts = np.unique(key[order], return_index=True)
    parts = np.split(order, starts[1:])
    return [(int(k) // 4, int(k) % 4, rows) for k, rows in zip(keys, parts, strict=True)]


def flows_needed(budget: float) -> int:
    """How many training flows it takes to support a budget: enough for three false alarms among them."""
    return int(np.ceil(3.0 / budget))
