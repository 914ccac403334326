"""A model of telemetry without any function flow."""

from __future__ import annotations

from pathlib import Path

import pytest

from coldtrail.bundle.folder import load, save
from coldtrail.config import Settings
from coldtrail.detectors.signalling import Signalling
from coldtrail.errors import ConfigError
from coldtrail.learning.train import learn
from coldtrail.learning.without_flows import (
    NO_FLOWS,
    judges_no_run,
    learned_more_without_flows,
    learned_without_flows,
)
from coldtrail.pipeline import signalling_of
from coldtrail.records.identity import FunctionKey
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Observations
from coldtrail.records.witnesses import Metric
from coldtrail.testing import make_flow, make_history

PAY = FunctionKey("111122223333", "eu-west-1", "shop", "pay")


def metrics(minutes: int) -> Observations:
    told = [
        Metric(1_700_000_040.0 + 60 * n, 60.0, "pay", "shop", *PAY[:2], invocations=4.0)
        for n in range(minutes)
    ]
    return Observations(metrics=tuple(told))


def test_metrics_alone_are_learned_and_kept(tmp_path: Path) -> None:
    signalling = Signalling(Settings())
    signalling.observe(metrics(30))
    training = learned_without_flows(Settings(), signalling)
    assert training is not None
    assert training.warnings == (NO_FLOWS,)
    save(training.model, tmp_path / "b", version="1", seed=0, span=(1.0, 2.0))
    model, manifest = load(tmp_path / "b")
    assert (dict(model.learned), manifest.flows) == ({PAY: 0}, 0)
    assert model.baselines is not None
    verdicts = model.judge([make_flow([], flow_id=name) for name in "ab"]) + model.judge([make_flow([])])
    assert [one.verdict for one in verdicts] == ["not_ready"] * 3


def test_nothing_at_all_is_nothing_to_learn() -> None:
    assert learned_without_flows(Settings(), Signalling(Settings())) is None


def test_no_user_may_leave_out_all_detectors() -> None:
    from coldtrail.config import settings_from

    with pytest.raises(ConfigError, match="empty"):
        settings_from({"detection": {"detectors": []}}, "settings")


def test_such_a_model_learns_more_of_the_same_and_no_run() -> None:
    signalling = Signalling(Settings())
    signalling.observe(metrics(30))
    training = learned_without_flows(Settings(), signalling)
    assert training is not None
    assert judges_no_run(training.model)
    assert not judges_no_run(learn(make_history(30), Settings()).model)
    more = signalling_of(training.model, Tally())
    more.observe(metrics(300))
    done = learned_more_without_flows(training.model, [make_flow([], flow_id="a")], more)
    assert done is not None
    assert (done.counts.read, done.counts.learned, done.counts.told_otherwise) == (1, 0, 1)
    assert done.training.warnings == (NO_FLOWS,)
    before, after = (signalling_of(one, Tally()).not_ready()[PAY] for one in (training.model, done.model))
    assert "rates" in before
    assert "rates" not in after
    assert dict(done.model.learned) == {PAY: 0}


def test_nothing_more_is_nothing_to_learn() -> None:
    signalling = Signalling(Settings())
    signalling.observe(metrics(30))
    training = learned_without_flows(Settings(), signalling)
    assert training is not None
    assert learned_more_without_flows(training.model, [], Signalling(Settings())) is None
