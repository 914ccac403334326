"""Appending to segments."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from coldtrail.store import spool_files
from coldtrail.store.spool_ahead import LEAST_BYTES
from coldtrail.store.spool_files import SegmentWriter
from coldtrail.store.spool_reader import SpoolReader
from coldtrail.store.spool_segments import packed, read_mark, segments_of, unpacked

RECORD = b"".join(packed("s", 1.0, b"x" * 10))


def test_segments_are_full_before_the_next_begins(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, 2 * len(RECORD))
    for _ in range(5):
        writer.write(RECORD)
    assert [(tmp_path / one.name).stat().st_size for one in segments_of(tmp_path)] == [
        2 * len(RECORD),
        2 * len(RECORD),
        len(RECORD),
    ]
    assert writer.size == 5 * len(RECORD)
    (tmp_path / segments_of(tmp_path)[0].name).unlink()
    writer.look()
    assert writer.size == 3 * len(RECORD)
    writer.close()
    mark = read_mark(tmp_path)
    assert mark is not None
    assert (mark.segment, mark.offset) == (3, len(RECORD))


def test_a_later_writer_goes_on_in_the_last_segment(tmp_path: Path) -> None:
    for _ in range(3):
        writer = SegmentWriter(tmp_path, 1000)
        writer.write(RECORD)
        writer.close()
    (segment,) = segments_of(tmp_path)
    assert (tmp_path / segment.name).read_bytes() == RECORD * 3
    assert writer.torn_bytes == 0


def test_what_a_failed_write_left_is_cut_before_the_next_even_where_it_could_not_be_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise OSError(errno.EIO, "no")

    def unsynced(handle: int, data: memoryview, at: int) -> int:
        os.pwrite(handle, data, at)
        raise OSError(errno.EIO, "no")

    writer = SegmentWriter(tmp_path, 1000)
    writer.write(RECORD)
    monkeypatch.setattr(spool_files, "_append", unsynced)
    monkeypatch.setattr(os, "ftruncate", failing)
    with pytest.raises(OSError, match="no"):
        writer.write(RECORD * 3)
    (segment,) = segments_of(tmp_path)
    assert (tmp_path / segment.name).stat().st_size == 4 * len(RECORD)
    with pytest.raises(OSError, match="no"):
        writer.write(RECORD)
    monkeypatch.undo()
    writer.write(RECORD)
    writer.close()
    assert len(list(unpacked((tmp_path / segment.name).read_bytes()))) == 2


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "synced").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        SegmentWriter(tmp_path, 1000)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_system_that_cannot_write_and_sync_at_once_does_so_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def unknown(*_: object) -> int:
        raise OSError(number, "no")

    monkeypatch.setattr(os, "pwritev", unknown)
    synced: list[int] = []
    monkeypatch.setattr(spool_files, "_sync", synced.append)
    writer = SegmentWriter(tmp_path, 1000)
    writer.write(RECORD)
    writer.close()
    assert len(synced) == 1
    (segment,) = segments_of(tmp_path)
    assert (tmp_path / segment.name).read_bytes() == RECORD


def test_a_segment_that_could_not_be_begun_at_first_keeps_no_zeros(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_: Path) -> None:
        raise OSError(errno.EIO, "no")

    writer = SegmentWriter(tmp_path, 2 * LEAST_BYTES)
    large = b"".join(packed("s", 1.0, b"x" * (LEAST_BYTES // 2)))
    writer.write(large)
    thread = writer._ahead._thread
    assert thread is not None
    thread.join()
    monkeypatch.setattr(spool_files, "sync_folder", failing)
    with pytest.raises(OSError, match="no"):
        writer.write(large)
    monkeypatch.undo()
    for _ in range(5):
        writer.write(large)
    writer.close()
    sizes = [(tmp_path / one.name).stat().st_size for one in segments_of(tmp_path)]
    assert all(size % len(large) == 0 for size in sizes[:-1])
    reader = SpoolReader(tmp_path)
    assert len(reader.read(None, 2**30)) == 6
    assert reader.damaged_bytes == 0
