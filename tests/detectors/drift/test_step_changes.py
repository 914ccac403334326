"""Steps that take longer: what is told of them, after how many runs, and what is not."""

from __future__ import annotations

from functools import cache
from random import Random

import pytest
from msgspec.structs import replace

from coldtrail.detectors.drift.baselines import ShiftBaselines
from coldtrail.detectors.drift.following import Following
from coldtrail.detectors.drift.readings import DURATION, OWN_TIME, STEP_TIME
from coldtrail.detectors.drift.step_changes import StepChanges
from coldtrail.detectors.drift.timed import OWN
from coldtrail.errors import BundleError
from coldtrail.records.stage import packed
from coldtrail.testing import START
from tests.detectors.drift.paced import (
    ASK,
    DAY_S,
    READ,
    WRITE,
    Late,
    Taught,
    following,
    from_then,
    judged,
    ordinary,
    runs,
    taught,
    told,
)

LATER = START + 10 * DAY_S


@cache
def busy() -> Taught:
    """What runs teach of which twenty come in a second."""
    return taught(runs(4_000, 1, every_s=0.05))


def changed(late: Late, seed: int = 2, number: int = 500) -> list[tuple[int, str, float, float, int]]:
    """What is told of runs: measure, action of the step, before, after, and how many runs it took."""
    known = ordinary()
    found = told(known, runs(number, seed, late, start=LATER))
    assert all(one.function == 1 for one in found)
    return [
        (
            one.measure,
            known.words.steps[one.effect.kind][0] if one.effect.kind > OWN else "",
            one.effect.before,
            one.effect.after,
            one.runs,
        )
        for one in found
    ]


def test_ordinary_runs_show_no_slower_step() -> None:
    assert [one for seed in range(2, 12) for one in changed(lambda *_: 1.0, seed, 1_000)] == []


@pytest.mark.parametrize("seed", range(3))
def test_all_steps_a_fifth_slower_are_told_within_200_runs(seed: int) -> None:
    """Whichever step shows it first, that it is all of them is told, once two steps show it."""
    found = changed(from_then(LATER, 1.2), seed + 20, 200)
    whole = next(one for one in found if one[0] == DURATION)
    assert 1.1 <= whole[3] / whole[2] <= 1.7, "by the first runs that show it"


@pytest.mark.parametrize("seed", range(3))
def test_one_step_a_fifth_slower_is_told_by_its_name_alone(seed: int) -> None:
    found = changed(from_then(LATER, 1.2, WRITE), seed + 30, 300)
    assert {(measure, action) for measure, action, *_ in found} == {(STEP_TIME, WRITE)}
    _, _, before, after, _ = found[0]
    assert before == pytest.approx(0.01, rel=0.1)
    assert 1.1 <= after / before <= 1.6


@pytest.mark.parametrize("times", [1.2, 2.0, 5.0])
def test_a_call_that_a_cache_answers_now_and_then_is_told_by_what_either_takes(times: float) -> None:
    """Seven of ten calls are answered in a tenth of the time: most of their spread lies between the two."""

    def answered(at: float, step: str) -> float:
        return 0.1 if step == WRITE and Random(f"{at}").random() < 0.7 else 1.0

    def late(at: float, step: str) -> float:
        return answered(at, step) * from_then(LATER, times, WRITE)(at, step)

    known = taught(runs(1_200, 1, answered))
    for seed in range(30, 36):
        found = told(known, runs(130, seed, late, start=LATER))
        assert WRITE in {known.words.steps[one.effect.kind][0] for one in found}, seed


def test_a_call_of_three_milliseconds_that_takes_half_a_second_is_told_at_once() -> None:
    found = changed(from_then(LATER, 166.0, READ), number=60)
    (step,) = [one for one in found if one[:2] == (STEP_TIME, READ)]
    assert step[3] == pytest.approx(0.5, rel=0.3)
    assert step[4] <= 30


def test_a_step_that_is_slow_in_a_third_of_the_runs_is_told() -> None:
    random = Random(5)

    def late(at: float, step: str) -> float:
        return 10.0 if step == READ and random.random() < 0.33 else 1.0

    assert (STEP_TIME, READ) in {one[:2] for one in changed(late, number=200)}


