"""Detectors learn from all flows, the calibration from detectors that were blind to each."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.config import DetectionSettings, Settings
from coldtrail.errors import ConfigError
from coldtrail.features.batch import Ints
from coldtrail.learning import teaching
from coldtrail.learning.teaching import dealt
from coldtrail.learning.train import learn
from coldtrail.testing import make_flow, make_history
from tests.verbs.telemetry_files import GET, STEAL, USUAL


def settings(**detection: object) -> Settings:
    return Settings(detection=DetectionSettings(**detection))  # type: ignore[arg-type]


def test_no_detector_is_an_error() -> None:
    with pytest.raises(ConfigError, match="No detector is chosen"):
        learn(make_history(10), settings(detectors=()))


def test_a_stranger_is_strange_although_it_was_in_the_history() -> None:
    """Out-of-fold scores: a flow does not vouch for itself when the threshold is set."""
    history = [*make_history(400), make_flow([GET, STEAL], flow_id="odd")]
    training = learn(history, settings(budget=0.02))
    assert training.model.judge([make_flow([GET, STEAL, STEAL])])[0].verdict == "anomalous"
    assert (
        training.model.calibration.threshold_
        < learn(history, settings(budget=0.003)).model.calibration.threshold_
    )


def test_later_alarms_show_a_change_of_behaviour() -> None:
    steady = learn(make_history(400), Settings()).later_alarms
    late = [make_flow([GET, STEAL], flow_id=f"z{i}", start=1_795_900_000.0 + i) for i in range(80)]
    changed = learn([*make_history(320), *late], Settings()).later_alarms
    assert steady < 0.05
    assert changed > 0.5


def test_what_is_always_alike_does_not_alarm_later() -> None:
    """Equal scores stay equal when less is learned: nothing alarms for having a shorter history."""
    history = [make_flow(USUAL, flow_id=f"e{i}", start=1_795_000_000.0 + i) for i in range(300)]
    assert learn(history, Settings()).later_alarms == 0.0


def test_what_is_later_goes_by_time_whatever_the_ids() -> None:
    late = [make_flow([GET, STEAL], flow_id=f"a{i}", start=1_795_900_000.0 + i) for i in range(80)]
    assert learn([*make_history(320), *late], Settings()).later_alarms > 0.5


def test_all_flows_together_weigh_as_much_as_those_that_calibrated() -> None:
    sequence = learn(make_history(100), settings(folds=10)).model.detectors["sequence"]
    assert sequence.state()["weight"] == pytest.approx(0.9)


def test_functions_that_are_not_ready_do_not_alarm_later() -> None:
    late = [
        make_flow([GET, STEAL], flow_id=f"z{i}", function="New", start=1_795_900_000.0 + i) for i in range(80)
    ]
    assert learn([*make_history(320), *late], Settings()).later_alarms < 0.05


def test_every_fold_gets_its_share_of_every_function() -> None:
    function = np.array([1] * 5 + [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] * 40 + [11, 12, 12])
    fold = dealt(function, 10)
    for one in range(1, 13):
        share = np.bincount(fold[function == one], minlength=10)
        assert share.max() - share.min() <= 1


def test_what_is_done_every_tenth_time_is_spread_over_the_folds() -> None:
    fold = dealt(np.ones(1_000, np.int64), 10)
    assert len(set(fold[::10].tolist())) == 10
    assert (fold == dealt(np.ones(1_000, np.int64), 10)).all()


def test_the_few_of_a_rare_shape_fall_into_different_folds() -> None:
    random = np.random.default_rng(0)
    together = 0
    for _ in range(200):
        shape = np.zeros(400, np.int64)
        pair = random.choice(400, 2, replace=False)
        shape[pair] = 1
        fold = dealt(np.ones(400, np.int64), 10, shape)
        together += int(fold[pair[0]] == fold[pair[1]])
    assert together == 0


def test_functions_that_run_in_turn_are_learned_like_others() -> None:
    """A pipeline of ten functions: dealt in turn over time, each would have fallen into a fold of its own."""
    tables = [f"Table{i}" for i in range(10)]
    history = []
    for number in range(1_000):
        table = tables[number % 10]
        calls = [("GetItem", "DynamoDB", table, 0.01), ("PutItem", "DynamoDB", table, 0.01)]
        start = 1_795_000_000.0 + number
        history.append(make_flow(calls, flow_id=f"p{number}", function=f"On{table}", start=start))
    swapped = make_flow(
        [("PutItem", "DynamoDB", "Table4", 0.01), ("GetItem", "DynamoDB", "Table4", 0.01)],
        function="OnTable4",
    )
    assert learn(history, Settings()).model.judge([swapped])[0].verdict == "anomalous"


@pytest.mark.parametrize(("asked", "used"), [(10, 4), (3, 3)])
def test_the_figure_that_is_only_told_takes_fewer_folds(
    monkeypatch: pytest.MonkeyPatch, asked: int, used: int
) -> None:
    """Four: each fold takes as long as learning once, and the figure hardly moves with more."""
    folds = []

    def heard(function: Ints, number: int, shape: Ints) -> Ints:
        folds.append(number)
        return dealt(function, number, shape)

    monkeypatch.setattr(teaching, "dealt", heard)
    learn(make_history(100), settings(folds=asked))
    assert folds == [asked, used]


def test_a_long_history_is_dealt_to_fewer_folds() -> None:
    assert teaching.folds_of(teaching.LONG - 1, teaching.LONG_STEPS - 1, 10) == 10
    assert teaching.folds_of(teaching.LONG, 0, 10) == teaching.LONG_FOLDS
    assert teaching.folds_of(50, teaching.LONG_STEPS, 10) == teaching.LONG_FOLDS
    assert teaching.folds_of(teaching.LONG, 0, 3) == 3
    assert teaching.folds_of(2, 4, 10) == 2


def test_of_a_long_history_some_functions_tell_how_many_would_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    history = [flow for i in range(8) for flow in make_history(100, i, function=f"F{i}", prefix=f"{i}-")]
    heard: list[Ints] = []
    judging = teaching.time_split

    def split(number: int, share: float) -> tuple[Ints, Ints]:
        heard.append(np.array([number]))
        return judging(number, share)

    monkeypatch.setattr(teaching, "MOST_CHECKED", 350)
    monkeypatch.setattr(teaching, "time_split", split)
    first, again = (learn(history, settings(ready_flows=20)).later_alarms for _ in range(2))
    assert first == again
    assert [int(number[0]) for number in heard] == [300, 300]
