"""Training: the loss falls, the seed decides, what diverges is an error."""

from __future__ import annotations

import builtins
from typing import Any

import msgspec
import numpy as np
import pytest

from coldtrail.detectors.autoencoder.learner import INSTALL, Lesson, first_weights, keras, rate_at, train
from coldtrail.detectors.autoencoder.recipe import FAITHFUL
from coldtrail.errors import ConfigError

RECIPE = msgspec.structs.replace(FAITHFUL, units=(8, 4), epochs=8, batch=16, rate=0.01)


def lesson(number: int = 90) -> Lesson:
    rows = np.random.default_rng(0).random((number, 3)).astype(np.float32)
    steps = np.arange(number - 3)[:, None] + np.arange(3)
    return Lesson(rows, steps, np.ones(len(steps)))


def test_the_loss_falls_and_is_told() -> None:
    told: dict[int, float] = {}
    begin = first_weights(3, 3, RECIPE, 0)
    trained = train(lesson(), RECIPE, begin, 0, told.__setitem__)
    assert sorted(told) == list(range(1, 9))
    assert told[8] < 0.7 * told[1]
    assert [one.shape for one in trained] == [one.shape for one in begin]


def test_a_falling_rate_rises_first_and_ends_at_nothing() -> None:
    falling = msgspec.structs.replace(RECIPE, falling=True)
    rates = [rate_at(falling, done) for done in (0.01, 0.05, 0.5, 1.0)]
    assert rates[0] < rates[2] < rates[1] <= RECIPE.rate
    assert rates[3] == pytest.approx(0.0)
    assert rate_at(RECIPE, 0.01) == rate_at(RECIPE, 1.0) == RECIPE.rate
    begin = first_weights(3, 3, RECIPE, 0)
    constant, fallen = (train(lesson(), one, begin, 0) for one in (RECIPE, falling))
    assert any((one != other).any() for one, other in zip(constant, fallen, strict=True))


def test_the_seed_decides_all() -> None:
    runs = [train(lesson(), RECIPE, first_weights(3, 3, RECIPE, seed), seed) for seed in (1, 1, 2)]
    for one, same in zip(runs[0], runs[1], strict=True):
        np.testing.assert_array_equal(one, same)
    assert any((one != other).any() for one, other in zip(runs[0], runs[2], strict=True))


def test_a_window_of_weight_two_is_learned_as_two_windows_in_one_batch() -> None:
    recipe = msgspec.structs.replace(RECIPE, batch=128, epochs=5)
    rows, steps, ones = lesson(40)
    twice = Lesson(rows, np.concatenate([steps, steps[:10]]), np.ones(len(steps) + 10))
    merged = Lesson(rows, steps, ones + (np.arange(len(steps)) < 10))
    begin = first_weights(3, 3, recipe, 0)
    for a, b in zip(train(twice, recipe, begin, 0), train(merged, recipe, begin, 0), strict=True):
        np.testing.assert_allclose(a, b, atol=2e-4)


def test_a_loss_that_diverges_is_an_error() -> None:
    recipe = msgspec.structs.replace(RECIPE, rate=1e30)
    with pytest.raises(ConfigError, match="diverged in epoch"):
        train(lesson(), recipe, first_weights(3, 3, recipe, 0), 0)


def test_without_keras_the_command_that_installs_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "keras":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ConfigError) as error:
        keras()
    assert INSTALL in str(error.value)
