"""The paper's recipe as anyone would write it with Keras: compile, fit on all windows, predict."""

from __future__ import annotations

from typing import Any

import numpy as np

from coldtrail.detectors.autoencoder import FAITHFUL
from coldtrail.detectors.autoencoder.inputs import Scale, Singles, padded, vectors, windows
from coldtrail.detectors.autoencoder.learner import keras
from coldtrail.detectors.autoencoder.recipe import Recipe
from coldtrail.detectors.autoencoder.scope import split
from coldtrail.detectors.autoencoder.threshold import threshold
from coldtrail.features.batch import Encoded, Floats, Ints


class PlainKeras:
    """Models, one a window length, that learned from flows; the features are Coldtrail's."""

    def __init__(self, flows: Encoded, seed: int, recipe: Recipe = FAITHFUL) -> None:
        self._recipe = recipe
        self._scale = Scale.of(vectors(flows.wording, recipe))
        keras().utils.set_random_seed(seed)
        columns = len(self._scale.low)
        self._models = {size: untrained(size, columns, recipe) for size in recipe.windows}
        early, late = (flows.take(rows) for rows in split(flows, recipe))
        self._fit(early)
        self.thresholds = self._limits([late])

    def update(self, new: Encoded, old: Encoded, share: float) -> None:
        """Nothing; fits again on new flows and a share of the old ones (section 5.3)."""
        early, late = (new.take(rows) for rows in split(new, self._recipe))
        old_early, old_late = split(old, self._recipe)
        wanted = round(len(early) * share / (1 - share))
        again = np.random.default_rng(0).permutation(old_early)[:wanted]
        self._fit(early, old.take(again))
        self.thresholds = self._limits([late, old.take(old_late)])

    def errors(self, flows: Encoded, size: int) -> tuple[Floats, Ints]:
        """The mean squared error of each window, and the flow it belongs to."""
        inputs, flow = self._windows(flows, size)
        made = self._models[size].predict(inputs, batch_size=256, verbose=0)
        return np.mean((made - inputs) ** 2, axis=(1, 2), dtype=np.float64), flow

    def strengths(self, flows: Encoded) -> Floats:
        """(flow,) the largest error in multiples of the threshold."""
        out = np.zeros(len(flows))
        for size, limit in self.thresholds.items():
            error, flow = self.errors(flows, size)
            np.maximum.at(out, flow, error / limit)
        return out

    def _fit(self, *parts: Encoded) -> None:
        for size, model in self._models.items():
            inputs = np.concatenate([self._windows(part, size)[0] for part in parts])
            model.fit(inputs, inputs, batch_size=self._recipe.batch, epochs=self._recipe.epochs, verbose=0)

    def _limits(self, parts: list[Encoded]) -> dict[int, float]:
        return {
            size: threshold(np.concatenate([self.errors(part, size)[0] for part in parts]), "dbscan").value
            for size in self._models
        }

    def _windows(self, flows: Encoded, size: int) -> tuple[Singles, Ints]:
        rows = padded(self._scale.scaled(vectors(flows.wording, self._recipe)))
        found = windows(flows, size)
        return rows[found.steps], found.flow


def untrained(size: int, columns: int, recipe: Recipe) -> Any:
    """The model of a window length, compiled."""
    layers, cells = keras().layers, {"activation": recipe.activation}
    *outer, code = recipe.units
    model = keras().Sequential(
        [
            layers.Input((size, columns)),
            *[layers.LSTM(units, return_sequences=True, **cells) for units in outer],
            layers.LSTM(code, **cells),
            layers.RepeatVector(size),
            *[layers.LSTM(units, return_sequences=True, **cells) for units in reversed(recipe.units)],
            layers.TimeDistributed(layers.Dense(columns)),
        ]
    )
    model.compile(optimizer=keras().optimizers.Adam(recipe.rate), loss="mse")
    return model
