"""What is counted of verdicts; detectors with a silent channel; days and moved flows."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from benchmarks.quality.days import day, days_before
from benchmarks.quality.figures import Rate
from benchmarks.quality.judging import outcome, settings_for, taught
from benchmarks.quality.measures.paper import ready_functions, seen_set, unsupported
from benchmarks.quality.muted import channels, muted
from benchmarks.quality.reading import moved, read
from coldtrail.bundle.model import Model, new_detectors
from coldtrail.features.encode import encode
from coldtrail.learning.evaluate import Label
from coldtrail.records.flow import Flow
from coldtrail.testing import make_flow, make_history
from tests.benchmarks.quality.small_runs import case

ALIEN = make_flow([("DeleteBucket", "S3", "never-seen", 7.5)], flow_id="alien", cold=True)
QUIET = make_flow([("GetItem", "DynamoDB", "Stock", 0.01)], flow_id="quiet")


@pytest.fixture(scope="module")
def history() -> list[Flow]:
    return make_history(300)


@pytest.fixture(scope="module")
def model(history: list[Flow]) -> Model:
    return taught(history)


def test_an_attack_is_found_or_missed(model: Model, history: list[Flow]) -> None:
    labels = {"alien": Label("alien", "mining", ("elsewhere",)), history[0].function_flow_id: Label("", "x")}
    found = outcome(model, [*history[:20], ALIEN], labels)
    assert found.attacks == {"mining": Rate(1, 1), "x": Rate(0, 1)}
    assert (found.found, found.named) == (Rate(1, 2), Rate(0, 1))
    assert [one.what for one in found.missed] == ["x"]
    assert found.false.whole == 19
    assert found.alerts.whole - found.alerts.part == 1


def test_a_benign_flow_that_alarms_cries_wolf(model: Model) -> None:
    found = outcome(model, [ALIEN], {})
    assert found.false == found.cold == found.alerts == Rate(1, 1)
    assert found.precision == Rate(0, 1)
    assert found.pr_auc is None
    (wolf,) = found.false_alarms
    assert (wolf.function, wolf.flow_id, wolf.cold) == ("Order", "alien", True)
    assert "never-seen" in wolf.what


def test_a_function_never_learned_is_missed_as_not_ready(model: Model) -> None:
    stranger = msgspec.structs.replace(ALIEN, function_name="Other")
    found = outcome(model, [stranger], {"alien": Label("alien", "mining")})
    assert (found.not_ready, found.found) == (1, Rate(0, 1))
    assert found.missed[0].what == "mining (not ready)"


def test_the_seen_set_judges_what_coldtrail_judges(history: list[Flow]) -> None:
    labels = {"alien": Label("alien", "mining")}
    assert ready_functions([*history, *make_history(9, function="New")]) == {"Order"}
    found, false = seen_set(history, [QUIET, ALIEN], labels)
    assert (found, false.whole) == (Rate(1, 1), 1)


def test_a_budget_beyond_the_history_does_not_pass_without_a_word(history: list[Flow]) -> None:
    _, said = unsupported(history)
    assert "budget" in said


def test_a_muted_channel_says_nothing(history: list[Flow]) -> None:
    for name, channel in channels():
        silent = muted(name, channel)
        assert muted(name, channel) == silent
        taught_without = taught(history, detectors=[silent])
        column = [one.name for one in new_detectors([silent])[silent].channels].index(channel)
        detector = taught_without.detectors[silent]
        assert not detector.score(encode([ALIEN], taught_without.vocabulary))[:, column].any()
    assert {name for name, _ in channels()} == set(settings_for().detection.detectors)


def test_a_moved_flow_keeps_its_pace() -> None:
    later = moved(ALIEN, 60.0, "-b")
    assert later.function_flow_id == "alien-b"
    assert later.start_time - ALIEN.start_time == 60.0
    gaps = [b.start_time - a.start_time for a, b in zip(ALIEN.events, later.events, strict=True)]
    np.testing.assert_allclose(gaps, 60.0)
    assert later.self_times == ALIEN.self_times


def test_the_days_before_come_from_other_seeds(recorded: Path) -> None:
    own = read(case(recorded).run("learn")).flows
    history = days_before(case(recorded))
    today = [flow for flow in history if day(flow.start_time) == day(own[0].start_time)]
    assert len(history) > len(today) == len(own)
    assert [flow.start_time for flow in history] == sorted(flow.start_time for flow in history)
