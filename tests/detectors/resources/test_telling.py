"""Signals: kinds, weight, refs, versions."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.resources.columns import columns
from coldtrail.detectors.resources.levels import Judged
from coldtrail.detectors.resources.measures import CPU, DURATION, MEASURES, MEMORY
from coldtrail.detectors.resources.telling import LEVEL, MINING, Hit, over, with_mining
from tests.detectors.resources.streams import from_day, kinds, reports, told


def test_longer_and_more_computing_at_once_is_mining() -> None:
    first = 2 * len(MEASURES)

    def of(measure: int, effect: float = 1.0) -> Hit:
        return Hit(first + measure, LEVEL, effect, 10.0, 1.0)

    both = with_mining([of(DURATION), of(MEMORY), of(CPU)])
    assert [(hit.row - first, hit.kind) for hit in both] == [(MEMORY, LEVEL), (CPU, MINING)]
    slight = with_mining([of(DURATION, 0.5), of(CPU)])
    assert [hit.kind for hit in slight] == [LEVEL, LEVEL]


@pytest.mark.parametrize("seed", range(1, 4))
def test_a_new_version_that_uses_more_is_a_weak_signal_with_its_version(seed: int) -> None:
    stream = reports(45, seed=seed, memory=from_day(30, 1.5), version=lambda day: "2" if day >= 30 else "1")
    (signal,) = told(stream)
    assert (signal.finding.kind, signal.version, signal.alone) == ("resource_release", "2", False)
    assert 1 <= signal.strength <= 3


def test_a_release_that_uses_many_times_as_much_time_is_told_by_itself() -> None:
    stream = reports(32, duration=from_day(30, 60.0), version=lambda day: "2" if day >= 30 else "1")
    assert {kind for kind, _ in kinds(told(stream))} & {"resource_level", "mining"}


def test_refs_are_the_strange_invocations() -> None:
    signal = next(one for one in told(reports(31, memory=from_day(30, 2.0))) if one.alone)
    assert signal.refs
    assert all(ref.kind == "request" for ref in signal.refs)
    assert signal.since <= signal.at
    assert signal.strength > 4


def test_what_is_over_begins_to_drift_from_where_it_is_then() -> None:
    table, rows = columns(), np.array([MEMORY])
    table.grow(len(MEASURES))
    for name, value in {"told": 0.4, "told_day": 3.0, "mean": 1.0, "fast": 5.0}.items():
        table[name][MEMORY] = value
    one, quiet = np.array([0.5]), np.array([0.1])
    over(table, Judged(rows, one, one, one, quiet, one, one), 9)
    assert table["told"][MEMORY] == 0
    assert [float(table[name][MEMORY]) for name in ("fast", "slow", "last")] == [1.5, 1.5, 1.5]
