"""Outcomes: alarms from errors, and the same after having been stored."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail_paper.experiment import Experiment
from coldtrail_paper.outcome import Errors, outcome_of, strengths


def test_any_window_of_any_length_alarms() -> None:
    three = Errors(np.array([1.0, 3.0, 1.0]), np.array([0, 0, 2]), np.array([2.0, 2.0, 2.0]))
    five = Errors(np.array([0.1, 0.2, 0.9]), np.array([0, 1, 2]), np.array([0.3, 0.3, 0.3]))
    found = strengths({3: three, 5: five}, 4)
    assert found.tolist() == pytest.approx([1.5, 2 / 3, 3.0, 0.0])


def test_what_is_stored_gives_the_same_alarms(experiment: Experiment) -> None:
    outcome = next(iter(experiment.outcomes.values()))
    again = outcome_of(outcome.result())
    assert np.array_equal(again.alarms(), outcome.alarms())
    assert list(again.test) == list(outcome.test) == [3, 5, 10]
    assert again.losses == outcome.losses
    assert np.array_equal(again.validation_rows, outcome.validation_rows)
    assert outcome.learned + outcome.validated == len(experiment.data.train)
