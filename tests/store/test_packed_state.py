"""States as bytes."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.errors import BundleError
from coldtrail.records.stage import State, packed
from coldtrail.store.packed_state import pack_state, unpack_state

STATE: State = {"a/b": np.arange(5), "told": packed({"x": 1}), "empty": np.array([])}


def test_a_state_comes_back_as_it_was() -> None:
    back = unpack_state(pack_state(STATE))
    assert back.keys() == STATE.keys()
    assert all(np.array_equal(back[name], one) for name, one in STATE.items())


@pytest.mark.parametrize(
    "spoil", [lambda b: b[:-1], lambda b: b"x" + b[1:], lambda b: b[:40] + b"!" + b[41:]]
)
def test_damage_is_one_sentence(spoil: object) -> None:
    with pytest.raises(BundleError, match="damaged"):
        unpack_state(spoil(pack_state(STATE)))  # type: ignore[operator]


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(BundleError, match="other things"):
        unpack_state(pack_state({"x": np.array([np.nan])}))
