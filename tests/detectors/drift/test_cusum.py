"""A statistic that rises, falls to zero, and is told of."""

from __future__ import annotations

import numpy as np

from coldtrail.detectors.drift.baselines import ShiftBaselines
from coldtrail.detectors.drift.cusum import CERTAIN, MOST_REFERENCES, NOWHERE, Cusum, Stretch
from coldtrail.detectors.drift.readings import OWN_TIME
from tests.detectors.drift.histories import columns, history, lying


def _stretch(baselines: ShiftBaselines, factors: list[float]) -> Stretch:
    readings = columns(history(len(factors)))
    return Stretch(
        baselines.functions[1], OWN_TIME, readings, range(len(factors)), lying(len(factors)), np.array(factors)
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
