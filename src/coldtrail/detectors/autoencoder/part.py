"""One autoencoder: its network, its threshold, and what it was validated on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from coldtrail.detectors.autoencoder.inputs import Singles, distinct
from coldtrail.detectors.autoencoder.network import Network, Weights
from coldtrail.detectors.autoencoder.threshold import Threshold
from coldtrail.features.batch import Floats, Ints

WORST = 1e12
"""Stands for a squared difference that is infinite or no number."""
_AT_ONCE = 4096


@dataclass(frozen=True)
class Part:
    """What was learned for one window size."""

    size: int
    weights: tuple[Singles, ...]
    activation: str
    threshold: Threshold
    losses: tuple[float, ...] = ()
    """Of each epoch of the last training; not kept with what was learned."""

    @cached_property
    def network(self) -> Network:
        """The network of the weights."""
        return Network(self.weights, self.activation)

    def squares(self, rows: Singles, steps: Ints) -> Floats:
        """(window, place, column) squared differences, finite."""
        return squares(self.network, rows, steps)


def squares(network: Network, rows: Singles, steps: Ints) -> Floats:
    """(window, place, column) squared differences between windows and their reconstruction, finite."""
    inputs = rows[steps]
    difference = network.reconstruct(inputs).astype(np.float64) - inputs
    return np.minimum(np.nan_to_num(difference**2, nan=WORST, posinf=WORST), WORST)


def errors(network: Network, rows: Singles, steps: Ints) -> Floats:
    """(window,) mean squared errors; equal windows are reconstructed once."""
    first, of = distinct(rows, steps)
    different = steps[first]
    out = np.zeros(len(different))
    for start in range(0, len(different), _AT_ONCE):
        some = different[start : start + _AT_ONCE]
        out[start : start + _AT_ONCE] = squares(network, rows, some).mean(axis=(1, 2))
    return out[of]


def check_weights(weights: Weights, size: int, columns: int) -> None:
    """Raises ValueError where the arrays are not an autoencoder of vectors of so many columns."""
    if len(weights) < 8 or (len(weights) - 2) % 6:
        raise ValueError(f"the autoencoder of window {size} lacks layers")
    entering = columns
    for at in range(0, len(weights) - 2, 3):
        units = weights[at + 1].shape[0] if weights[at + 1].ndim else 0
        wanted = (entering, 4 * units), (units, 4 * units), (4 * units,)
        if tuple(one.shape for one in weights[at : at + 3]) != wanted or not units:
            raise ValueError(f"the layers of the autoencoder of window {size} do not fit")
        entering = units
    if (weights[-2].shape, weights[-1].shape) != ((entering, columns), (columns,)):
        raise ValueError(f"the autoencoder of window {size} is for other vectors")
