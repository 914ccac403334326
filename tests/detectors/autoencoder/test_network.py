"""The network in numpy gives what Keras gives, for each window by itself."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from coldtrail.detectors.autoencoder.inputs import Singles
from coldtrail.detectors.autoencoder.network import Network
from coldtrail.detectors.autoencoder.recipe import FAITHFUL

COLUMNS = 7


def random_weights(seed: int = 0) -> list[Singles]:
    random = np.random.default_rng(seed)
    sizes = [(COLUMNS, 16), (16, 8), (8, 4), (4, 4), (4, 8), (8, 16)]
    weights = []
    for entering, units in sizes:
        weights += [
            random.normal(0.0, 0.3, (entering, 4 * units)).astype(np.float32),
            random.normal(0.0, 0.3, (units, 4 * units)).astype(np.float32),
            random.normal(0.0, 0.3, 4 * units).astype(np.float32),
        ]
    weights += [random.normal(0.0, 0.3, (16, COLUMNS)).astype(np.float32), np.ones(COLUMNS, np.float32)]
    return weights


def windows(number: int, seed: int = 1) -> Singles:
    return np.random.default_rng(seed).normal(0.0, 1.0, (number, 5, COLUMNS)).astype(np.float32)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_it_is_the_network_of_keras(activation: str) -> None:
    pytest.importorskip("keras")
    from coldtrail.detectors.autoencoder.learner import build

    recipe = msgspec.structs.replace(FAITHFUL, units=(16, 8, 4), activation=activation)
    model = build(5, COLUMNS, recipe)
    for variable, weights in zip(model.trainable_variables, random_weights(), strict=True):
        variable.assign(weights)
    inputs = windows(300)
    expected = np.asarray(model(inputs))
    np.testing.assert_allclose(Network(random_weights(), activation).reconstruct(inputs), expected, atol=1e-5)


def test_a_window_is_reconstructed_alike_in_any_company() -> None:
    network = Network(random_weights(), "relu")
    inputs = windows(777) * np.where(np.arange(777) % 5, 1.0, 50.0).astype(np.float32)[:, None, None]
    whole = network.reconstruct(inputs)
    order = np.random.default_rng(2).permutation(777)
    np.testing.assert_array_equal(network.reconstruct(inputs[order]), whole[order])
    for piece in (slice(0, 1), slice(3, 20), slice(500, 777)):
        np.testing.assert_array_equal(network.reconstruct(inputs[piece]), whole[piece])


def test_no_windows_give_none() -> None:
    assert Network(random_weights(), "tanh").reconstruct(windows(0)).shape == (0, 5, COLUMNS)


def test_enormous_inputs_raise_no_warning() -> None:
    out = Network(random_weights(), "relu").reconstruct(windows(3) * np.float32(1e30))
    assert out.shape == (3, 5, COLUMNS)
