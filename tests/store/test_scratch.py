"""Bytes set aside on disk."""

from __future__ import annotations

from tempfile import TemporaryFile

from coldtrail.store.scratch import Scratch


def test_what_was_set_aside_comes_back_by_its_number() -> None:
    with TemporaryFile() as file:
        scratch = Scratch(file)
        scratch.add([b"one", b"", b"three"])
        assert [scratch.get(number) for number in (2, 0, 1)] == [b"three", b"one", b""]
        scratch.add([b"four"])
        assert scratch.get(3) == b"four"
        assert scratch.get(0) == b"one"
