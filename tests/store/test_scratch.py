"""Bytes set aside on disk."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from coldtrail.store.scratch import Scratch, scratch


def test_what_was_set_aside_comes_back_by_its_number() -> None:
    with scratch() as aside:
        aside.add([b"one", b"", b"three"])
        assert [aside.get(number) for number in (2, 0, 1)] == [b"three", b"one", b""]
        aside.add([])
        aside.add([b"four"])
        assert aside.get(3) == b"four"
        assert aside.get(0) == b"one"


def test_another_one_beside_it_has_its_own_numbers_and_goes_with_it() -> None:
    with ExitStack() as files:
        one = Scratch(files)
        other = one.beside()
        one.add([b"one"])
        other.add([b"other"])
        assert (one.get(0), other.get(0)) == (b"one", b"other")
    with pytest.raises(ValueError, match="closed file"):
        other.add([b"more"])
