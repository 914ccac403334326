"""What shares one model, and what it is validated on."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from coldtrail.detectors.autoencoder.recipe import FAITHFUL
from coldtrail.detectors.autoencoder.scope import kept_back, scopes, split
from coldtrail.features.encode import encode
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.testing import make_flow, make_history

FLOWS = encode(
    [
        *make_history(20),
        *make_history(20, function="Ship", prefix="s"),
        *(make_flow([], application="other", flow_id=f"o{i}") for i in range(5)),
    ],
    Vocabulary(),
)


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("all", {"": 45}),
        ("application", {"shop": 40, "other": 5}),
        ("function", {"shop/Order": 20, "shop/Ship": 20, "other/Order": 5}),
    ],
)
def test_each_flow_has_one_scope(scope: str, expected: dict[str, int]) -> None:
    recipe = msgspec.structs.replace(FAITHFUL, scope=scope)
    found = scopes(FLOWS, recipe)
    assert {name: len(rows) for name, rows in found.items()} == expected
    assert sorted(np.concatenate(list(found.values())).tolist()) == list(range(45))


def test_the_last_fifth_is_kept_back_whatever_the_order() -> None:
    flows = FLOWS.take(np.random.default_rng(0).permutation(20))
    early, late = split(flows, FAITHFUL)
    assert (len(early), len(late)) == (16, 4)
    assert flows.wording.rank[early].max() < flows.wording.rank[late].min()


def test_all_of_a_scope_that_is_not_learned_is_kept_back() -> None:
    recipe = msgspec.structs.replace(FAITHFUL, scope="application")
    kept = kept_back(FLOWS, recipe)
    assert len(kept) == 8 + 5
    assert set(range(40, 45)) <= set(kept.tolist())
    assert len(kept_back(FLOWS.take(np.zeros(0, np.int64)), FAITHFUL)) == 0
