"""Files appear whole or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from coldtrail.errors import ColdtrailError
from coldtrail.store.whole_file import write_whole


def failing() -> Iterator[bytes]:
    yield b"half"
    raise RuntimeError("the rest cannot be made")


def test_the_parts_make_the_file_and_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "out.jsonl"
    write_whole(path, [b"one\n", b"two\n"])
    assert path.read_bytes() == b"one\ntwo\n"


def test_a_failure_half_way_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    write_whole(path, [b"old"])
    with pytest.raises(RuntimeError):
        write_whole(path, failing())
    assert path.read_bytes() == b"old"
    assert [found.name for found in tmp_path.iterdir()] == ["out.jsonl"]


def test_the_file_has_the_rights_that_any_new_file_has(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    write_whole(tmp_path / "whole", [b""])
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("plain", "whole")]
    assert modes[0] == modes[1]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_device_is_written_to_as_it_is() -> None:
    path = Path(os.devnull)
    write_whole(path, [b"gone"])
    assert not path.is_file()


def test_a_folder_in_the_way_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ColdtrailError, match=r"the file cannot be written: Is a directory\."):
        write_whole(tmp_path, [b"x"])
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ColdtrailError, match="the file cannot be written"):
        write_whole(tmp_path / "file" / "below.jsonl", [b"x"])
