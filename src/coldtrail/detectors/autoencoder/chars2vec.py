"""Embeds words by Chars2vec's pretrained network, in plain numpy.

The network is `eng_50` of the package chars2vec 0.1.7 (Intuition Engineering, Vladimir Chikin; Apache License
2.0), converted to arrays by `convert_chars2vec`. It reads a word's lower-case letters through two LSTM layers
of 50 units; what it does not know reads as zeros. The package itself pads all words of one call in front to
the longest of them, so that its vectors depend on what else is embedded; here each word stands alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from coldtrail.features.batch import Floats

DIMENSIONS = 50
LONGEST = 128
"""Longer words are read by their last characters: the network forgets what came before."""
_DECIMALS = 6
"""Vectors are rounded, so that a word has the same one whatever it is embedded with."""
_KEPT = 100_000
"""Vectors remembered; past that all are forgotten."""

Embed = Callable[[Sequence[str]], Floats]


class Chars2vec:
    """Vectors of words, remembered."""

    def __init__(self, arrays: dict[str, NDArray[np.generic]]) -> None:
        letters = bytes(arrays["alphabet"].astype(np.uint8)).decode("ascii")
        self._places = {letter: place for place, letter in enumerate(letters)}
        self._layers = [
            tuple(
                arrays[f"{layer}_{name}"].astype(np.float64)
                for name in ("kernel", "recurrent_kernel", "bias")
            )
            for layer in ("lstm_1", "lstm_2")
        ]
        self._known: dict[str, Floats] = {}

    def __call__(self, words: Sequence[str]) -> Floats:
        """(word, dimension) vectors; that of the empty word is zero."""
        read = [word.lower()[-LONGEST:] for word in words]
        new = sorted({word for word in read if word not in self._known}, key=len)
        if len(self._known) + len(new) > _KEPT:
            self._known.clear()
            new = sorted(set(read), key=len)
        for start in range(0, len(new), 256):
            some = new[start : start + 256]
            self._known.update(zip(some, self._vectors(some), strict=True))
        if not read:
            return np.zeros((0, DIMENSIONS))
        return np.stack([self._known[word] for word in read])

    def _vectors(self, words: Sequence[str]) -> Floats:
        """(word, dimension); a word that has ended keeps its state while longer ones are read."""
        longest = max(len(word) for word in words)
        places = np.full((len(words), longest), len(self._places))
        for i, word in enumerate(words):
            places[i, : len(word)] = [self._places.get(letter, len(self._places)) for letter in word]
        lengths = np.array([len(word) for word in words])
        (kernel, *_), _ = self._layers
        inputs = np.concatenate([kernel, np.zeros((1, kernel.shape[1]))])[places].swapaxes(0, 1)
        inner = self._read(inputs, self._layers[0][1:], lengths)
        outer = self._read(inner @ self._layers[1][0], self._layers[1][1:], lengths)
        last: Floats = np.zeros((len(words), DIMENSIONS))
        spoken = np.flatnonzero(lengths)
        last[spoken] = outer[lengths[spoken] - 1, spoken]
        return np.round(last, _DECIMALS)

    def _read(self, inputs: Floats, weights: tuple[Floats, ...], lengths: NDArray[np.int64]) -> Floats:
        """(letter, word, unit) outputs of one LSTM layer; the gates are input, forget, cell, output."""
        recurrent, bias = weights
        out = np.zeros((*inputs.shape[:2], DIMENSIONS))
        state = cell = np.zeros((len(lengths), DIMENSIONS))
        for letter in range(len(inputs)):
            gates = inputs[letter] + state @ recurrent + bias
            enter, forget, fresh, leave = np.split(gates, 4, axis=1)
            cell = _sigmoid(forget) * cell + _sigmoid(enter) * np.tanh(fresh)
            out[letter] = state = _sigmoid(leave) * np.tanh(cell)
        return out


def _sigmoid(values: Floats) -> Floats:
    result: Floats = 0.5 * np.tanh(0.5 * values) + 0.5
    return result


@cache
def chars2vec() -> Chars2vec:
    """The pretrained embedding; loaded once."""
    with (
        files("coldtrail.detectors.autoencoder").joinpath("data", "chars2vec-eng-50.npz").open("rb") as file,
        np.load(file, allow_pickle=False) as arrays,
    ):
        return Chars2vec({name: arrays[name] for name in arrays.files})


def hashed(words: Sequence[str]) -> Floats:
    """(word, 8) numbers from -1 to 1 that depend on the word alone; those of the empty word are zero."""
    out = np.zeros((len(words), 8))
    for i, word in enumerate(words):
        if word:
            digest = hashlib.sha256(word.lower().encode("utf-8", "surrogatepass")).digest()
            out[i] = np.frombuffer(digest, "<u4") / 2.0**31 - 1.0
    return out


def embedding(name: str) -> Embed:
    """The embedding of that name."""
    return chars2vec() if name == "chars2vec" else hashed
