"""How long it takes until a caller starts a function again, where all runs are known and where few are."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.detectors.drift.baselines import Hours
from coldtrail.detectors.drift.gaps import RUNS_OF_A_STRIDE, STRIDE_S, gaps_of, sampling_of
from coldtrail.detectors.drift.log_e_values import log_gaps
from coldtrail.features.batch import Floats, Ints

WATCHED_S = 1e9
"""So long that no caller is busy."""


def gaps(caller: Ints, start: Floats, weight: Floats) -> tuple[Ints, Floats]:
    """The strides of runs of one function, and their gaps in seconds."""
    function = np.ones(len(start), np.int64)
    mean, stride = sampling_of(function, caller, weight, WATCHED_S)
    logs = gaps_of(function, caller, start, weight, (mean, stride), Hours(np.full(24, 3600.0), np.ones(24)))
    return stride, np.exp(logs)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 50)), min_size=1, max_size=30))
def test_gaps_of_all_callers_at_once_are_those_of_a_walk_through_the_runs(
    runs: list[tuple[int, int]],
) -> None:
    runs = sorted(runs, key=lambda run: run[1])
    caller = np.array([caller for caller, _ in runs])
    start = np.array([float(start) for _, start in runs])
    last: dict[int, float] = {}
    expected = []
    for now, who in zip(start.tolist(), caller.tolist(), strict=True):
        expected.append(now - last.get(who, np.nan))
        last[who] = now
    hours = Hours()
    function, ones = np.zeros(len(runs), np.int64), np.ones(len(runs))
    sampling = sampling_of(function, caller, ones, WATCHED_S)
    np.testing.assert_array_equal(
        gaps_of(function, caller, start, ones, sampling, hours),
        log_gaps(np.array(expected), hours.during(start)),
    )


def poisson(runs: int, every_s: float, seed: int) -> Floats:
    """Runs that come independently of each other."""
    random = np.random.default_rng(seed)
    return np.cumsum(random.exponential(every_s, runs))


def test_half_of_the_runs_tell_the_gaps_of_all() -> None:
    start = poisson(40_000, 0.1, 1)
    kept = np.random.default_rng(2).random(len(start)) < 0.5
    _, all_of_them = gaps(np.ones(len(start), np.int64), start, np.ones(len(start)))
    _, of_half = gaps(np.ones(kept.sum(), np.int64), start[kept], np.full(kept.sum(), 2.0))
    for share in (10, 50, 90):
        assert np.nanpercentile(of_half, share) == pytest.approx(
            np.nanpercentile(all_of_them, share), rel=0.15
        )


def test_gaps_of_a_sample_are_those_of_all_runs_whatever_is_kept_whole() -> None:
    """Of the common kind one run in 20 is kept and of the rare ones each: the gaps before these are none."""
    random = Random(3)
    start = poisson(60_000, 0.009, 3)
    rare = np.array([random.random() < 0.05 for _ in start])
    kept = rare | np.array([random.random() < 0.05 for _ in start])
    weight = np.where(rare, 1.0, 20.0)[kept]
    stride, found = gaps(np.ones(kept.sum(), np.int64), start[kept], weight)
    assert stride[0] >= 2 * RUNS_OF_A_STRIDE
    assert np.nanmean(found) == pytest.approx(0.01, rel=0.15)
    assert np.nanpercentile(found, 1) > 0.003
    assert np.count_nonzero(~np.isnan(found)) == pytest.approx(len(start) / stride[0], rel=0.05)


def test_where_runs_come_many_in_a_second_a_stride_takes_seconds() -> None:
    start = poisson(20_000, 0.02, 4)
    ones = np.ones(len(start), np.int64)
    mean, stride = sampling_of(ones, ones, ones.astype(np.float64), float(start[-1]))
    assert stride[0] == pytest.approx(STRIDE_S / 0.02, rel=0.05)
    hours = Hours(np.full(24, 3600.0), np.ones(24))
    found = np.exp(gaps_of(ones, ones, start, ones.astype(np.float64), (mean, stride), hours))
    assert np.nanmean(found) == pytest.approx(0.02, rel=0.1)
    assert np.nanmax(found) < 1.5 * np.nanmin(found)
