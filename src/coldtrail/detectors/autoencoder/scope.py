"""Scopes: which flows share one model, and which of them validate it."""

from __future__ import annotations

import numpy as np

from coldtrail.detectors.autoencoder.recipe import Recipe
from coldtrail.features.batch import Encoded, Ints
from coldtrail.features.wording import APPLICATION, FUNCTION

LEAST_FLOWS = 10
"""Fewer flows are too few to learn from and to validate on."""


def scopes(flows: Encoded, recipe: Recipe) -> dict[str, Ints]:
    """The flows of each scope of the recipe, by its name; of all flows the name is empty.

    A flow without any step has no names, and belongs to no scope unless one model serves all.
    """
    if recipe.scope == "all":
        return {"": np.arange(len(flows))}
    wording = flows.wording
    columns = [APPLICATION] if recipe.scope == "application" else [APPLICATION, FUNCTION]
    filled = np.flatnonzero(flows.lengths)
    codes = np.zeros((len(flows), len(columns)), np.int64)
    codes[filled] = wording.codes[wording.offsets[:-1][filled]][:, columns]
    different, of = np.unique(codes, axis=0, return_inverse=True)
    return {
        "/".join(wording.words[code] for code in one): np.flatnonzero(of.ravel() == k)
        for k, one in enumerate(different)
    }


def split(flows: Encoded, recipe: Recipe) -> tuple[Ints, Ints]:
    """The flows to learn from and the last ones, to validate on, each in the order of their start."""
    order = np.argsort(flows.wording.rank, kind="stable")
    cut = len(order) - int(np.ceil(recipe.validation * len(order)))
    return order[:cut], order[cut:]


def kept_back(flows: Encoded, recipe: Recipe) -> Ints:
    """The flows that set thresholds; all of a scope with too little history to learn from."""
    parts = []
    for rows in scopes(flows, recipe).values():
        late = split(flows.take(rows), recipe)[1]
        parts.append(rows if len(rows) < LEAST_FLOWS else rows[late])
    return np.sort(np.concatenate([np.zeros(0, np.int64), *parts]))
