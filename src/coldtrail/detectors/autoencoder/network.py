"""The trained network in plain numpy: windows in, reconstructions out, without Keras.

The arithmetic of each window does not depend on what it is computed with: windows go through in tiles of
sixteen as columns, padded with zeros, so that a flow scores the same alone and among thousands.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from coldtrail.detectors.autoencoder.inputs import Singles

TILE = 16
"""Windows of one matrix product: the width at which OpenBLAS treats all columns alike (see the tests)."""
TILES = 16
"""Tiles that go through side by side: few calls, and all of it in a processor's cache."""

Weights = Sequence[Singles]
"""Kernel, recurrent kernel and bias of each LSTM layer, then kernel and bias of the dense layer, as Keras
orders them."""


class Network:
    """One autoencoder, ready to reconstruct."""

    def __init__(self, weights: Weights, activation: str) -> None:
        self._relu = activation == "relu"
        self._layers = [_turned(weights[at : at + 3]) for at in range(0, len(weights) - 2, 3)]
        self._dense = np.ascontiguousarray(weights[-2].T), weights[-1][:, None]

    def reconstruct(self, inputs: Singles) -> Singles:
        """(window, place, column) what the network makes of windows; may be infinite or no number."""
        out = np.empty_like(inputs)
        step = TILE * TILES
        with np.errstate(over="ignore", invalid="ignore"):
            for start in range(0, len(inputs), step):
                some = inputs[start : start + step]
                out[start : start + step] = self._tiles(some)
        return out

    def _tiles(self, some: Singles) -> Singles:
        """(window, place, column) for as many windows as fit at once."""
        number, places, columns = some.shape
        tiles = -(-number // TILE)
        full = np.zeros((tiles * TILE, places, columns), np.float32)
        full[:number] = some
        x = np.ascontiguousarray(full.reshape(tiles, TILE, places, columns).transpose(2, 0, 3, 1))
        half = len(self._layers) // 2
        for depth, layer in enumerate(self._layers):
            x = self._lstm(x[-1:] if depth == half else x, layer, places)
        kernel, bias = self._dense
        y = np.matmul(kernel, x) + bias
        turned: Singles = y.transpose(1, 3, 0, 2).reshape(tiles * TILE, places, columns)[:number]
        return turned

    def _lstm(self, x: Singles, layer: tuple[Singles, ...], places: int) -> Singles:
        """(place, tile, unit, window) outputs; a single input stands for the same one at every place."""
        kernel, recurrent, bias = layer
        units = recurrent.shape[1]
        entering = np.matmul(kernel, x)
        entering += bias
        out = np.empty((places, x.shape[1], units, TILE), np.float32)
        cell = np.zeros((x.shape[1], units, TILE), np.float32)
        for place in range(places):
            z = entering[min(place, len(entering) - 1)]
            if place:
                z = z + np.matmul(recurrent, out[place - 1])
            gates = _sigmoid(z[:, : 3 * units])
            cell *= gates[:, units : 2 * units]
            cell += gates[:, :units] * self._active(z[:, 3 * units :])
            np.multiply(gates[:, 2 * units :], self._active(cell), out=out[place])
        return out

    def _active(self, values: Singles) -> Singles:
        active: NDArray[np.float32] = np.maximum(values, 0.0) if self._relu else np.tanh(values)
        return active


def _sigmoid(values: Singles) -> Singles:
    """1 / (1 + exp(-x)); an exponential too large for float32 gives 0."""
    out = np.negative(values)
    np.exp(out, out=out)
    out += 1.0
    np.reciprocal(out, out=out)
    return out


def _turned(weights: Weights) -> tuple[Singles, ...]:
    """Weights for columns of windows, the gates in the order input, forget, output, cell."""
    enter, forget, cell, leave = np.split(np.arange(weights[0].shape[1]), 4)
    order = np.concatenate([enter, forget, leave, cell])
    kernel, recurrent, bias = weights
    return (
        np.ascontiguousarray(kernel[:, order].T),
        np.ascontiguousarray(recurrent[:, order].T),
        bias[order][:, None],
    )
