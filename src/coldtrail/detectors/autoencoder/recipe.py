"""How an autoencoder is built, trained and given its threshold: each setting stated once."""

from __future__ import annotations

from typing import Literal

import msgspec

from coldtrail.errors import ConfigError

MOST_WINDOW = 100
MOST_DIMENSIONS = {"chars2vec": 50, "hashed": 8}


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of sections 5.2 and 7.1 of the paper; the defaults are the paper's."""

    windows: tuple[int, ...] = (3, 5, 10)
    """Steps that one autoencoder sees at once; one autoencoder each."""
    units: tuple[int, ...] = (128, 64, 32)
    """Of the encoder's LSTM layers, outermost first; the decoder mirrors them."""
    activation: Literal["relu", "tanh"] = "relu"
    """Of the LSTM cells; their gates are sigmoids."""
    embedding: Literal["chars2vec", "hashed"] = "chars2vec"
    """`hashed` gives each word numbers of its own that say nothing of its spelling."""
    dimensions: int = 4
    """Of each word's vector, the first so many."""
    scaling: Literal["linear", "log"] = "linear"
    """Of durations and relative starts, before the min-max scaling."""
    function_name: bool = False
    """Whether the function's name is a sixth word of each step; section 7.5 finds it needless."""
    epochs: int = 15
    batch: int = 32
    rate: float = 1e-4
    """Of Adam."""
    falling: bool = False
    """Whether the rate rises over the first steps and then falls to nothing, along a cosine."""
    merged: bool = False
    """Whether equal windows are learned as one with their number as its weight."""
    counted: bool = False
    """Whether each step also tells, by counts, how usual it is and how late (`familiarity`)."""
    oversample: bool = False
    """Whether rare kinds of runs are learned as if each made up at least `RARE_SHARE` of the history."""
    scope: Literal["all", "application", "function"] = "all"
    """What shares one model."""
    threshold: Literal["dbscan", "quantile"] = "dbscan"
    """`quantile`: the 99.9th percentile of the validation errors."""
    validation: float = 0.2
    """The last share of the history, kept back to set the threshold."""

    def __post_init__(self) -> None:
        """Raises ConfigError where a setting cannot be."""
        if not self.windows or min(self.windows) < 1 or len(set(self.windows)) < len(self.windows):
            raise ConfigError(f"recipe.windows is {self.windows}; name different sizes of at least 1.")
        if min(self.epochs, self.batch, self.dimensions, *self.units) < 1 or not self.units:
            raise ConfigError("recipe: epochs, batch, dimensions and units must be at least 1.")
        most = MOST_DIMENSIONS[self.embedding]
        if max(self.windows) > MOST_WINDOW or self.dimensions > most:
            raise ConfigError(
                f"recipe: a window is at most {MOST_WINDOW} steps, a word's vector {most} numbers."
            )
        if not self.rate > 0.0 or not 0.0 < self.validation < 1.0:
            raise ConfigError("recipe: rate must be above 0, and validation between 0 and 1.")


FAITHFUL = Recipe()
"""The paper's, as far as it says; docs/decisions.md names what it leaves open and how that was read."""
DEFAULT = Recipe(epochs=3, rate=1e-3, falling=True, merged=True, counted=True, threshold="quantile")
"""The same network, told of counts, for a fifth of the epochs; docs/decisions.md says what it changes."""

RARE_SHARE = 0.01
MOST_REPEATS = 50.0
"""How often `oversample` counts a flow at most."""
