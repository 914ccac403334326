"""What is missed in flows."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from math import inf
from random import Random
from zlib import crc32

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldtrail.detectors.drift.absence import Absence, in_order
from coldtrail.detectors.drift.baselines import AbsenceLimits
from coldtrail.detectors.drift.readings import NO_FAILURES, NO_STEP, SILENCE
from coldtrail.detectors.drift.runs import Detection
from coldtrail.errors import BundleError
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.records.stage import packed
from coldtrail.testing import START, make_flow
from tests.detectors.drift.at_once import missed
from tests.detectors.drift.lives import USUAL, life, runs_among, stopped, taught

_CUT_S = START + 28 * 3600


@cache
def _learned() -> tuple[AbsenceLimits, Vocabulary]:
    _, words, limits = taught(life(8))
    return limits, words


@cache
def _later() -> tuple[Flow, ...]:
    return tuple(life(12, 7, "b", after=24 * 3600.0))


def _without_audit(flow: Flow) -> Flow:
    if flow.start_time < _CUT_S or flow.function_name != "Order":
        return flow
    return make_flow([USUAL], flow_id=flow.function_flow_id, start=flow.start_time, error=flow.error)


@pytest.mark.parametrize("seed", range(5))
def test_the_same_life_lacks_nothing(seed: int) -> None:
    assert stopped(*_learned(), life(30, seed + 20, "c", after=24 * 3600.0)) == []


def test_a_function_that_went_silent_is_told_once() -> None:
    flows = [flow for flow in _later() if flow.function_name == "Order" or flow.start_time < _CUT_S]
    (found,) = stopped(*_learned(), flows)
    last = max(flow.start_time for flow in flows if flow.function_name == "Mail")
    assert found.measure == SILENCE
    assert found.since == pytest.approx(last, abs=1.0)
    assert found.found - last < 3 * 3600
    assert found.effect.after == pytest.approx(flows[-1].start_time - last, abs=1.0)


def test_a_step_and_failures_that_come_no_more_are_told() -> None:
    limits, words = _learned()
    (step,) = stopped(limits, words, [_without_audit(flow) for flow in _later()])
    assert (step.measure, words.steps[step.effect.kind][3]) == (NO_STEP, "Audit")
    assert step.since < _CUT_S < step.found < _CUT_S + 2 * 3600
    fine = [msgspec.structs.replace(flow, error=flow.error and flow.start_time < _CUT_S) for flow in _later()]
    (failures,) = stopped(limits, words, fine)
    assert failures.measure == NO_FAILURES
    assert failures.effect.before == pytest.approx(0.1, abs=0.04)


def test_runs_that_alarmed_by_themselves_are_not_missed_twice() -> None:
    flows = [_without_audit(flow) for flow in _later()]
    strange = [flow.function_flow_id for flow in flows if flow.start_time >= _CUT_S]
    assert stopped(*_learned(), flows, alarmed=strange) == []


def test_sampled_telemetry_and_a_rush_elsewhere_silence_nobody() -> None:
    sampled = [flow for flow in _later() if crc32(flow.application_flow_id.encode()) % 10 == 0]
    assert stopped(*_learned(), sampled) == []
    rush = [make_flow([USUAL], flow_id=f"r{i}", start=_CUT_S + 0.02 * i) for i in range(5000)]
    assert [one.measure for one in stopped(*_learned(), [*_later(), *rush]) if one.measure == SILENCE] == []


def test_a_weekend_after_a_week_of_working_days_silences_nobody() -> None:
    """Of 62 hours, where the nights that were learned have 14."""
    random = Random(5)

    def days(first: int, number: int, prefix: str) -> list[Flow]:
        flows = []
        for hour in range(24 * first, 24 * (first + number)):
            open_ = hour // 24 % 7 < 5 and 8 <= hour % 24 < 18
            for i, name in enumerate(["Always"] * 10 + ["Office"] * 15 * open_):
                start = START + 3600 * (hour + random.random())
                flows.append(make_flow([USUAL], flow_id=f"{prefix}{hour}-{i}", function=name, start=start))
        return sorted(flows, key=lambda flow: flow.start_time)

    _, words, limits = taught(days(0, 5, "a"))
    assert set(limits) == {1, 2}
    assert stopped(limits, words, days(5, 4, "b")) == []


def test_neither_order_nor_batches_matter() -> None:
    flows = [_without_audit(flow) for flow in _later()]
    plain = stopped(*_learned(), flows)
    Random(3).shuffle(flows)
    mixed = stopped(*_learned(), flows, batch=17)
    assert [(one.since, one.found, one.runs, one.effect) for one in plain] == [
        (one.since, one.found, one.runs, one.effect) for one in mixed
    ]


def test_nothing_learned_and_nothing_seen_lack_nothing() -> None:
    _, words = _learned()
    assert stopped({}, Vocabulary(), list(_later())) == []
    assert stopped(_learned()[0], words, []) == []
    strangers = [msgspec.structs.replace(flow, function_name="New") for flow in _later()]
    assert stopped(*_learned(), strangers) == []
    assert Absence({}, words).push([]) == []


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.integers(0, 3_000), max_size=5))
def test_runs_cut_in_any_way_lack_what_they_lack_at_once(seed: int, cuts: list[int]) -> None:
    limits, words = _learned()
    flows, alarmed = _uneven(seed)
    whole = runs_among(flows, words, limits, alarmed)
    told: dict[tuple[int, int], Detection] = {}
    absence = Absence(limits, words)
    for first, end in pairwise(sorted({0, *(min(cut, len(flows)) for cut in cuts), len(flows)})):
        some = absence.push([whole.take(np.arange(first, end))])
        told |= {(one.function, one.effect.kind): one for one in some}
        state = absence.snapshot()
        absence = Absence(limits, words)
        absence.restore(state)
    told |= {(one.function, one.effect.kind): one for one in absence.advance(inf)}
    assert in_order(list(told.values())) == missed(limits, words, whole)
    assert absence.stopped() == missed(limits, words, whole, lasting=True)


def _uneven(seed: int) -> tuple[list[Flow], list[str]]:
    """Runs some kinds of which absence now and then, and the ids of those that alarm by themselves."""
    random = Random(seed)
    flows = life(18, seed, "u", after=24 * 3600.0)
    for number in range(random.randrange(4)):
        begin = START + 3600 * (24 + 18 * random.random())
        end = begin + 3600 * random.choice((2, 4, 8))
        kept: list[Flow] = []
        for flow in flows:
            if not begin <= flow.start_time < end:
                kept.append(flow)
            elif number % 3 == 1:
                kept.append(msgspec.structs.replace(flow, error=False))
            elif number % 3 == 2 or flow.function_name == "Order":
                kept.append(
                    make_flow(
                        [USUAL],
                        flow_id=flow.function_flow_id,
                        function=flow.function_name,
                        start=flow.start_time,
                        error=flow.error,
                    )
                )
        flows = kept
    return flows, [flow.function_flow_id for flow in flows if random.random() < 0.05]


def test_a_damaged_state_is_refused() -> None:
    absence = Absence(*_learned())
    for name in absence.snapshot():
        with pytest.raises(BundleError, match="damaged"):
            absence.restore(absence.snapshot() | {name: packed("no")})
