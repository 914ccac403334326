"""DeepLog's next event (Du, Li, Zheng and Srikumar 2017): an LSTM foretells each step from the ten before it.

As published: two layers of 64 cells, histories of 10 steps, and a run is strange when a step is not among the
9 likeliest. Only its model of steps is built, not that of parameter values: a run that is merely slow cannot
be found. The function stands before the first step and an end after the last; both are foretold or used as
steps are. Equal histories with equal next steps are learned once, with the weight of their number.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.peers.peer import NEVER_MET, OnArrays, without_starts
from coldtrail.features.batch import Encoded, Floats, Ints

HISTORY = 10
CELLS = 64
LIKELIEST = 9
STEPS = 1000
"""Of the optimiser: until each step of the learned runs is foretold (a run of 40 visits: after 800)."""
BATCH = 128
RATE = 3e-3
PADDING, UNKNOWN_TOKEN, END = 0, 1, 2
FIRST_STEP = 3


class NextEvent(OnArrays):
    """Scores a run by its least expected step: that step's rank among all, less its chance."""

    threshold_ = float(LIKELIEST)

    def learn(self, flows: Encoded) -> None:
        """As `fit`, from arrays."""
        self.steps_ = len(self.words_.steps) + 1
        self.tokens_ = FIRST_STEP + self.steps_ + len(self.words_.functions) + 1
        windows, _ = self._windows(flows)
        different, number = np.unique(windows, axis=0, return_counts=True)
        self.model_ = _network(self.tokens_)
        self.model_.fit(
            different[:, :-1],
            different[:, -1],
            sample_weight=number / number.mean(),
            batch_size=BATCH,
            epochs=-(-STEPS * BATCH // len(different)),
            verbose=0,
        )

    def rank(self, flows: Encoded) -> Floats:
        """As `score`, from arrays."""
        windows, of = self._windows(flows)
        different, inverse = np.unique(windows, axis=0, return_inverse=True)
        scores = np.zeros(len(flows))
        np.maximum.at(scores, of, self._surprise(different)[inverse])
        return np.where(flows.function > 0, scores, NEVER_MET)

    def _surprise(self, windows: Ints) -> Floats:
        """(window,) the rank of the last token after the others, from 1, less its chance."""
        padded = np.zeros((-(-len(windows) // BATCH) * BATCH, windows.shape[1]), np.int64)
        padded[: len(windows)] = windows
        chances = self.model_.predict(padded[:, :-1], batch_size=BATCH, verbose=0)[: len(windows)]
        chances = np.asarray(chances, np.float64)
        own = chances[np.arange(len(windows)), windows[:, -1]]
        rank = 1 + (chances > own[:, None]).sum(axis=1)
        surprise: Floats = np.where(windows[:, -1] == UNKNOWN_TOKEN, self.tokens_, rank - own)
        return surprise

    def _windows(self, flows: Encoded) -> tuple[Ints, Ints]:
        """(window, history and next token), and the flow of each window."""
        flows = without_starts(flows)
        rows, of = [], []
        steps = np.where(flows.step > 0, flows.step + FIRST_STEP, UNKNOWN_TOKEN)
        for i, function in enumerate(flows.function):
            own = steps[flows.offsets[i] : flows.offsets[i + 1]]
            start = FIRST_STEP + self.steps_ + function
            line = np.concatenate([np.full(HISTORY - 1, PADDING), [start], own, [END]])
            rows.append(np.lib.stride_tricks.sliding_window_view(line, HISTORY + 1))
            of += [i] * len(rows[-1])
        return np.concatenate(rows).astype(np.int64), np.array(of, np.int64)


def _network(tokens: int) -> Any:
    import keras

    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.layers.Embedding(tokens, CELLS),
            keras.layers.LSTM(CELLS, return_sequences=True),
            keras.layers.LSTM(CELLS),
            keras.layers.Dense(tokens, activation="softmax"),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(RATE), loss="sparse_categorical_crossentropy")
    return model
