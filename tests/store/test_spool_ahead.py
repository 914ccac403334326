"""Segments that are filled with zeros beforehand."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from coldtrail.store.spool_ahead import LEAST_BYTES, NAME, Ahead
from coldtrail.store.spool_files import SegmentWriter
from coldtrail.store.spool_reader import SpoolReader
from coldtrail.store.spool_segments import packed, segments_of

RECORD = b"".join(packed("s", 1.0, b"x" * 100_000))
SIZE = LEAST_BYTES


def waited(writer: SegmentWriter) -> None:
    """Returns once the thread that makes the next segment is done."""
    thread = writer._ahead._thread
    if thread is not None:
        thread.join()


def written(folder: Path, records: int) -> SegmentWriter:
    writer = SegmentWriter(folder, SIZE)
    for _ in range(records):
        writer.write(RECORD)
        waited(writer)
    return writer


def test_what_is_written_over_zeros_comes_back_and_no_zero_stays(tmp_path: Path) -> None:
    writer = written(tmp_path, 40)
    segments = segments_of(tmp_path)
    sizes = [(tmp_path / one.name).stat().st_size for one in segments]
    assert len(segments) > 3
    assert all(size % len(RECORD) == 0 for size in sizes[:-1])
    assert sizes[0] == 2 * len(RECORD)
    assert sizes[-1] == SIZE
    assert writer.size == 40 * len(RECORD)
    reader = SpoolReader(tmp_path)
    assert len(reader.read(None, 2**30)) == 40
    writer.close()
    assert len(reader.read(None, 2**30)) == 40
    assert reader.damaged_bytes == 0
    assert not (tmp_path / NAME).exists()


def test_a_later_writer_takes_no_zero_for_something_torn(tmp_path: Path) -> None:
    writer = written(tmp_path, 4)
    shutil.copytree(tmp_path, killed := tmp_path / "killed")
    writer.close()
    last = segments_of(killed)[-1]
    assert (killed / last.name).stat().st_size == SIZE
    later = SegmentWriter(killed, SIZE)
    assert later.torn_bytes == 0
    later.write(RECORD)
    later.close()
    assert len(SpoolReader(killed).read(None, 2**30)) == 5


def test_what_was_torn_within_zeros_is_counted(tmp_path: Path) -> None:
    writer = written(tmp_path, 4)
    shutil.copytree(tmp_path, killed := tmp_path / "killed")
    end = writer._end
    writer.close()
    with (killed / segments_of(killed)[-1].name).open("r+b") as file:
        file.seek(end)
        file.write(RECORD[:5_000])
    later = SegmentWriter(killed, SIZE)
    assert later.torn_bytes == 5_000
    later.close()


def test_where_there_is_no_room_for_zeros_segments_grow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "write", full)
    writer = written(tmp_path, 25)
    assert not (tmp_path / NAME).exists()
    assert not writer._is_longer
    writer.close()
    monkeypatch.undo()
    assert len(SpoolReader(tmp_path).read(None, 2**30)) == 25


def test_what_another_writer_left_is_removed_and_small_segments_are_not_made(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"left behind")
    ahead = Ahead(tmp_path, LEAST_BYTES - 1)
    assert not (tmp_path / NAME).exists()
    ahead.begin()
    assert not ahead.take("segment")
    ahead.close()


def test_a_writer_that_closes_does_not_wait_for_all_of_it(tmp_path: Path) -> None:
    ahead = Ahead(tmp_path, 2**34)
    ahead.begin()
    ahead.begin()
    assert not ahead.take("segment")
    ahead.close()
    assert list(tmp_path.iterdir()) == []
