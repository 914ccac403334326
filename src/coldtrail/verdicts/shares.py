"""How the scores of anomalous flows are shared among their steps, as the detectors share theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldtrail.detectors.detector import Detector
from coldtrail.features.batch import Bools, Encoded, Floats, Ints

MOST_SHARES = 24
"""Shares of a flow's score, the largest first, that are put into words before the same is told once."""
MOST_BANS = 15.0
LEAST_SHARE = 0.1
"""Steps that account for less of a channel's score than this are left out, unless all do."""


@dataclass(frozen=True)
class Shares:
    """Shares of the scores of flows, one a row."""

    flow: Ints
    contribution: Floats
    leads: Bools
    column: Ints
    """Of all channels of all detectors, one after another."""
    step: Ints
    """Position in its flow, the flow's length for the run as a whole."""
    part: Floats
    """What the detector says that it adds, in the channel's own scale."""

    def take(self, rows: Ints) -> Shares:
        """The chosen ones, in the given order."""
        return Shares(*(getattr(self, column.name)[rows] for column in fields(self)))


class Explained:
    """What each detector says of the steps of flows; each is asked once, for all flows together."""

    def __init__(self, detectors: Mapping[str, Detector], flows: Encoded) -> None:
        self.detectors = detectors
        self.flows = flows
        self._told: dict[str, Floats] = {}
        self.flow_of = np.repeat(np.arange(len(flows)), flows.lengths + 1)
        """(place,) the flow of each place: of its steps, and last of the run as a whole."""
        self.starts = flows.offsets[:-1] + np.arange(len(flows))
        """(flow,) its first place."""

    def of(self, name: str) -> Floats:
        """(place, channel) what each step of the flows, and each run as a whole, adds to each channel."""
        if name not in self._told:
            steps, whole = self.detectors[name].explain(self.flows)
            last = self.starts + self.flows.lengths
            parts = np.empty((len(self.flow_of), whole.shape[1]))
            parts[np.delete(np.arange(len(parts)), last)] = steps
            parts[last] = whole
            self._told[name] = parts
        return self._told[name]


def shares_of(explained: Explained, bans: Floats, threshold: float) -> Shares:
    """The shares of all channels that give reasons, one channel after another."""
    highest = bans.max(axis=1)
    gives = bans > np.minimum(threshold, highest - 1e-12)[:, None]
    out, column = [], 0
    for name, detector in explained.detectors.items():
        for place, channel in enumerate(detector.channels):
            if gives[:, column].any():
                leads = gives[:, column] & channel.alarms_by_chance & (bans[:, column] > threshold)
                score = np.where(leads, highest, bans[:, column])
                parts = explained.of(name)[:, place]
                out.append(_of_column(explained, column, parts, (gives[:, column], leads, score)))
            column += 1
    return Shares(*(np.concatenate(of) for of in zip(*(_columns(one) for one in out), strict=True)))


def _columns(shares: Shares) -> list[NDArray[Any]]:
    return [getattr(shares, column.name) for column in fields(shares)]


def _of_column(
    explained: Explained, column: int, parts: Floats, scored: tuple[Bools, Bools, Floats]
) -> Shares:
    """The shares of the score of a channel, in the flows in which it `gives` reasons.

    A step has the part of the score that it has of the sum; where what was never met `leads`, each such thing
    counts by its own chance, not by a share of the sum. Small ones are left out, unless all are.
    """
    gives, leads, score = scored
    starts, flow_of = explained.starts, explained.flow_of
    most = np.maximum.reduceat(parts, starts)
    whole = np.where(leads, most, 1.0)
    ends = np.append(starts[1:], len(parts))
    for one in np.flatnonzero(gives & ~leads).tolist():
        whole[one] = parts[starts[one] : ends[one]].sum()
    least = np.minimum(LEAST_SHARE * whole, most)
    at = np.flatnonzero((parts >= least[flow_of]) & (parts > 0.0) & gives[flow_of])
    flow = flow_of[at]
    return Shares(
        flow,
        score[flow] * parts[at] / whole[flow],
        leads[flow],
        np.full(len(at), column),
        at - starts[flow],
        parts[at],
    )


def heaviest(shares: Shares) -> Shares:
    """Of each flow the largest shares, those that lead first among equals; one flow after another."""
    order = np.lexsort((~shares.leads, -shares.contribution, shares.flow))
    flow = shares.flow[order]
    place = np.arange(len(flow)) - np.searchsorted(flow, flow)
    return shares.take(order[place < MOST_SHARES])


def odds_of(detectors: Mapping[str, Detector], bans: Floats, shares: Shares) -> list[float | None]:
    """(share,) one in so many, as the channel reckons; None where it speaks of no chance."""
    silent = [one.has_own_threshold for detector in detectors.values() for one in detector.channels]
    exponents = np.where(shares.leads, shares.part, bans[shares.flow, shares.column]).tolist()
    leads, columns = shares.leads.tolist(), shares.column.tolist()
    return [
        None if silent[column] and not leading else 10.0 ** min(exponent, MOST_BANS)
        for exponent, leading, column in zip(exponents, leads, columns, strict=True)
    ]
