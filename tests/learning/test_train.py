"""Learning: the same model from any order, out of fold, and honest about little history."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pytest
from msgspec.structs import replace

from coldtrail.bundle.folder import save
from coldtrail.config import DetectionSettings, Settings
from coldtrail.errors import ConfigError
from coldtrail.learning.train import learn
from coldtrail.testing import make_flow, make_history, make_key
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
    assert training.model.learned == {make_key(): 100}


def test_nothing_complete_to_learn_from_is_an_error() -> None:
    for flows in ([], [make_flow(USUAL, complete=False)]):
        with pytest.raises(ConfigError, match="no complete function flow to learn from"):
            learn(flows, Settings())


@pytest.mark.parametrize("number", [1, 2, 3, 6])
def test_very_little_history_still_gives_a_model(number: int) -> None:
    training = learn(make_history(number), Settings())
    assert np.isfinite(training.model.calibration.threshold_)
    assert training.not_ready == ("Order",)
    assert {verdict.verdict for verdict in training.model.judge(make_history(5))} == {"not_ready"}


@pytest.mark.parametrize("names", [("sequence",), ("timing", "novelty"), ("novelty", "timing", "sequence")])
def test_any_choice_of_detectors_can_be_learned(names: tuple[str, ...]) -> None:
    model = learn(make_history(100), settings(detectors=names)).model
    assert tuple(model.detectors) == names
    for verdict in model.judge([make_flow([GET, STEAL] * 20)]):
        assert set(verdict.detectors) <= set(names)


def test_a_wider_budget_alarms_more() -> None:
    tested = make_history(500, seed=8, prefix="t")
    alarms = []
    for budget in (0.003, 0.05, 0.3):
        verdicts = learn(make_history(400), settings(budget=budget)).model.judge(tested)
        alarms.append(sum(verdict.verdict == "anomalous" for verdict in verdicts))
    assert alarms == sorted(alarms)
    assert alarms[-1] > alarms[0]


def test_runs_that_are_all_alike_are_normal() -> None:
    """Every score and the threshold are the same then: only what lies beyond alarms."""
    for number in (70, 100, 333):
        history = [make_flow(USUAL, flow_id=f"e{i}", start=1_795_000_000.0 + i) for i in range(number)]
        model = learn(history, Settings()).model
        assert {verdict.verdict for verdict in model.judge(history)} == {"normal"}
        assert model.judge([make_flow([GET, STEAL])])[0].verdict == "anomalous"


def test_progress_is_told_stage_by_stage() -> None:
    told: list[str] = []
    learn(make_history(20), settings(folds=3, detectors=("sequence", "timing")), told.append)
    folds = [f"{name}, fold {k} of 3" for name in ("sequence", "timing") for k in (1, 2, 3)]
    assert told == ["encoding", *folds, "calibrating", "describing", "checking"]
