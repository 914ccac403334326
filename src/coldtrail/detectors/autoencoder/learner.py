"""The network as Keras knows it, and its training; the only importer of Keras, which the extra `deep` brings.

Keras gives the layers, their first weights and Adam; the loop over epochs and batches is here to be read, and
each of its steps is compiled once for a kind of network, however often one is trained.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from coldtrail.detectors.autoencoder.inputs import Singles
from coldtrail.detectors.autoencoder.recipe import Recipe
from coldtrail.errors import ConfigError
from coldtrail.features.batch import Floats, Ints

WARM_UP = 0.05
"""The part of all steps over which a falling rate first rises."""
INSTALL = "pip install 'coldtrail[deep]'"
Variables = list[Any]


class Lesson(NamedTuple):
    """The training data of one autoencoder."""

    rows: Singles
    """(step, column) with a last row of zeros for padding."""
    windows: Ints
    """(window, place) rows."""
    weights: Floats
    """(window,) how much each counts."""


class _Kind(NamedTuple):
    """What a compiled training step depends on."""

    size: int
    columns: int
    units: tuple[int, ...]
    activation: str
    rate: float


class _Compiled(NamedTuple):
    model: Any
    optimizer: Any
    step: Callable[..., tuple[Variables, Variables, Any]]


def keras() -> Any:
    """The module Keras on JAX; raises ConfigError with the command that installs it."""
    os.environ.setdefault("KERAS_BACKEND", "jax")
    try:
        import jax  # noqa: F401
        import keras
    except ImportError:
        raise ConfigError(
            f"The autoencoder needs Keras and JAX to learn; `{INSTALL}` installs them."
        ) from None
    if keras.config.backend() != "jax":
        raise ConfigError("The autoencoder needs Keras on JAX; set the environment's KERAS_BACKEND to jax.")
    return keras


def build(size: int, columns: int, recipe: Recipe) -> Any:
    """The untrained Keras model: LSTM encoder, repeated code, LSTM decoder, dense output (section 7.1)."""
    layers = keras().layers
    *outer, code = recipe.units
    x = inputs = layers.Input((size, columns))
    for units in outer:
        x = layers.LSTM(units, activation=recipe.activation, return_sequences=True)(x)
    x = layers.LSTM(code, activation=recipe.activation)(x)
    x = layers.RepeatVector(size)(x)
    for units in (code, *reversed(outer)):
        x = layers.LSTM(units, activation=recipe.activation, return_sequences=True)(x)
    return keras().Model(inputs, layers.TimeDistributed(layers.Dense(columns))(x))


def first_weights(size: int, columns: int, recipe: Recipe, seed: int) -> list[Singles]:
    """The weights that a seed gives before any training."""
    keras().utils.set_random_seed(seed)
    return [np.asarray(one.value, np.float32) for one in build(size, columns, recipe).trainable_variables]


@cache
def _compiled(kind: _Kind) -> _Compiled:
    import jax
    import jax.numpy as jnp

    recipe = Recipe(units=kind.units, activation=kind.activation)  # type: ignore[arg-type]
    model = build(kind.size, kind.columns, recipe)
    optimizer = keras().optimizers.Adam(kind.rate)
    optimizer.build(model.trainable_variables)
    fixed = [one.value for one in model.non_trainable_variables]

    def loss(trained: Variables, batch: Any, weights: Any) -> Any:
        made, _ = model.stateless_call(trained, fixed, batch)
        errors = jnp.mean((made - batch) ** 2, axis=(1, 2))  # (window,)
        return jnp.sum(errors * weights) / jnp.maximum(jnp.sum(weights), 1e-9)

    def step(trained: Variables, moments: Variables, batch: Any, weights: Any) -> Any:
        value, gradients = jax.value_and_grad(loss)(trained, batch, weights)
        trained, moments = optimizer.stateless_apply(moments, gradients, trained)
        return trained, moments, value

    # Networks are trained side by side, one thread each.
    alone = {"xla_cpu_multi_thread_eigen": False}
    return _Compiled(model, optimizer, jax.jit(step, compiler_options=alone))


def prepare(size: int, columns: int, recipe: Recipe) -> None:
    """Compiles what `train` needs of Keras, which must not be called from several threads."""
    _compiled(_Kind(size, columns, recipe.units, recipe.activation, recipe.rate))


def rate_at(recipe: Recipe, done: float) -> float:
    """The rate of a step, when this part of all steps is done."""
    if not recipe.falling:
        return recipe.rate
    return recipe.rate * min(done / WARM_UP, 1.0) * 0.5 * (1.0 + math.cos(math.pi * done))


def train(
    lesson: Lesson,
    recipe: Recipe,
    weights: list[Singles],
    seed: int,
    tell: Callable[[int, float], None] = lambda epoch, loss: None,
    stopped: Callable[[], bool] = lambda: False,
) -> list[Singles]:
    """The weights after all epochs, or when `stopped`; raises ConfigError where the loss diverges.

    `tell` is called with each finished epoch and its loss. Each epoch sees every window once, in an order
    that the seed draws; the last batch is filled up with windows of no weight.
    """
    size, columns = lesson.windows.shape[1], lesson.rows.shape[1]
    compiled = _compiled(_Kind(size, columns, recipe.units, recipe.activation, recipe.rate))
    trained: Variables = list(weights)
    moments: Variables = [np.zeros(one.shape, one.dtype) for one in compiled.optimizer.variables]
    random = np.random.default_rng(seed)
    number = len(lesson.windows)
    heavy = lesson.weights.astype(np.float32)
    for epoch in range(recipe.epochs):
        order = random.permutation(number)
        losses = []
        for start in range(0, number, recipe.batch):
            if stopped():
                return weights
            chosen = order[start : start + recipe.batch]
            filled = np.resize(chosen, recipe.batch)
            counted = np.where(np.arange(recipe.batch) < len(chosen), heavy[filled], np.float32(0.0))
            batch = lesson.rows[lesson.windows[filled]]
            done = epoch + (start + 0.5 * recipe.batch) / number
            moments[1] = np.asarray(rate_at(recipe, min(done / recipe.epochs, 1.0)), np.float32)
            trained, moments, value = compiled.step(trained, moments, batch, counted)
            losses.append(value)
        loss = float(np.mean([float(one) for one in losses]))
        if not np.isfinite(loss):
            raise ConfigError(
                f"The autoencoder of window {size} diverged in epoch {epoch + 1}: lower its rate, "
                "or use the activation tanh."
            )
        tell(epoch + 1, loss)
    return [np.asarray(one, np.float32) for one in trained]
