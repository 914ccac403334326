"""Training, judging and updating, with a stand-in for the network."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from coldtrail.detectors.autoencoder import DEFAULT
from coldtrail.errors import ConfigError
from coldtrail.features.batch import Encoded
from coldtrail_paper.dataset import Data
from coldtrail_paper.experiment import Experiment, Laboratory, flat
from coldtrail_paper.network import Setup, setups
from coldtrail_paper.plan import HELD_OUT
from coldtrail_paper.stages import Stages
from lab.tests.paper.small_runs import StandIn


def test_what_takes_a_minute_longer_is_found(experiment: Experiment) -> None:
    for outcome in experiment.outcomes.values():
        assert np.array_equal(outcome.alarms(), experiment.data.test.attack != "")


def test_the_update_is_new_by_nine_tenths(experiment: Experiment, data: Data) -> None:
    for one in experiment.updates.values():
        assert one.new == len(data.train.rows_of(*HELD_OUT)) == 20
        assert one.old == 2
        assert one.learned + one.new == len(data.train)
        assert one.without.malicious + one.before_own.malicious == one.before.malicious
        assert one.updated.recall == 1.0


def test_stages_that_are_done_train_nothing(data: Data, tmp_path: Path) -> None:
    def both(seed: int) -> None:
        laboratory = Laboratory(data, Stages(tmp_path), {"data": "x"}, StandIn, lambda words: None)
        laboratory.outcomes(setups(seed))
        laboratory.updates(setups(seed))

    before = StandIn.trained
    both(1)
    after = StandIn.trained
    assert after - before == 2 * len(setups(1))
    both(1)
    assert StandIn.trained == after
    both(2)
    assert StandIn.trained > after


def test_the_gain_of_the_last_epoch() -> None:
    assert flat([0.4, 0.2]) == 0.5
    assert flat([0.4]) is None
    assert flat([0.0, 0.0]) is None


def test_a_training_that_fails_is_told_and_not_tried_again(data: Data, tmp_path: Path) -> None:
    tried = []

    def diverging(setup: Setup, flows: Encoded) -> StandIn:
        tried.append(setup)
        if setup.recipe == DEFAULT:
            raise ConfigError("The loss diverged.")
        return StandIn(setup, flows)

    for _ in range(2):
        laboratory = Laboratory(data, Stages(tmp_path), {}, diverging, lambda words: None)
        assert list(laboratory.outcomes(setups(1))) == ["ours, paper's recipe"]
        assert laboratory.failures == ["ours, own recipe, train: The loss diverged."]
        assert len(tried) == 2
