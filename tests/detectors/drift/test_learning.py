"""Readings to baselines."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from coldtrail.detectors.drift.baselines import ALL_PATHS, MOST_PATHS, OTHER_PATHS, ShiftBaselines
from coldtrail.detectors.drift.change_points import ChangePoints
from coldtrail.detectors.drift.learning import learn_baselines
from coldtrail.detectors.drift.readings import (
    DURATION,
    OWN_TIME,
    PATHS,
    RARE_PATHS,
    RATE,
    Reading,
    Readings,
)
from coldtrail.detectors.drift.storing import state_of
from tests.detectors.drift.histories import (
    NEVER,
    SELDOM,
    START,
    USUAL,
    changed,
    columns,
    followed,
    history,
    slower,
)


def test_the_order_of_readings_does_not_matter(baselines: ShiftBaselines) -> None:
    mixed = history(800)
    Random(1).shuffle(mixed)
    again = state_of(learn_baselines(columns(mixed)))
    for name, array in state_of(baselines).items():
        assert np.array_equal(array, again[name]), name


def test_durations_are_learned_by_path_where_there_are_enough(baselines: ShiftBaselines) -> None:
    assert set(baselines.functions[1].groups) == {ALL_PATHS, USUAL}


def test_an_explosion_of_paths_is_contained() -> None:
    wild = [one._replace(path=3 + 2 * place) for place, one in enumerate(history(600))]
    known = learn_baselines(columns(wild)).functions[1]
    assert len(known.paths) <= MOST_PATHS
    assert known.path_log_e_values[0] < 0.1
    assert known.rare_path_log_e_values == (0.0, 0.0)


def test_a_function_that_has_shifted_before_needs_more_to_be_told(baselines: ShiftBaselines) -> None:
    unsteady = changed(history(800), 400, slower)
    known = learn_baselines(columns(unsteady)).functions[1]
    assert known.thresholds[DURATION] > baselines.functions[1].thresholds[DURATION]


def test_a_single_run_teaches_without_failing() -> None:
    known = learn_baselines(columns(history(1))).functions[1]
    assert known.runs == 1
    assert known.gaps == {}


def test_the_noise_of_a_clock_is_no_difference() -> None:
    noise = [1e-7 * (i % 5) for i in range(300)]
    runs = zip(history(300), noise, strict=True)
    steady = [one._replace(duration=0.1 + more, own_time=0.003 + more) for one, more in runs]
    known = learn_baselines(columns(steady)).functions[1]
    assert known.highest[DURATION] == known.highest[OWN_TIME] == 0.0


def test_rare_paths_are_compared_with_each_other() -> None:
    runs = history(700)
    for i in range(0, 700, 10):
        runs[i] = runs[i]._replace(path=5 + 2 * (i % 7), own_time=0.02)
    known = learn_baselines(columns(runs)).functions[1]
    assert OTHER_PATHS in known.groups
    assert known.highest[OWN_TIME] < 8


def test_functions_known_from_few_runs_do_not_shift_by_chance() -> None:
    """At the odds of their mean shares two did, where a tenth of one was promised."""
    found = []
    for seed in range(40):
        change_points = ChangePoints(learn_baselines(columns(history(60, seed))))
        found += followed(change_points, history(350, seed + 1000))
    assert found == []


def sampled(runs: list[Reading], most_alike: int, seed: int = 0) -> Readings:
    """What a history keeps of runs: of each path so many at most, that stand for all."""
    random = Random(seed)
    kept: list[Reading] = []
    for path in {one.path for one in runs}:
        mine = [one for one in runs if one.path == path]
        some = mine if len(mine) <= most_alike else random.sample(mine, most_alike)
        kept += [one._replace(weight=len(mine) / len(some)) for one in some]
    return columns(sorted(kept, key=lambda one: one.start))


@pytest.mark.parametrize("runs", [1_500, 4_000, 12_000])
def test_no_threshold_grows_with_the_runs_that_a_history_keeps_a_sample_of(runs: int) -> None:
    """Of the usual path a few are kept, of the rare ones all: they come no more often for that."""
    baseline = learn_baselines(sampled(history(runs, seed=3), 400)).functions[1]
    assert baseline.thresholds[PATHS] < 20.0
    assert baseline.thresholds[RARE_PATHS] < 20.0
    lost = [one._replace(path=NEVER if at % 2 else one.path) for at, one in enumerate(history(120, seed=4))]
    found = followed(ChangePoints(ShiftBaselines({1: baseline})), lost)
    assert {PATHS, RARE_PATHS} <= {one.measure for one in found}


def test_bursts_between_the_runs_that_are_kept_are_no_rate() -> None:
    """Runs come twelve at once; of these one or two are kept, and never again so near each other."""
    random, now, runs = Random(5), START, []
    for one in history(6_000, seed=6):
        now += random.expovariate(1 / 3.0) if len(runs) % 12 == 0 else 0.004
        runs.append(one._replace(start=now, path=USUAL if random.random() < 0.9 else SELDOM))
    taught = learn_baselines(sampled(runs, 500))
    again = [one._replace(start=one.start + 90_000.0) for one in runs[:3_000]]
    assert [one.measure for one in followed(ChangePoints(taught), again)] == []
    faster = [one._replace(start=again[0].start + (one.start - again[0].start) / 5) for one in again]
    assert RATE in {one.measure for one in followed(ChangePoints(taught), faster)}


def test_functions_that_timers_start_in_clusters_mute_no_sister_known_from_few_runs() -> None:
    """Of a function with 70 runs a burst of 25 was lost where two sisters run thirty times at once."""
    few = [[one._replace(function=at) for one in history(70, at, every_s=1_200.0)] for at in range(2, 6)]
    timed = [
        one._replace(function=function, caller=9, start=START + 2_000.0 * (place // 30) + 0.2 * (place % 30))
        for function in (6, 7)
        for place, one in enumerate(history(1_200, function))
    ]
    alone = learn_baselines(columns([one for runs in few for one in runs]))
    beside = learn_baselines(columns([one for runs in [*few, timed] for one in runs]))
    assert beside.functions[6].exponents[RATE] < 0.5
    for function in range(2, 6):
        limits = [known.functions[function].thresholds[RATE] for known in (alone, beside)]
        assert limits[1] < 1.5 * limits[0]
