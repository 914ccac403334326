"""Ids that came are known again, the last million at least."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.assembly.remembered import Remembered
from coldtrail.errors import BundleError
from coldtrail.records.stage import packed


@given(st.lists(st.text(max_size=3) | st.integers(0, 2000).map(str), max_size=300), st.integers(1, 50))
def test_the_last_ones_are_known_and_those_that_never_came_are_not(ids: list[str], most: int) -> None:
    known = Remembered(most)
    for one in ids:
        known.add(one)
    different = list(dict.fromkeys(reversed(ids)))
    assert all(one in known for one in different[:most] if ids.count(one) == 1)
    assert "never" not in known
    assert len(known) <= 2 * most
    again = Remembered.restored(most, {"ids": known.state()}, "ids")
    assert [one in again for one in [*ids, "never"]] == [one in known for one in [*ids, "never"]]


def test_what_older_states_hold_is_known_and_what_is_cut_off_is_refused() -> None:
    known = Remembered.restored(9, {"ids": packed(["a", "b"])}, "ids")
    assert ["a" in known, "b" in known, "c" in known] == [True, True, False]
    with pytest.raises(BundleError, match="damaged"):
        Remembered.restored(9, {"ids": packed(b"123")}, "ids")


def test_it_takes_no_more_than_a_few_bytes_an_id() -> None:
    known = Remembered(100_000)
    for number in range(250_000):
        known.add(f"1-5759e988-{number:024x}")
    held = sum(sys.getsizeof(one._places) for one in (known._older, known._newer))
    assert held <= 40 * 100_000 * 2
    assert 100_000 <= len(known) <= 200_000
    assert f"1-5759e988-{249_999:024x}" in known
    assert f"1-5759e988-{0:024x}" not in known
