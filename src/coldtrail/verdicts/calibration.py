"""Scores to verdicts: p-values from each function's own history, one threshold from a false-alarm budget.

Every channel's score becomes a conformal p-value against out-of-fold scores of the training flows (Vovk,
Gammerman and Shafer 2005): the share of benign flows that scored at least as high. A function's own history
counts fully, that of all functions like some more flows of it. Cold runs are compared with cold runs, and
runs in which something failed, perhaps to be tried again, with such runs. The strangest channel leads; the
threshold is the quantile of that combined score which the budget lets pass.

Some channels have a threshold of their own: they alarm above 1, and the budget does not touch them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from coldtrail.detectors.channel import Channel, Family
from coldtrail.features.arrays import LEAST, MOST, floats, integers
from coldtrail.features.batch import Encoded, Floats, Ints
from coldtrail.features.vocabulary import UNKNOWN
from coldtrail.verdicts import combined
from coldtrail.verdicts.combined import Combined
from coldtrail.verdicts.placing import (
    ALL,
    COLD,
    EVERYONE,
    TROUBLED,
    WARM,
    Placed,
    conditions_of,
    tails_of,
    tails_with,
)
from coldtrail.verdicts.tails import NO_TAIL, Tails, lean, proven, quantile

POOL_FLOWS = 1000.0
"""Weight of the history of all functions against a function's own, in flows."""
CONDITION_FLOWS = 100.0
"""Weight of all flows against those of one condition alone, in flows."""
ALIKE = 0.02
"""Scores this close to each other count as equal: each fold gives the same run a slightly different one."""
PARTS: Mapping[Family, float] = {"path": 5.0, "time": 1.0, "name": 2.0, "start": 2.0, "model": 2.0}
"""How the families of evidence share the budget. Nearly all attacks show in the path, and most of what is
slow is benign."""
BLOCK_FLOWS = 20_000
"""Flows compared at once, so that a long history takes no more memory than a short one."""
ARRAYS = (
    integers(
        "tails", "tail", 4, least=(EVERYONE, 0, 0, 0), most=("functions", "last_channel", TROUBLED, MOST)
    ),
    floats("numbers", "tail"),
    floats("above", "kept"),
    floats("values", "kept"),
    floats("spread", "channels", least=LEAST),
    *combined.ARRAYS,
    floats("threshold", 1),
    floats("least", 1, least=-MOST),
    floats("lift", "channels"),
)
"""What `state` gives; `channels` are the columns of the scores, `last_channel` the number of the last, and
`functions` how many there are."""

Reached = Callable[[Ints, Floats], tuple[Floats, Floats]]
"""How many flows of tails scored as high as those at hand, and how many there are, less what is given."""


