"""What is read of a spool, and what is removed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from coldtrail.errors import StoreError
from coldtrail.store.spool import Spool
from coldtrail.store.spool_reader import SpoolReader
from coldtrail.store.spool_segments import HEAD_BYTES, MARK, segments_of

SIZE = HEAD_BYTES + 1 + 10
"""Of each record on disk."""


def filled(folder: Path, count: int = 9, segment_bytes: int = 3 * SIZE) -> list[bytes]:
    payloads = [b"%010d" % number for number in range(count)]
    spool = Spool(folder, segment_bytes=segment_bytes)
    for payload in payloads:
        spool.append("s", payload)
    spool.close()
    return payloads


@pytest.mark.parametrize("most", [0, 1, SIZE, SIZE + 5, 2 * SIZE, 4 * SIZE, 99 * SIZE])
def test_reading_goes_on_from_any_position(tmp_path: Path, most: int) -> None:
    payloads = filled(tmp_path)
    reader = SpoolReader(tmp_path)
    found, position = [], None
    while records := reader.read(position, most):
        assert 1 <= len(records) <= max(1, most // SIZE)
        assert reader.waiting(position) == (9 - len(found)) * SIZE
        found += [record.payload for record in records]
        position = records[-1].position
    assert found == payloads
    assert reader.waiting(position) == 0
    for number, record in enumerate(reader.read(None, 10**6)):
        rest = reader.read(record.position, 10**6)
        assert [one.payload for one in rest] == payloads[number + 1 :]


def test_nothing_is_there_before_a_writer_was(tmp_path: Path) -> None:
    reader = SpoolReader(tmp_path)
    assert reader.read(None, 100) == []
    assert reader.waiting(None) == 0
    (tmp_path / MARK).mkdir()
    with pytest.raises(StoreError, match="the spool cannot be read"):
        reader.read(None, 100)
    with pytest.raises(StoreError, match="the spool cannot be read"):
        reader.waiting(None)


def test_what_is_not_synced_yet_is_not_seen(tmp_path: Path) -> None:
    filled(tmp_path, 2, 99 * SIZE)
    (segment,) = segments_of(tmp_path)
    path = tmp_path / segment.name
    whole = path.read_bytes()
    path.write_bytes(whole + whole)
    assert len(SpoolReader(tmp_path).read(None, 10**6)) == 2


def test_only_whole_segments_before_the_position_go(tmp_path: Path) -> None:
    payloads = filled(tmp_path, 10)
    reader = SpoolReader(tmp_path)
    records = reader.read(None, 10**6)
    assert reader.forget(records[1].position) == 0
    assert reader.forget(records[2].position) == 3 * SIZE
    assert reader.forget(records[4].position) == 0
    assert [one.payload for one in reader.read(None, 10**6)] == payloads[3:]
    assert reader.forget(records[-1].position) == 6 * SIZE
    assert reader.forget(records[-1].position) == 0
    assert [one.payload for one in reader.read(records[0].position, 10**6)] == payloads[9:]
    assert len(segments_of(tmp_path)) == 1


def test_a_spool_that_was_made_anew_is_read_from_its_beginning(tmp_path: Path) -> None:
    filled(tmp_path / "spool")
    reader = SpoolReader(tmp_path / "spool")
    position = reader.read(None, 10**6)[-1].position
    shutil.rmtree(tmp_path / "spool")
    payloads = filled(tmp_path / "spool", 4)
    assert [one.payload for one in reader.read(position, 10**6)] == payloads
    assert reader.forget(position) == 0


def test_a_damaged_payload_costs_that_record_alone(tmp_path: Path) -> None:
    payloads = filled(tmp_path)
    damage(tmp_path, 1, SIZE - 1)
    reader = SpoolReader(tmp_path)
    for _ in range(2):
        assert [one.payload for one in reader.read(None, 10**6)] == payloads[:3] + payloads[4:]
    assert (reader.damaged_records, reader.damaged_bytes) == (1, 0)


@pytest.mark.parametrize("most", [1, SIZE, 10**6])
def test_a_damaged_head_costs_the_rest_of_its_segment(tmp_path: Path, most: int) -> None:
    payloads = filled(tmp_path)
    damage(tmp_path, 1, SIZE + 2)
    reader = SpoolReader(tmp_path)
    found, position = [], None
    while records := reader.read(position, most):
        found += [record.payload for record in records]
        position = records[-1].position
    assert found == payloads[:4] + payloads[6:]
    assert (reader.damaged_records, reader.damaged_bytes) == (0, 2 * SIZE)


def test_a_segment_that_was_shortened_is_damage(tmp_path: Path) -> None:
    filled(tmp_path, 2, 99 * SIZE)
    (segment,) = segments_of(tmp_path)
    path = tmp_path / segment.name
    path.write_bytes(path.read_bytes()[: SIZE + 5])
    reader = SpoolReader(tmp_path)
    assert len(reader.read(None, 10**6)) == 1
    assert reader.damaged_bytes == SIZE
    spool = Spool(tmp_path, segment_bytes=SIZE)
    spool.append("s", b"x" * 10)
    spool.close()
    assert [one.payload for one in reader.read(None, 10**6)][1:] == [b"x" * 10]


def damage(folder: Path, which: int, at: int) -> None:
    path = folder / segments_of(folder)[which].name
    data = bytearray(path.read_bytes())
    data[at] ^= 0x40
    path.write_bytes(data)
