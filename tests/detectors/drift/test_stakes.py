"""A stake that rises, falls to zero, and is told of."""

from __future__ import annotations

from coldtrail.detectors.drift.baselines import ShiftBaselines
from coldtrail.detectors.drift.readings import OWN_TIME
from coldtrail.detectors.drift.stakes import CERTAIN, MOST_REFERENCES, NOWHERE, Stake, Stretch
from tests.detectors.drift.histories import columns, history, lying


def _stretch(baselines: ShiftBaselines, factors: list[float]) -> Stretch:
    readings = columns(history(len(factors)))
    return Stretch(
        baselines.functions[1], OWN_TIME, readings, range(len(factors)), lying(len(factors)), factors
    )


def test_runs_after_which_the_stake_is_not_certain_are_passed_over(baselines: ShiftBaselines) -> None:
    stake = Stake()
    certain = CERTAIN * baselines.functions[1].thresholds[OWN_TIME]
    runs = _stretch(baselines, [1.0, -2.0, -1.0, 0.5, 0.25, -0.25, certain, 1.0])
    assert stake.pass_over(runs, 0) == 6
    assert (stake.stake, stake.runs, stake.since) == (0.5, 3, runs.start(3))
    assert (stake.certain_since, stake.certain_runs) == (runs.start(5), 0)
    assert stake.flows == [3, 4]
    assert stake.look == 3


def test_a_stake_above_its_threshold_is_cut_and_one_back_at_zero_forgets(baselines: ShiftBaselines) -> None:
    stake = Stake()
    threshold = baselines.functions[1].thresholds[OWN_TIME]
    runs = _stretch(baselines, [threshold / 2, threshold, -threshold])
    assert [stake.pass_over(runs, 0), stake.grow(runs, 0), stake.grow(runs, 1)] == [0, False, True]
    assert (stake.stake, stake.certain_runs) == (threshold, 2)
    stake.told = True
    assert not stake.grow(runs, 2)
    assert stake.pass_over(runs, 3) == 3
    assert (stake.stake, stake.told, stake.runs, stake.flows, stake.look) == (0.0, False, 0, [], NOWHERE)


def test_only_the_first_flows_are_remembered(baselines: ShiftBaselines) -> None:
    stake = Stake()
    stake.pass_over(_stretch(baselines, [0.001] * 300), 0)
    assert (stake.runs, len(stake.flows)) == (300, MOST_REFERENCES)
