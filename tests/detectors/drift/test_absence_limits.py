"""How long things stay away before they have stopped."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from coldtrail.detectors.drift.absence_limits import (
    FAILURES,
    WHOLE,
    clock,
    counted,
    learn_absence_limits,
    longest,
    tail_of,
)
from coldtrail.detectors.drift.learning import learn_baselines
from coldtrail.detectors.drift.readings import readings_of
from coldtrail.features.arrays import MOST
from coldtrail.features.encode import encode
from coldtrail.testing import START, make_key
from tests.detectors.drift.lives import life, taught


def test_runs_are_counted_group_by_group() -> None:
    groups = np.array([2, 1, 2, 2, 1])
    assert counted(groups, np.array([1.0, 1.0, 3.0, 0.0, 1.0])).tolist() == [1, 1, 4, 4, 2]


def test_a_rush_counts_no_faster_than_usual_and_a_night_not_at_all() -> None:
    start = np.array([0.0, 10.0, 11.0, 12.0, 30_000.0])
    passed = clock(np.ones(5, np.int64), start, np.ones(5), np.array([1.0, 10.0]))
    assert passed.tolist() == pytest.approx([0.0, 1.0, 1.1, 1.2, 2.2])


def test_absences_of_independent_runs_are_not_told_before_chance_explains_them() -> None:
    limits = np.random.default_rng(3).geometric(0.1, 5000).astype(float)
    most = longest(limits, 1e-6)
    assert most is not None
    assert np.log(1e6) / -np.log(0.9) < most < 10 * np.log(1e6) / -np.log(0.9)


def test_heavier_tails_and_longer_absences_are_waited_for() -> None:
    random = np.random.default_rng(4)
    light, heavy = random.exponential(10, 2000), random.pareto(1.5, 2000) * 10
    assert tail_of(heavy, 1e-6) > 10 * tail_of(light, 1e-6)
    lumps = np.append(np.ones(200), 4000.0)
    assert (longest(lumps, 1e-6) or 0) >= 12_000
    assert longest(np.ones(10), 1e-6) is None


def test_runs_that_start_together_teach_no_absence_that_a_bundle_cannot_hold() -> None:
    together = np.append(np.zeros(500), np.full(10, 1e3))
    most = longest(together, 1e-12)
    assert most is not None
    assert most <= MOST


def test_things_that_come_now_and_then_are_waited_for() -> None:
    _, words, limits = taught(life(8))
    order = words.functions.numbers[make_key()]
    audit = next(n for step, n in words.steps.numbers.items() if step[3] == "Audit")
    assert set(limits[order]) == {WHOLE, FAILURES, audit}
    assert limits[order][audit].usual == pytest.approx(0.5, abs=0.05)
    assert limits[order][WHOLE].pace == pytest.approx(24, abs=4)
    assert limits[order][FAILURES].runs > limits[order][audit].runs


def test_what_is_gone_already_and_what_is_seldom_is_not_waited_for() -> None:
    flows = life(8)
    late = START + 5 * 3600
    gone = [flow for flow in flows if flow.function_name == "Order" or flow.start_time < late]
    quiet = [msgspec.structs.replace(flow, error=False) for flow in gone]
    _, words, limits = taught(quiet)
    assert words.functions.numbers[make_key("Mail")] not in limits
    assert FAILURES not in limits[words.functions.numbers[make_key()]]


def test_what_people_say_has_stopped_is_waited_for_again_once_it_is_back() -> None:
    flows, words, limits = taught(life(8))
    functions = learn_baselines(readings_of(flows)).functions
    mail = words.functions.numbers[make_key("Mail")]
    lately = learn_absence_limits(flows, words, functions, {(mail, WHOLE): START + 7.9 * 3600})
    long_ago = learn_absence_limits(flows, words, functions, {(mail, WHOLE): START + 3600})
    assert mail not in lately
    assert long_ago == limits


def test_no_flows_teach_nothing() -> None:
    _, words, limits = taught([])
    assert limits == {}
    assert learn_absence_limits(encode([], words), words, {}) == {}


def test_runs_that_all_start_at_once_have_no_absences() -> None:
    assert longest(np.zeros(60), 1e-6) is None
