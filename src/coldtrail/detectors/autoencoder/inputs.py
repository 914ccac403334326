"""The network's inputs: one vector a step, min-max scaled, in windows (paper, 5.2.2 and 5.2.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coldtrail.detectors.autoencoder.chars2vec import embedding
from coldtrail.detectors.autoencoder.familiarity import COLUMNS, LEAST_S, Familiarity
from coldtrail.detectors.autoencoder.recipe import Recipe
from coldtrail.features.batch import Encoded, Floats, Ints
from coldtrail.features.hashing import Hashes, mix
from coldtrail.features.wording import APPLICATION, FUNCTION, NAME, PARENT, TARGET, TYPE, Wording

Singles = NDArray[np.float32]

WORDS = {
    "application": APPLICATION,
    "event name": NAME,
    "event type": TYPE,
    "parent": PARENT,
    "target": TARGET,
}
"""The five words of a step, in the order of the vector."""
NUMBERS = ("duration", "start", "depth")
FARTHEST = 1e4
"""Scaled values are cut here: 1 is the largest known, and float32 must hold what the network makes of it."""


def word_columns(recipe: Recipe) -> dict[str, int]:
    """The words of a step under a recipe, each with its column in `Wording.codes`."""
    return {**WORDS, "function": FUNCTION} if recipe.function_name else WORDS


def features(recipe: Recipe) -> tuple[str, ...]:
    """The features of a step in the order of the vector: words first, then numbers, then what counts say."""
    return (*word_columns(recipe), *NUMBERS, *(COLUMNS if recipe.counted else ()))


def feature_of(recipe: Recipe) -> Ints:
    """(column,) which of the `features` each column of the vector belongs to."""
    words = len(word_columns(recipe))
    numbers = len(features(recipe)) - words
    return np.repeat(np.arange(words + numbers), [recipe.dimensions] * words + [1] * numbers)


def scaled_columns(recipe: Recipe) -> int:
    """How many columns of the vector are words and numbers, which have a scale."""
    return len(feature_of(recipe)) - (len(COLUMNS) if recipe.counted else 0)


def vectors(wording: Wording, recipe: Recipe) -> Floats:
    """(step, column) the unscaled vectors; an absent word is zero."""
    columns = list(word_columns(recipe).values())
    used, codes = np.unique(wording.codes[:, columns], return_inverse=True)
    table = embedding(recipe.embedding)([wording.words[code] for code in used.tolist()])
    codes = codes.reshape(len(wording.codes), len(columns))
    words = [table[codes[:, k], : recipe.dimensions] for k in range(len(columns))]
    times = np.stack([wording.duration, wording.start], axis=1)
    if recipe.scaling == "log":
        times = np.log(times + LEAST_S)
    return np.concatenate([*words, times, wording.depth[:, None]], axis=1)


def seconds(value: float, recipe: Recipe) -> float:
    """The time that an unscaled value stands for, never negative."""
    if recipe.scaling == "log":
        value = float(np.exp(min(value, 50.0))) - LEAST_S
    return max(value, 0.0)


@dataclass(frozen=True)
class Scale:
    """The smallest and largest value of each column in the history."""

    low: Floats
    span: Floats
    """1 where the column is constant."""

    @classmethod
    def of(cls, rows: Floats) -> Scale:
        """The scale of vectors (step, column), of which there is at least one."""
        low = rows.min(axis=0)
        span = rows.max(axis=0) - low
        return cls(low, np.where(span > 1e-9, span, 1.0))

    def scaled(self, rows: Floats) -> Singles:
        """The vectors from 0 (the smallest) to 1 (the largest), and beyond."""
        scaled = np.clip((rows - self.low) / self.span, -FARTHEST, FARTHEST)
        return scaled.astype(np.float32)


@dataclass(frozen=True)
class Reading:
    """How flows become vectors: what is learned of them before any network."""

    recipe: Recipe
    scale: Scale
    familiarity: Familiarity | None
    """None where the recipe counts nothing."""

    def rows(self, flows: Encoded, *, counted: bool = False) -> Singles:
        """(step, column) vectors; `counted` says that the flows are among those that were counted."""
        rows = self.scale.scaled(vectors(flows.wording, self.recipe))
        if self.familiarity is None:
            return rows
        told = self.familiarity.columns(flows, counted=counted)
        return np.concatenate([rows, told.astype(np.float32)], axis=1)


class Windows(NamedTuple):
    """The windows of flows, as steps."""

    steps: Ints
    """(window, place) rows of the steps; past the last row where a shorter flow is padded."""
    flow: Ints
    """(window,)"""


def windows(flows: Encoded, size: int) -> Windows:
    """All windows with a stride of one; a flow shorter than one window gives a single padded one."""
    count = np.maximum(flows.lengths - size + 1, 1)
    flow = np.repeat(np.arange(len(flows)), count)
    first = flows.offsets[:-1][flow] + np.arange(len(flow)) - np.repeat(np.cumsum(count) - count, count)
    steps = first[:, None] + np.arange(size)
    return Windows(np.where(steps < flows.offsets[1:][flow][:, None], steps, len(flows.step)), flow)


def padded(rows: Singles) -> Singles:
    """The rows, and one of zeros that stands for padding."""
    return np.concatenate([rows, np.zeros((1, rows.shape[1]), np.float32)])


class Distinct(NamedTuple):
    """The different windows among many."""

    first: Ints
    """(different window,) one that looks so."""
    of: Ints
    """(window,) which of the different ones it is."""


def distinct(rows: Singles, steps: Ints) -> Distinct:
    """The different windows by the content of their (padded) rows, which is compared by 64-bit hashes."""
    bits = np.ascontiguousarray(rows).view(np.uint32).astype(np.int64)
    row_hash: Hashes = np.full(len(rows), 71, np.uint64)
    for column in range(bits.shape[1]):
        row_hash = mix(row_hash, bits[:, column])
    total: Hashes = np.full(len(steps), 73, np.uint64)
    for place in range(steps.shape[1]):
        total = mix(total, row_hash[steps[:, place]])
    _, first, of = np.unique(total, return_index=True, return_inverse=True)
    return Distinct(first, of)