class Calibration:
    """Turns scores of all channels into one score per flow, and knows where alarms begin."""

    def __init__(self, channels: Sequence[Channel]) -> None:
        self.channels = tuple(channels)
        """What the columns of the scores are."""
        self._budgeted = _columns(not one.has_own_threshold for one in channels)
        self._own_threshold = _columns(one.has_own_threshold for one in channels)
        self._by_chance = _columns(one.alarms_by_chance for one in channels)
        self._surprises = _columns(one.is_surprise for one in channels)
        self._chances = _columns(one.scale == "bans" for one in channels)
        families = dict.fromkeys(one.family for one in channels if not one.has_own_threshold)
        self._families = tuple(
            _columns(one.family == family and not one.has_own_threshold for one in channels)
            for family in families
        )
        """(family,) its channels, of those that the budget touches."""
        parts = np.array([PARTS[family] for family in families])
        self.shares: Floats = parts / parts.sum()
        """(family,) of the budget."""
        self.tails_ = Tails.none()
        self.places_ = np.zeros((0, 3), np.int64)
        """(tail - 1, 3) function (or `EVERYONE`), channel and condition of each tail but the first."""
        self._table = np.zeros((2, len(self.channels), 4), np.int64)
        """(function + 1, channel, condition) the tail."""
        self.spread_ = np.ones(0)
        self.combined_ = Combined.none()
        """The combined out-of-fold scores."""
        self.threshold_ = np.inf
        """Above which a flow alarms, in bans of the family with the highest threshold."""
        self.lift_ = np.zeros(len(self.channels))
        """(channel,) what is added to its bans, so that all families alarm above the same."""
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
        self._take(*tails_of(flows, scores, self._budgeted.tolist()))
        self.spread_ = np.maximum(np.ptp(np.nanquantile(scores, [0.95, 1.0], axis=0), axis=0), 1e-6)
        known = ~np.isnan(scores).any(axis=1)
        if not known.all():
            flows, scores = flows.take(np.flatnonzero(known)), scores[known]
        self._set_threshold(flows, scores, budget)
        return self

    def extended(self, flows: Encoded, scores: Floats, budget: float, faded: float) -> Calibration:
        """A calibration with the scores of new benign flows, by detectors that have not seen them.

        What was known before counts `faded` times as much as it did. No channel has a threshold of its own.
        """
        out = Calibration(self.channels)
        out.least_, out.spread_, out.lift_ = self.least_, self.spread_, self.lift_
        known = Placed(self.tails_, self.places_)
        out._take(*tails_with(known, flows, scores, self._budgeted.tolist(), faded))
        fresh = out._bans(flows, scores, itself=flows.weight).max(axis=1)
        highest = np.append(self.combined_.scores, fresh)
        weight = np.append(faded * self.combined_.weights, flows.weight)
        out.combined_ = Combined.of(highest, weight)
        least = -float(np.log10(max(budget, 2.0 / (out.combined_.flows + 1.0))))
        out.threshold_ = max(quantile(highest, weight, 1.0 - budget), least)
        return out

    def _take(self, tails: Tails, places: Ints) -> None:
        """Takes the tails of the places for its own."""
        self.tails_, self.places_ = tails, places
        functions = int(places[:, 0].max(initial=UNKNOWN)) + 1
        self._table = np.full((functions + 1, len(self.channels), 4), NO_TAIL, np.int64)
        self._table[places[:, 0] + 1, places[:, 1], places[:, 2]] = np.arange(1, len(tails))

    def _set_threshold(self, flows: Encoded, scores: Floats, budget: float) -> None:
        bans = self._bans(flows, scores, itself=flows.weight)
        least = -float(np.log10(max(budget, 2.0 / (float(flows.weight.sum()) + 1.0))))
        each = [
            max(quantile(bans[:, family].max(axis=1), flows.weight, 1.0 - share * budget), least)
            for family, share in zip(self._families, self.shares.tolist(), strict=True)
        ]
        self.threshold_ = max(each, default=1.0)
        for family, threshold in zip(self._families, each, strict=True):
            self.lift_[family] = self.threshold_ - threshold
        by_own = self.threshold_ * scores[:, self._own_threshold]
        highest = np.column_stack([bans + self.lift_, by_own]).max(axis=1)
        self.combined_ = Combined.of(highest, flows.weight)

    def bans(self, flows: Encoded, scores: Floats, itself: Floats | None = None) -> Floats:
        """(flow, channel) minus the decimal logarithm of each p-value, extrapolated past the highest score.

        p = (r + m p_like) / (n + m), where r of the n flows of this function and condition, and the share
        p_like of all functions' flows of this condition, scored at least as high; p_like leans in the same
        way on the flows of all conditions. m is `POOL_FLOWS`, and `CONDITION_FLOWS` the second time. Where a
        score is a surprise, p is never below the chance that it stands for. `itself` is what each flow weighs
        where the flows are those of the history.
        """
        out = self._bans(flows, scores, itself=np.zeros(len(flows)) if itself is None else itself)
        alone = scores[:, self._by_chance]
        lifted = np.where(alone > self.least_, self.threshold_ + alone - self.least_, 0.0)
        out[:, self._by_chance] = np.maximum(out[:, self._by_chance], lifted)
        out[:, self._own_threshold] = self.threshold_ * scores[:, self._own_threshold]
        return out

    def _bans(self, flows: Encoded, scores: Floats, itself: Floats) -> Floats:
        """As `bans`; `itself` is what a flow of the history weighs: none is compared with itself."""
        condition = conditions_of(flows)
        out = np.zeros(scores.shape)
        for start in range(0, len(flows), BLOCK_FLOWS):
            rows = slice(start, start + BLOCK_FLOWS)
            out[rows, self._budgeted] = self._budgeted_bans(
                scores[rows, self._budgeted],
                flows.function[rows, None],
                condition[rows, None],
                itself[rows, None],
            )
        for columns, nats in ((self._surprises, np.log(10.0)), (self._chances, 1.0)):
            out[:, columns] = np.minimum(out[:, columns], scores[:, columns] / nats)
        return out + self.lift_

    def _budgeted_bans(self, scores: Floats, function: Ints, condition: Ints, itself: Floats) -> Floats:
        """(flow, budgeted channel) bans; what is known of flows is given in columns."""
        channels, tails = self._budgeted, self.tails_
        place = np.where(function + 1 < len(self._table), function + 1, UNKNOWN + 1)
        pooled = self._table[EVERYONE + 1, channels, ALL]

        def reached(tail: Ints, mine: Floats = itself) -> tuple[Floats, Floats]:
            tail = np.broadcast_to(tail, scores.shape)
            found = tails.reached(tail.ravel(), ((1.0 - ALIKE) * scores).ravel()).reshape(scores.shape)
            return found - mine, tails.numbers[tail] - mine

        above, number = reached(pooled)
        everywhere = (above + 1.0) / (number + 1.0)
        share = alike = lean(
            *reached(self._table[EVERYONE + 1, channels, condition]), everywhere, CONDITION_FLOWS
        )
        own = self._table[place, channels, condition]
        share = np.where(own == NO_TAIL, alike, lean(*reached(own), alike, POOL_FLOWS))
        share = np.maximum(share, proven(*self._own_record(place, condition, itself, reached)))
        beyond = np.maximum(scores - tails.highest(pooled), 0.0) / self.spread_[channels]
        bans: Floats = np.log10(1.0 + beyond) - np.log10(np.clip(share, 1e-300, 1.0))
        return bans

    def _own_record(
        self, place: Ints, condition: Ints, itself: Floats, reached: Reached
    ) -> tuple[Floats, Floats]:
        """(flow, budgeted channel) how many runs of its function scored as high, and how many it had.

        Runs in which something failed excuse only their like: a call that timed out none that succeeds.
        """
        above: Floats = np.zeros((len(place), len(self._budgeted)))
        number = above.copy()
        for one in (WARM, COLD, TROUBLED):
            tail = self._table[place, self._budgeted, one]
            counted = (tail != NO_TAIL) & ((one != TROUBLED) | (condition == TROUBLED))
            some = reached(tail, np.where(condition == one, itself, 0.0))
            above += np.where(counted, some[0], 0.0)
            number += np.where(counted, some[1], 0.0)
        return above, number

    def p_values(self, combined: Floats) -> Floats:
        """(flow,) the share of benign flows expected to reach a combined score."""
        return self.combined_.p_values(combined)

    def state(self) -> dict[str, NDArray[np.generic]]:
        """All that was learned, as arrays."""
        kept = np.diff(self.tails_.offsets)[1:]
        return {
            "tails": np.column_stack([self.places_, kept]).astype(np.int64),
            "numbers": self.tails_.numbers[1:],
            "above": self.tails_.above,
            "values": self.tails_.values,
            "spread": self.spread_,
            **self.combined_.state(),
            "threshold": np.array([self.threshold_]),
            "least": np.array([self.least_]),
            "lift": self.lift_,
        }

    def restore(self, state: dict[str, NDArray[np.generic]]) -> Self:
        """Takes back what `state` gave, and returns itself; raises ValueError where its parts do not fit."""
        places = state["tails"].astype(np.int64)
        if places[:, 3].max(initial=0) > len(state["values"]):
            raise ValueError("the tails of the calibration do not fit")
        offsets = np.concatenate([[0, 0], np.cumsum(places[:, 3])])
        numbers = np.append(0.0, state["numbers"].astype(np.float64))
        values, above = (state[name].astype(np.float64) for name in ("values", "above"))
        self._take(Tails(values, above, offsets, numbers), places[:, :3])
        self.spread_ = state["spread"].astype(np.float64)
        self.combined_ = Combined.restored(state)
        self.threshold_ = float(state["threshold"].astype(np.float64)[0])
        self.least_ = float(state["least"].astype(np.float64)[0])
        self.lift_ = state["lift"].astype(np.float64)
        if not self._is_whole():
            raise ValueError("the tails of the calibration do not fit")
        return self

    def _is_whole(self) -> bool:
        """Whether all columns are calibrated, with enough scores for each tail, in order."""
        tails, lengths = self.tails_, np.diff(self.tails_.offsets)
        if tails.offsets[-1] != len(tails.values) or ((lengths == 0) & (tails.numbers > 0)).any():
            return False
        starts = np.zeros(len(tails.values) + 1, np.bool_)
        starts[tails.offsets[:-1]] = True
        pooled = self._table[EVERYONE + 1, self._budgeted]
        rising = (np.diff(tails.values) >= 0) | starts[1:-1]
        return bool(rising.all() and (pooled[:, ALL] > 0).all() and (lengths[pooled[:, ALL]] > 0).all())


def _columns(chosen: Iterable[bool]) -> Ints:
    return np.flatnonzero(np.fromiter(chosen, np.bool_))


def flows_needed(budget: float) -> int:
    """How many training flows it takes to support a budget: enough for three false alarms among them."""
    return int(np.ceil(3.0 / budget))
