"""A statistic that rises, falls to zero, and is told of."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coldtrail.detectors.drift.baselines import ShiftBaselines
from coldtrail.detectors.drift.cusum import CERTAIN, MOST_REFERENCES, NOWHERE, Cusum, Stretch
from coldtrail.detectors.drift.readings import OWN_TIME, PATHS, RATE
from tests.detectors.drift.histories import columns, history, lying


def _stretch(baselines: ShiftBaselines, factors: list[float]) -> Stretch:
    readings = columns(history(len(factors)))
    return Stretch(
        baselines.functions[1],
        OWN_TIME,
        readings,
        range(len(factors)),
        lying(len(factors)),
        np.array(factors),
    )


def test_runs_after_which_the_statistic_is_not_certain_are_passed_over(baselines: ShiftBaselines) -> None:
    cusum = Cusum()
    certain = CERTAIN * baselines.functions[1].thresholds[OWN_TIME]
    runs = _stretch(baselines, [1.0, -2.0, -1.0, 0.5, 0.25, -0.25, certain, 1.0])
    assert cusum.pass_over(runs, 0) == 6
    assert (cusum.statistic, cusum.runs, cusum.since) == (0.5, 3, runs.start(3))
    assert (cusum.certain_since, cusum.certain_runs) == (runs.start(5), 0)
    assert cusum.flows == [3, 4]
    assert cusum.look == 3


def test_a_statistic_above_its_threshold_is_cut_and_one_back_at_zero_forgets(
    baselines: ShiftBaselines,
) -> None:
    cusum = Cusum()
    threshold = baselines.functions[1].thresholds[OWN_TIME]
    runs = _stretch(baselines, [threshold / 2, threshold, -threshold])
    assert [cusum.pass_over(runs, 0), cusum.grow(runs, 0), cusum.grow(runs, 1)] == [0, False, True]
    assert (cusum.statistic, cusum.certain_runs) == (threshold, 2)
    cusum.told = True
    assert not cusum.grow(runs, 2)
    assert cusum.pass_over(runs, 3) == 3
    assert (cusum.statistic, cusum.told, cusum.runs, cusum.flows, cusum.look) == (0.0, False, 0, [], NOWHERE)


def test_only_the_first_flows_are_remembered(baselines: ShiftBaselines) -> None:
    cusum = Cusum()
    cusum.pass_over(_stretch(baselines, [0.001] * 300), 0)
    assert (cusum.runs, len(cusum.flows)) == (300, MOST_REFERENCES)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), drift=st.sampled_from([-0.5, -0.02, 0.0, 0.02]), first=st.integers(0, 90))
def test_many_runs_are_passed_over_as_one_after_another(
    baselines: ShiftBaselines, seed: int, drift: float, first: int
) -> None:
    drawn = np.random.default_rng(seed)
    factors = np.where(drawn.random(5_000) < 0.1, 0.0, drawn.normal(drift, 0.8, 5_000))
    runs = _stretch(baselines, factors.tolist())
    fast, slow = Cusum(statistic=0.7, runs=3), Cusum(statistic=0.7, runs=3)
    at = first
    while at < len(factors):
        passed, ended = fast.pass_over_zero(runs, at)
        assert (passed, ended) == _passed_one_by_one(slow, runs, at)
        assert _known(fast) == _known(slow)
        at = passed + 1
        if passed < len(factors):
            assert fast.grow(runs, passed) == slow.grow(runs, passed)


def _known(cusum: Cusum) -> tuple[object, ...]:
    """What counts of it: where it is at zero, nothing that came before."""
    since = (cusum.since, cusum.certain_since) if cusum.runs else ()
    told = cusum.told, cusum.certain_runs, cusum.value, cusum.flows, cusum.look, cusum.look_factor
    return cusum.statistic, cusum.runs, *since, *told


def _passed_one_by_one(cusum: Cusum, runs: Stretch, first: int) -> tuple[int, int | None]:
    ended = None
    for at in range(first, len(runs.factors)):
        grown = cusum.statistic + float(runs.factors[at])
        if grown >= CERTAIN * runs.threshold:
            return at, ended
        if grown <= 0.0 and ended is None:
            ended = at
        cusum.grow(runs, at)
    return len(runs.factors), ended


@pytest.mark.parametrize("measure", [OWN_TIME, RATE, PATHS])
def test_runs_that_go_on_count_as_one_after_another(baselines: ShiftBaselines, measure: int) -> None:
    drawn = np.random.default_rng(measure)
    runs = _stretch(baselines, drawn.normal(0.3, 0.6, 6_000).tolist())._replace(measure=measure)
    many, one = Cusum(told=True, runs=1), Cusum(told=True, runs=1)
    many.statistic = one.statistic = 0.9 * runs.threshold
    passed = many.go_on(runs, 0)
    assert passed > 100
    for at in range(passed):
        one.grow(runs, at)
    assert many == one
    one.grow(runs, passed)
    assert one.statistic < CERTAIN * runs.threshold or passed == 4_096
