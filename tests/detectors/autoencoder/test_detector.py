"""The autoencoders as a detector; the laws of all detectors are tested in tests/contracts."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.bundle.folder import load, save
from coldtrail.config import DetectionSettings, Settings
from coldtrail.detectors.autoencoder import Autoencoder, BudgetedAutoencoder, PaperAutoencoder
from coldtrail.features.batch import Encoded
from coldtrail.learning.train import learn
from coldtrail.testing import make_flow, make_history
from tests.detectors.autoencoder.quick import quickly

STEAL = make_flow([("PutObject", "S3", "thieves", 9.0)] * 12, flow_id="steal")


def test_errors_are_told_window_by_window(autoencoder: PaperAutoencoder, learned: Encoded) -> None:
    found = autoencoder.errors(learned)
    scores = autoencoder.score(learned)
    for channel, size in enumerate((3, 5, 10)):
        errors, flow = found[size]
        assert len(errors) == len(flow) == np.maximum(learned.lengths - size + 1, 1).sum()
        worst = np.zeros(len(learned))
        np.maximum.at(worst, flow, errors)
        limit = autoencoder.thresholds_["", size].value
        np.testing.assert_allclose(worst / limit, scores[:, channel])


def test_damaged_arrays_are_refused(autoencoder: PaperAutoencoder) -> None:
    state = autoencoder.state()
    with pytest.raises(ValueError, match="low-0 is missing"):
        Autoencoder().restore({name: one for name, one in state.items() if name != "low-0"})
    with pytest.raises(ValueError, match="low-0 is of another size"):
        Autoencoder().restore(state | {"low-0": np.zeros(3), "span-0": np.ones(3)})


def test_only_the_papers_brings_its_own_threshold() -> None:
    assert all(channel.has_own_threshold for channel in PaperAutoencoder().channels)
    assert not any(channel.has_own_threshold for channel in BudgetedAutoencoder().channels)


def test_both_keep_flows_back_and_read_their_words(learned: Encoded) -> None:
    for detector in (PaperAutoencoder(), BudgetedAutoencoder()):
        assert detector.reads_words
        assert len(detector.kept_back(learned))


@pytest.mark.parametrize(
    "names", [("autoencoder-paper",), ("autoencoder",), ("sequence", "autoencoder-paper")]
)
def test_a_bundle_judges_with_it(names: tuple[str, ...], tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    for kind in (PaperAutoencoder, BudgetedAutoencoder):
        plain = kind.__init__
        monkeypatch.setattr(kind, "__init__", lambda self, plain=plain: (plain(self), quickly(self))[0])
    settings = Settings(detection=DetectionSettings(detectors=names))
    training = learn(make_history(400), settings, seed=3)
    assert training.later_alarms is None
    save(training.model, tmp_path / "b", version="0", seed=3, span=(0.0, 1.0))
    model, _ = load(tmp_path / "b")
    usual = model.judge(make_history(50, seed=9, prefix="u"))
    assert sum(one.verdict == "anomalous" for one in usual) <= 5
    (verdict,) = model.judge([STEAL])
    assert verdict.verdict == "anomalous"
    assert verdict.score > verdict.threshold > 0.0
    assert 0.0 < verdict.p_value < 0.05
    assert names[-1] in verdict.detectors
    assert verdict.reasons
    assert model.judge([make_flow([], function="NeverMet")])[0].verdict == "not_ready"
    assert model.judge([STEAL]) == training.model.judge([STEAL])


def test_alone_the_papers_rule_has_the_threshold_1(autoencoder: PaperAutoencoder, learned: Encoded) -> None:
    from coldtrail.verdicts.calibration import Calibration

    scores = autoencoder.score(learned)
    calibration = Calibration(autoencoder.channels).fit(learned, scores, 0.003)
    assert calibration.threshold_ == 1.0
    np.testing.assert_array_equal(calibration.bans(learned, scores), scores)
