"""What lies in a folder now."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from coldtrail.errors import SourceError
from coldtrail.sources.growing.folder import look


def names(root: Path, known: set[str] | None = None, most: int = 100) -> tuple[list[str], list[str]]:
    lost: list[str] = []
    seen = look(str(root), known or set(), lambda path, why: lost.append(why), most)
    return [Path(one.path).name for one in seen], lost


def test_telemetry_is_seen_by_name_and_what_is_known_whatever_its_name(tmp_path: Path) -> None:
    for name in ("a.jsonl", "a.log.1", "a.log-20261130.gz", "a.jsonl.2", "b.md", "c.txt", "000000.gz"):
        (tmp_path / name).touch()
    os.mkfifo(tmp_path / "pipe.log")
    (tmp_path / "link.log").symlink_to(tmp_path / "a.jsonl")
    assert names(tmp_path) == (["000000.gz", "a.jsonl", "a.jsonl.2", "a.log-20261130.gz", "a.log.1"], [])
    status = (tmp_path / "b.md").stat()
    assert "b.md" in names(tmp_path, {f"{status.st_dev:x}:{status.st_ino:x}"})[0]


def test_more_files_than_are_followed_are_told(tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"{number:02}.log").touch()
    seen, lost = names(tmp_path, most=10)
    assert len(seen) == 10
    assert "more than 10 files lie here" in lost[0]


def test_a_named_file_alone_and_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    (tmp_path / "b.log").touch()
    assert names(tmp_path / "a") == (["a"], [])
    with pytest.raises(SourceError, match="no such file or folder"):
        names(tmp_path / "c")
