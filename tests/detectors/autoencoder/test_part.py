"""Errors of windows: finite, and the same for equal windows."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.autoencoder.network import Network
from coldtrail.detectors.autoencoder.part import WORST, check_weights, errors, squares
from tests.detectors.autoencoder.test_network import COLUMNS, random_weights

ROWS = np.random.default_rng(0).random((30, COLUMNS)).astype(np.float32)
STEPS = np.arange(26)[:, None] + np.arange(5)


def test_an_error_is_the_mean_of_its_squares() -> None:
    network = Network(random_weights(), "relu")
    some = np.concatenate([STEPS, STEPS[:3]])
    found = errors(network, ROWS, some)
    np.testing.assert_allclose(found, squares(network, ROWS, some).mean(axis=(1, 2)))
    np.testing.assert_array_equal(found[26:], found[:3])


def test_errors_stay_finite() -> None:
    weights = [one * np.float32(1e20) for one in random_weights()]
    found = errors(Network(weights, "relu"), ROWS, STEPS)
    assert np.isfinite(found).all()
    assert found.max() <= WORST


def test_weights_of_something_else_are_refused() -> None:
    check_weights(random_weights(), 5, COLUMNS)
    with pytest.raises(ValueError, match="lacks layers"):
        check_weights(random_weights()[:7], 5, COLUMNS)
    with pytest.raises(ValueError, match="do not fit"):
        check_weights(random_weights(), 5, COLUMNS + 1)
    with pytest.raises(ValueError, match="other vectors"):
        check_weights([*random_weights()[:-1], np.zeros(COLUMNS + 1, np.float32)], 5, COLUMNS)
