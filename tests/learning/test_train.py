"""Learning: the same model from any order, out of fold, and honest about little history."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pytest
from msgspec.structs import replace

from coldtrail.bundle import save
from coldtrail.config import DetectionSettings, Settings
from coldtrail.errors import ConfigError
from coldtrail.features.encode import Ints
from coldtrail.learning import teaching
from coldtrail.learning.teaching import dealt
from coldtrail.learning.train import learn
from coldtrail.testing import make_flow, make_history
from tests.verbs.telemetry_files import GET, STEAL, USUAL


def settings(**detection: object) -> Settings:
    return Settings(detection=DetectionSettings(**detection))  # type: ignore[arg-type]


def test_the_order_of_the_history_does_not_matter() -> None:
    history = make_history(120)
    shuffled = list(history)
    Random(3).shuffle(shuffled)
    tested = [*make_history(60, seed=4, prefix="t"), make_flow([GET, STEAL])]
    models = [learn(flows, Settings()).model for flows in (history, shuffled)]
    assert models[0].judge(tested) == models[1].judge(tested)
    assert models[0].profiles == models[1].profiles


def test_learning_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        model = learn(make_history(120), Settings()).model
        save(model, tmp_path / name, version="0", seed=0, span=(0.0, 1.0))
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_open_records_are_left_out_and_counted() -> None:
    still_open = [replace(flow, complete=False) for flow in make_history(7, prefix="o")]
    training = learn([*make_history(100), *still_open], Settings())
    assert (training.flows, training.left_out) == (100, 7)
    assert training.model.learned == {("shop", "Order"): 100}


def test_nothing_complete_to_learn_from_is_an_error() -> None:
    for flows in ([], [make_flow(USUAL, complete=False)]):
        with pytest.raises(ConfigError, match="no complete function flow to learn from"):
            learn(flows, Settings())


def test_no_detector_is_an_error() -> None:
    with pytest.raises(ConfigError, match="No detector is chosen"):
        learn(make_history(10), settings(detectors=()))


@pytest.mark.parametrize("number", [1, 2, 3, 6])
def test_very_little_history_still_gives_a_model(number: int) -> None:
    training = learn(make_history(number), Settings())
    assert np.isfinite(training.model.calibration.threshold_)
    assert training.not_ready == ("Order",)
    assert {verdict.verdict for verdict in training.model.judge(make_history(5))} == {"not_ready"}


def test_warnings_name_what_is_too_little() -> None:
    training = learn(make_history(200) + make_history(10, function="Quiet", prefix="q"), Settings())
    budget, quiet = training.warnings
    assert budget.startswith("210 flows cannot hold a budget of 0.003 false alarms a flow; it takes 1,000.")
    assert quiet == "Too little history (under 50 flows) for Quiet: their verdict is not_ready."
    assert learn(make_history(1_000), Settings()).warnings == ()


@pytest.mark.parametrize("names", [("sequence",), ("timing", "novelty"), ("novelty", "timing", "sequence")])
def test_any_choice_of_detectors_can_be_learned(names: tuple[str, ...]) -> None:
    model = learn(make_history(100), settings(detectors=names)).model
    assert tuple(model.detectors) == names
    for verdict in model.judge([make_flow([GET, STEAL] * 20)]):
        assert set(verdict.detectors) <= set(names)


def test_a_stranger_is_strange_although_it_was_in_the_history() -> None:
    """Out-of-fold scores: a flow does not vouch for itself when the threshold is set."""
    history = [*make_history(400), make_flow([GET, STEAL], flow_id="odd")]
    training = learn(history, settings(budget=0.01))
    assert training.model.judge([make_flow([GET, STEAL, STEAL])])[0].verdict == "anomalous"
    assert (
        training.model.calibration.threshold_
        < learn(history, settings(budget=0.003)).model.calibration.threshold_
    )


def test_a_wider_budget_alarms_more() -> None:
    tested = make_history(500, seed=8, prefix="t")
    alarms = []
    for budget in (0.003, 0.05, 0.3):
        verdicts = learn(make_history(400), settings(budget=budget)).model.judge(tested)
        alarms.append(sum(verdict.verdict == "anomalous" for verdict in verdicts))
    assert alarms == sorted(alarms)
    assert alarms[-1] > alarms[0]


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


def test_runs_that_are_all_alike_are_normal() -> None:
    """Every score and the threshold are the same then: only what lies beyond alarms."""
    for number in (70, 100, 333):
        history = [make_flow(USUAL, flow_id=f"e{i}", start=1_795_000_000.0 + i) for i in range(number)]
        model = learn(history, Settings()).model
        assert {verdict.verdict for verdict in model.judge(history)} == {"normal"}
        assert model.judge([make_flow([GET, STEAL])])[0].verdict == "anomalous"


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


def test_progress_is_told_stage_by_stage() -> None:
    told: list[str] = []
    learn(make_history(20), settings(folds=3), told.append)
    assert told == [
        "encoding",
        "fold 1 of 3",
        "fold 2 of 3",
        "fold 3 of 3",
        "fitting",
        "describing",
        "checking",
    ]


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
