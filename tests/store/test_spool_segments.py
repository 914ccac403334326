"""Records as they lie in a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.errors import StoreError
from coldtrail.store.spool_segments import (
    HEAD_BYTES,
    Position,
    Segment,
    decoded,
    encoded,
    length_at,
    packed,
    read_mark,
    segments_of,
    unpacked,
)

RECORDS = st.lists(st.tuples(st.text(max_size=9), st.floats(0, 2e9), st.binary(max_size=60)), max_size=6)


def written(records: list[tuple[str, float, bytes]]) -> bytes:
    return b"".join(b"".join(packed(*one)) for one in records)


@given(RECORDS, st.binary(max_size=HEAD_BYTES))
def test_records_come_back_up_to_what_is_none(records: list[tuple[str, float, bytes]], torn: bytes) -> None:
    data = written(records)
    found = list(unpacked(data + torn))
    assert [one[:3] for one in found] == records
    assert [one.end for one in found] == [len(written(records[: n + 1])) for n in range(len(records))]
    if records:
        assert length_at(data) == found[0].end


@given(RECORDS.filter(bool), st.data())
def test_no_changed_byte_is_taken_for_a_record(
    records: list[tuple[str, float, bytes]], data: st.DataObject
) -> None:
    whole = bytearray(written(records))
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    good = [one[:3] for one in unpacked(bytes(whole)) if one.payload is not None]
    assert len(good) < len(records)
    assert set(good) <= set(records)


@given(RECORDS.filter(bool), st.data())
def test_a_record_that_is_cut_short_is_none(
    records: list[tuple[str, float, bytes]], data: st.DataObject
) -> None:
    whole = written(records)
    last = len(b"".join(packed(*records[-1])))
    cut = data.draw(st.integers(1, last))
    assert len(list(unpacked(whole[: len(whole) - cut]))) == len(records) - 1


def test_zeros_are_no_record() -> None:
    assert list(unpacked(bytes(500))) == []
    assert length_at(bytes(500)) is None


def test_segments_come_by_number(tmp_path: Path) -> None:
    wanted = [Segment(number, "00ff00ff") for number in (2, 10, 1_000_000_001)]
    for one in wanted[::-1]:
        (tmp_path / one.name).write_bytes(b"")
    (tmp_path / "notes.txt").write_bytes(b"")
    assert segments_of(tmp_path) == wanted


@pytest.mark.parametrize("mark", [b"", b"x" * 24, bytes(24), bytes(99)])
def test_a_damaged_mark_is_none(tmp_path: Path, mark: bytes) -> None:
    assert read_mark(tmp_path) is None
    (tmp_path / "synced").write_bytes(mark)
    assert read_mark(tmp_path) is None


def test_positions_are_json() -> None:
    position = Position("00ff00ff", 3, 120)
    assert encoded(position) == b'{"spool":"00ff00ff","segment":3,"offset":120}'
    assert decoded(encoded(position)) == position
    with pytest.raises(StoreError, match="position of the spool cannot be read"):
        decoded(b"[1,2]")
