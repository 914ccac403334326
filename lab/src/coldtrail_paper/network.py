"""The one place where the experiment touches the autoencoder."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

import msgspec
import numpy as np

from coldtrail.detectors.autoencoder import DEFAULT, FAITHFUL, Autoencoder, Recipe
from coldtrail.detectors.autoencoder.scope import scopes
from coldtrail.detectors.detector import Tell, silent
from coldtrail.errors import ConfigError
from coldtrail.features.batch import Encoded, Ints
from coldtrail_paper.outcome import Errors

T = TypeVar("T")


class Setup(NamedTuple):
    """A recipe and the seed of its first weights and of the order of its batches."""

    recipe: Recipe
    seed: int


class Net(Protocol):
    """Autoencoders of several window lengths that learned from flows."""

    def update(self, new: Encoded, share: float) -> None:
        """Learns the new flows too: weights and thresholds (section 5.3).

        `share` of what is learned is drawn from the flows of the first training.
        """
        ...

    def errors(self, flows: Encoded) -> Mapping[int, Errors]:
        """The errors of all windows of the flows, by window length."""
        ...

    def validation(self) -> tuple[Mapping[int, Errors], Ints]:
        """The errors that the thresholds come from, and which of the flows given to learn they are of."""
        ...

    def losses(self) -> Mapping[int, list[float]]:
        """The loss of each epoch of the first training, by window length."""
        ...

    def warnings(self) -> Sequence[str]:
        """What a person should know of the training, a sentence each."""
        ...


Make = Callable[[Setup, Encoded], Net]
"""Trains on flows."""


def setups(seed: int) -> dict[str, Setup]:
    """The recipes of the experiment by the name that the report gives them."""
    return {"ours, paper's recipe": Setup(FAITHFUL, seed), "ours, own recipe": Setup(DEFAULT, seed)}


def recipe_of(recipe: Recipe) -> dict[str, Any]:
    """The recipe as plain data, as JSON has it."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(recipe))
    return plain


def settings_of(setup: Setup) -> dict[str, Any]:
    """The setup as plain data, as JSON has it."""
    return {**recipe_of(setup.recipe), "seed": setup.seed}


def changed(recipe: Recipe, changes: Mapping[str, Any]) -> Recipe:
    """The recipe with some of its settings changed; raises `ConfigError` where they cannot be."""
    plain = msgspec.to_builtins(recipe)
    for name in changes:
        if name not in plain:
            raise ConfigError(f"A recipe has no setting {name!r}; it has {', '.join(plain)}.")
    try:
        return msgspec.convert({**plain, **changes}, Recipe)
    except msgspec.ValidationError as error:
        raise ConfigError(f"The recipe cannot be changed so: {error}.") from None


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What the work gave, and the wall seconds that it took."""
    started = time.perf_counter()
    return work(), time.perf_counter() - started


class Trained:
    """The detector's autoencoders."""

    def __init__(self, setup: Setup, flows: Encoded, tell: Tell = silent) -> None:
        self._flows = flows
        self._tell = tell
        self._recipe = setup.recipe
        self.detector = Autoencoder(setup.recipe, setup.seed).fit(flows, tell=tell)

    def update(self, new: Encoded, share: float) -> None:
        """As `Net` says."""
        self.detector.update(new, self._flows, share, tell=self._tell)

    def errors(self, flows: Encoded) -> Mapping[int, Errors]:
        """The errors of all windows, each with the threshold of its scope."""
        limits = self._limits(flows)
        return {
            size: Errors(error, flow, limits[size][flow])
            for size, (error, flow) in self.detector.errors(flows).items()
        }

    def _limits(self, flows: Encoded) -> dict[int, np.ndarray[Any, np.dtype[np.float64]]]:
        """(flow,) thresholds by window length; infinite for flows of a scope that was not learned."""
        limits = {size: np.full(len(flows), np.inf) for size in self._recipe.windows}
        known = self.detector.thresholds_
        for name, rows in scopes(flows, self._recipe).items():
            for size in self._recipe.windows:
                if (name, size) in known:
                    limits[size][rows] = known[name, size].value
        return limits

    def validation(self) -> tuple[Mapping[int, Errors], Ints]:
        """The errors of the flows kept back, and which they are."""
        rows = self.detector.kept_back(self._flows)
        return self.errors(self._flows.take(rows)), rows

    def losses(self) -> Mapping[int, list[float]]:
        """By window length; the mean over scopes."""
        parts = [part for one in self.detector.learned_.values() for part in one.parts]
        return {
            size: np.mean([part.losses for part in parts if part.size == size], axis=0).tolist()
            for size in self._recipe.windows
            if any(part.size == size for part in parts)
        }

    def warnings(self) -> Sequence[str]:
        """The detector's remarks."""
        return self.detector.remarks_
