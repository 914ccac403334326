"""Recipes hold settings that can be."""

from __future__ import annotations

from typing import Any

import pytest

from coldtrail.detectors.autoencoder import DEFAULT, FAITHFUL, Recipe
from coldtrail.errors import ConfigError


def test_the_faithful_recipe_is_the_papers() -> None:
    assert FAITHFUL.windows == (3, 5, 10)
    assert FAITHFUL.units == (128, 64, 32)
    assert (FAITHFUL.activation, FAITHFUL.rate, FAITHFUL.batch, FAITHFUL.epochs) == ("relu", 1e-4, 32, 15)
    assert (FAITHFUL.embedding, FAITHFUL.dimensions, FAITHFUL.scaling) == ("chars2vec", 4, "linear")
    assert (FAITHFUL.threshold, FAITHFUL.scope, FAITHFUL.validation) == ("dbscan", "all", 0.2)
    assert not any((FAITHFUL.function_name, FAITHFUL.merged, FAITHFUL.oversample))
    assert not any((FAITHFUL.falling, FAITHFUL.counted))


def test_the_default_has_the_same_network_told_of_counts_and_trained_otherwise() -> None:
    different = {
        name for name in Recipe.__struct_fields__ if getattr(DEFAULT, name) != getattr(FAITHFUL, name)
    }
    assert different <= {"batch", "rate", "falling", "merged", "epochs", "counted", "threshold"}
    assert 3 * DEFAULT.epochs < FAITHFUL.epochs


@pytest.mark.parametrize(
    "wrong",
    [
        {"windows": ()},
        {"windows": (3, 3)},
        {"windows": (0,)},
        {"units": ()},
        {"epochs": 0},
        {"batch": 0},
        {"dimensions": 0},
        {"dimensions": 51},
        {"embedding": "hashed", "dimensions": 9},
        {"windows": (101,)},
        {"rate": 0.0},
        {"rate": float("nan")},
        {"validation": 1.0},
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        Recipe(**wrong)
