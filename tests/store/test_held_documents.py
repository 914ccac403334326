"""Documents kept in a file until something is made of them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from coldtrail.errors import StoreError
from coldtrail.records.telemetry import Document, LogPlace
from coldtrail.store.held_documents import HeldDocuments

ONE = Document(b"\x00one\n", "a", "line 1", LogPlace("group", "stream", "1", 2.5, 3.5))
TWO, THREE = Document(b"", "b"), Document(b"three", "b")


def test_what_was_not_confirmed_is_cut_off(tmp_path: Path) -> None:
    held = HeldDocuments(tmp_path / "held", 0, 0)
    held.add([ONE, TWO])
    size = held.confirm()
    held.add([THREE])
    held.confirm()
    held.close()
    again = HeldDocuments(tmp_path / "held", size, 0)
    assert list(again.read()) == [ONE, TWO]
    again.add([THREE])
    assert list(again.read()) == [ONE, TWO, THREE]
    again.close()
    assert stat.S_IMODE((tmp_path / "held").stat().st_mode) == 0o600


def test_a_disk_that_is_nearly_full_is_left_alone(tmp_path: Path) -> None:
    held = HeldDocuments(tmp_path / "held", 0, 2**62)
    with pytest.raises(StoreError, match=r"the disk is nearly full; make room, and go on where it was\."):
        held.add([ONE])
    held.close()


def test_a_file_that_lost_what_was_confirmed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"some of it is gone; begin anew with --again\."):
        HeldDocuments(tmp_path / "held", 100, 0)
    with pytest.raises(StoreError, match=r"documents cannot be kept there"):
        HeldDocuments(tmp_path / "none" / "held", 0, 0)
