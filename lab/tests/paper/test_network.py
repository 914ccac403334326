"""The experiment's hold on the detector: settings, errors with their thresholds, losses."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.autoencoder import FAITHFUL
from coldtrail.errors import ConfigError
from coldtrail_paper.dataset import Data
from coldtrail_paper.network import Setup, Trained, changed, settings_of, setups
from coldtrail_paper.outcome import strengths


def test_recipes_have_the_seed_and_names_of_their_own() -> None:
    made = setups(7)
    assert [setup.seed for setup in made.values()] == [7, 7]
    assert settings_of(next(iter(made.values())))["windows"] == [3, 5, 10]


def test_a_changed_recipe_is_checked() -> None:
    assert changed(FAITHFUL, {"windows": [4], "activation": "tanh"}).windows == (4,)
    with pytest.raises(ConfigError, match="no setting 'epoch'; it has windows"):
        changed(FAITHFUL, {"epoch": 3})
    with pytest.raises(ConfigError, match="cannot be changed so"):
        changed(FAITHFUL, {"activation": "sigmoid"})
    with pytest.raises(ConfigError):
        changed(FAITHFUL, {"epochs": 0})


@pytest.mark.slow
def test_the_detector_gives_what_the_experiment_needs(data: Data) -> None:
    recipe = changed(FAITHFUL, {"epochs": 2, "windows": [3], "units": [8, 4], "scope": "application"})
    net = Trained(Setup(recipe, 1), data.train.flows)
    validation, rows = net.validation()
    assert len(rows) == pytest.approx(0.2 * len(data.train), abs=2)
    assert set(validation[3].flow.tolist()) == set(range(len(rows)))
    assert len(net.losses()[3]) == 2
    before = net.errors(data.test.flows)[3]
    assert len(np.unique(before.limit)) == 2
    by_detector = net.detector.score(data.test.flows).max(axis=1)
    assert strengths({3: before}, len(data.test)) == pytest.approx(by_detector, rel=1e-6)
    net.update(data.train.take(data.train.rows_of("vod", "dynamo")).flows, 0.1)
    assert not np.array_equal(net.errors(data.test.flows)[3].error, before.error)
    assert np.isfinite(before.error).all()
