"""What histories teach of the times of steps: from samples, by the hour, and where runs are slow together."""

from __future__ import annotations

from math import exp, sin, tau
from random import Random

import numpy as np
import pytest

from coldtrail.detectors.drift.readings import STEP_TIME
from coldtrail.detectors.drift.step_times import StepTimes
from coldtrail.detectors.drift.timed import WHOLE
from coldtrail.features.batch import Bools, Encoded
from coldtrail.testing import START
from tests.detectors.drift.paced import ASK, DAY_S, READ, WRITE, from_then, ordinary, runs, taught, told

LATER = START + 20 * DAY_S


def lateness(seed: int, sigma: float, lasts_s: float) -> dict[int, float]:
    """How late a service is, as a logarithm, from one tenth of that time to the next."""
    random = Random(seed)
    now, out = 0.0, {}
    for tenth in range(200_000):
        now = 0.9 * now + random.gauss(0.0, sigma * 0.19**0.5)
        out[tenth] = now
    return out


def test_each_step_is_followed_and_all_together() -> None:
    known = ordinary()
    steps = known.baselines.step_times
    actions = {known.words.steps[kind][0] for kind in steps.kind.tolist() if kind > 0}
    assert actions == {READ, ASK, WRITE}
    assert (steps.kind == WHOLE).sum() == 1
    assert (steps.limit > 5.0).all()
    assert (steps.limit < 13.0).all()


def test_functions_with_few_runs_are_not_followed() -> None:
    assert len(taught(runs(45, 2)).baselines.step_times) == 0


def test_what_is_kept_of_each_kind_tells_what_all_of_it_would() -> None:
    """Of runs that ask quickly one in ten is kept, of the others each."""
    random = Random(1)
    late = [10.0 if random.random() < 0.1 else 1.0 for _ in range(3_000)]
    flows = runs(3_000, 5)
    places = {flow.start_time: at for at, flow in enumerate(flows)}
    starts = np.array(list(places))

    def slowed(at: float, step: str) -> float:
        return late[int(np.abs(starts - at).argmin())] if step == ASK else 1.0

    flows = runs(3_000, 5, slowed)
    rare = np.array(late) > 1.0

    def sample(encoded: Encoded) -> Encoded:
        kept: Bools = rare | (np.arange(3_000) % 10 == 0)
        weight = np.where(rare, 1.0, 10.0)[kept]
        return encoded.take(np.flatnonzero(kept)).weighing(weight)

    whole, some = taught(flows).baselines.step_times, taught(flows, sample).baselines.step_times
    assert some.median == pytest.approx(whole.median, abs=0.35)
    ask = np.flatnonzero(whole.counts == whole.counts[whole.kind > 0].min())[0]
    assert some.points[ask, 60] > some.points[ask, 32] + 1_000
    assert some.points[ask, 50] == pytest.approx(whole.points[ask, 50], abs=250)


def test_the_hour_of_the_day_is_taken_out_where_days_agree_on_it() -> None:
    def by_hour(at: float, step: str) -> float:
        return exp(0.5 * sin(tau * at / DAY_S))

    daily = taught(runs(4_000, 6, by_hour)).baselines.step_times
    assert np.ptp(daily.hours) > 1.0
    assert (ordinary().baselines.step_times.hours == 0.0).all()
    known = taught(runs(4_000, 6, by_hour))
    assert told(known, runs(1_500, 7, by_hour, start=LATER)) == []
    slow = from_then(LATER, 1.3)
    found = told(known, runs(300, 8, lambda at, step: by_hour(at, step) * slow(at, step), start=LATER))
    assert found


@pytest.mark.parametrize("sampled", [False, True])
def test_where_runs_are_slow_together_they_count_for_fewer(sampled: bool) -> None:
    """A service is late for half a minute at a time, in which 60 runs come."""
    late = lateness(3, 0.3, 30.0)

    def wandering(at: float, step: str) -> float:
        return exp(late[int((at - START) / 3.0) % 200_000]) if step == WRITE else 1.0

    def sample(encoded: Encoded) -> Encoded:
        kept = np.flatnonzero(np.arange(len(encoded)) % 10 == 0)
        return encoded.take(kept).weighing(np.full(len(kept), 10.0))

    flows = runs(6_000, 9, wandering, every_s=0.5)
    known = taught(flows, sample) if sampled else taught(flows)
    steps = known.baselines.step_times
    write = {known.words.steps[kind][0]: row for row, kind in enumerate(steps.kind.tolist()) if kind > 0}[
        WRITE
    ]
    assert steps.spread[write] > 2.0
    assert (ordinary().baselines.step_times.spread < 1.3).all()
    later = START + 40_000.0
    assert told(known, runs(6_000, 10, wandering, start=later, every_s=0.5)) == []
    tenfold = from_then(later, 10.0, WRITE)
    found = told(
        known,
        runs(600, 11, lambda at, step: wandering(at, step) * tenfold(at, step), start=later, every_s=0.5),
    )
    assert STEP_TIME in {one.measure for one in found}


@pytest.mark.parametrize("seed", range(8))
def test_a_last_stretch_of_a_single_run_makes_nothing_wider(seed: int) -> None:
    """Means are compared over 64 runs each; of 641 one is left, which may be any."""
    steps = taught(runs(641, 60 + seed)).baselines.step_times
    assert (steps.spread[steps.kind != WHOLE] < 1.1).all()


def test_days_that_differ_widen_what_counts_as_usual() -> None:
    random = Random(12)
    days = [exp(random.gauss(0.0, 0.3)) for _ in range(90)]

    def by_day(at: float, step: str) -> float:
        return days[int((at - START) / DAY_S)]

    uneven = taught(runs(2_000, 13, by_day, every_s=3_000.0)).baselines.step_times
    even = taught(runs(2_000, 13, every_s=3_000.0)).baselines.step_times
    assert uneven.margin.mean() > 2 * even.margin.mean()
    known = taught(runs(2_000, 13, by_day, every_s=3_000.0))
    assert told(known, runs(300, 14, by_day, start=START + 75 * DAY_S, every_s=3_000.0)) == []


def test_more_of_the_same_history_takes_nothing_away() -> None:
    """Up to what a history keeps; beyond it, the runs that are kept stand for more."""
    late = from_then(LATER, 1.3, WRITE)
    slow = runs(250, 15, late, start=LATER)
    took = []
    for number, weight in ((600, 1.0), (1_500, 1.0), (1_500, 5.0), (1_500, 60.0)):

        def sample(encoded: Encoded, weight: float = weight) -> Encoded:
            return encoded.weighing(np.full(len(encoded), weight))

        found = told(taught(runs(number, 16), sample), slow)
        took.append(min(one.runs for one in found if one.measure == STEP_TIME))
    assert max(took) <= 150
    assert len(StepTimes()) == 0
