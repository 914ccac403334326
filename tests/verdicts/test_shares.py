"""Scores are shared among many flows at once as among each alone."""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.detectors.channel import Channel
from coldtrail.detectors.detector import Contributions, Detector
from coldtrail.features.batch import Encoded, Floats
from coldtrail.features.encode import encode
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.testing import make_flow
from coldtrail.verdicts.shares import (
    LEAST_SHARE,
    MOST_BANS,
    MOST_SHARES,
    Explained,
    Shares,
    heaviest,
    odds_of,
    shares_of,
)
from tests.verbs.telemetry_files import GET

THRESHOLD = 3.0
CHANNELS = (Channel("order"), Channel("new", "bans", alone=True), Channel("ratio", "ratio", alone=True))


class Adds:
    """A detector that adds what it is told to."""

    channels = CHANNELS

    def __init__(self, steps: Floats, whole: Floats) -> None:
        self._told = Contributions(steps, whole)

    def explain(self, flows: Encoded) -> Contributions:
        return self._told


class Told(NamedTuple):
    contribution: float
    leads: bool
    column: int
    step: int
    odds: float | None


def one_by_one(parts: Floats, bans: Floats) -> list[Told]:
    """The shares of one flow, channel by channel and step by step."""
    highest = float(bans.max())
    out = []
    for column, channel in enumerate(CHANNELS):
        score, mine = float(bans[column]), parts[:, column]
        if score <= min(THRESHOLD, highest - 1e-12):
            continue
        leads = channel.alarms_by_chance and score > THRESHOLD
        most, total = float(mine.max()), float(mine.sum())
        least = LEAST_SHARE * most if leads else min(LEAST_SHARE * total, most)
        for step, part in enumerate(mine.tolist()):
            if part > 0.0 and part >= least:
                share = highest * part / most if leads else score * part / total
                one_in = 10.0 ** min(part if leads else score, MOST_BANS)
                out.append(Told(share, leads, column, step, None if channel.has_own_threshold else one_in))
    return sorted(out, key=lambda one: (-one.contribution, not one.leads))[:MOST_SHARES]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=5), st.integers(0, 2**32))
def test_shares_of_many_flows_are_those_of_each(lengths: list[int], seed: int) -> None:
    random = np.random.default_rng(seed)
    flows = encode([make_flow([GET] * length) for length in lengths], Vocabulary())
    parts = [np.round(random.exponential(1.0, (n + 1, 3)), random.integers(0, 17)) for n in flows.lengths]
    parts = [one * (random.random(one.shape) < random.random()) for one in parts]
    bans = np.round(random.exponential(3.0, (len(lengths), 3)), 1)
    detector = Adds(np.concatenate([one[:-1] for one in parts]), np.stack([one[-1] for one in parts]))
    explained = Explained({"adds": cast("Detector", detector)}, flows)
    shares = heaviest(shares_of(explained, bans, THRESHOLD))
    odds = odds_of(explained.detectors, bans, shares)
    columns = shares.contribution, shares.leads, shares.column, shares.step
    told = [Told(*one) for one in zip(*(column.tolist() for column in columns), odds, strict=True)]
    for place, mine in enumerate(parts):
        of = [told[row] for row in np.flatnonzero(shares.flow == place)]
        assert of == one_by_one(mine, bans[place])


def test_of_equal_shares_what_leads_comes_first() -> None:
    numbers = np.zeros(2, np.int64)
    shares = Shares(numbers, np.ones(2), np.array([False, True]), numbers, np.array([0, 1]), np.ones(2))
    assert heaviest(shares).step.tolist() == [1, 0]