def test_own_code_is_told_as_such_where_the_run_takes_longer_by_it() -> None:
    known = ordinary()
    slower = [replace(flow, own_time=flow.own_time + 0.1) for flow in runs(200, 40, start=LATER)]
    assert OWN_TIME in {one.measure for one in told(known, slower)}
    hardly = [replace(flow, own_time=flow.own_time + 0.002) for flow in runs(200, 41, start=LATER)]
    assert {(one.measure, one.effect.kind) for one in told(known, hardly)} == {(STEP_TIME, OWN)}


def test_runs_that_alarmed_have_been_told() -> None:
    known = ordinary()
    flows = runs(300, 50, from_then(LATER, 3.0, ASK), start=LATER)
    assert told(known, flows)
    assert following(known, flows, anomalous="Order50").found == []


def test_what_goes_beyond_what_was_told_is_told_again_from_where_it_began() -> None:
    def late(at: float, step: str) -> float:
        return 1.5 ** min(1 + int((at - LATER) / DAY_S), 3) if step == WRITE else 1.0

    steps = [one for one in changed(late, number=900) if one[:2] == (STEP_TIME, WRITE)]
    assert len(steps) >= 2
    assert all(before == pytest.approx(0.01, rel=0.1) for _, _, before, *_ in steps)
    assert [after for *_, after, _ in steps] == sorted(after for *_, after, _ in steps)


@pytest.mark.parametrize(
    ("times", "seconds", "is_told"), [(1.3, 15.0, False), (1.3, 400.0, True), (10.0, 15.0, True)]
)
def test_where_runs_come_many_a_second_times_must_be_longer_for_longer_than_a_rush(
    times: float, seconds: float, is_told: bool
) -> None:
    """The times of 15 seconds, in which 300 runs come, wander; those of minutes do so by far less."""
    known = busy()
    late = from_then(LATER, times, READ)
    flows = runs(int(20 * seconds), 80, late, start=LATER, every_s=0.05)
    flows += runs(2_000, 81, start=flows[-1].start_time, every_s=0.05)
    found = told(known, flows)
    assert bool(found) == is_told
    assert all(one.measure == STEP_TIME for one in found)


def test_what_lasts_is_known_by_all_of_its_runs() -> None:
    stage = following(ordinary(), runs(400, 60, from_then(LATER, 1.5, WRITE), start=LATER))
    (one,) = [one for one in stage.lasting() if one.measure == STEP_TIME]
    assert one.effect.after / one.effect.before == pytest.approx(1.5, abs=0.1)
    over = runs(400, 60, from_then(LATER, 1.5, WRITE), start=LATER)
    again = runs(200, 61, start=over[-1].start_time)
    assert following(ordinary(), over + again).lasting() == []


@pytest.mark.parametrize("batch", [7, 50, 333])
def test_neither_cuts_nor_snapshots_change_what_is_told(batch: int) -> None:
    known = ordinary()
    flows = runs(400, 70, lambda at, step: 1.3 if at > LATER + DAY_S / 2 else 1.0, start=LATER)
    whole = told(known, flows)
    assert whole
    assert told(known, flows, batch) == whole
    first, second = (Following(known.baselines, known.words) for _ in range(2))
    cut = min(2 * batch, 350)
    first.push([judged(known, flows[:cut])])
    first.advance(flows[cut].start_time)
    second.restore(first.snapshot())
    second.push([judged(known, flows[cut:])])
    second.advance(float("inf"))
    assert [(one.measure, one.found, one.effect) for one in second.found] == [
        (one.measure, one.found, one.effect) for one in whole
    ]


def test_functions_of_older_bundles_are_followed_as_they_were() -> None:
    known = ordinary()
    older = known._replace(baselines=ShiftBaselines(known.baselines.functions, known.baselines.hours))
    found = told(older, runs(400, 80, from_then(LATER, 2.0), start=LATER))
    assert {one.measure for one in found} == {DURATION}


def test_many_functions_are_each_followed_by_their_own_history() -> None:
    history = runs(600, 90) + runs(600, 91, lambda *_: 3.0, function="Mail")
    known = taught(sorted(history, key=lambda flow: flow.start_time))
    calm = runs(400, 92, start=LATER) + runs(400, 93, lambda *_: 3.0, start=LATER, function="Mail")
    assert told(known, sorted(calm, key=lambda flow: flow.start_time)) == []


@pytest.mark.parametrize("cusums", [None, {99: {}}, {-1: {}}, {0: {"told": True, "told_as": 0}}])
def test_a_damaged_state_is_refused(cusums: object) -> None:
    with pytest.raises(BundleError):
        StepChanges(ordinary().baselines).restore({"cusums": packed(cusums)})
