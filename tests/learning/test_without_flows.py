"""A model of telemetry without any function flow."""

from __future__ import annotations

from pathlib import Path

import pytest

from coldtrail.bundle.folder import load, save
from coldtrail.config import Settings
from coldtrail.detectors.signalling import Signalling
from coldtrail.errors import ConfigError
from coldtrail.learning.without_flows import NO_FLOWS, learned_without_flows
from coldtrail.records.identity import FunctionKey
from coldtrail.records.telemetry import Observations
from coldtrail.records.witnesses import Metric
from coldtrail.testing import make_flow

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
