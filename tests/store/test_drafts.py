"""What is written beside its place, and what killed commands left there."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from coldtrail.store import drafts
from coldtrail.store.drafts import clear_drafts, drafted_file, drafted_folder, drafts_of, is_abandoned

LEAVES = """
import os, sys
from pathlib import Path
from coldtrail.store.drafts import drafted_file, drafted_folder
path = Path(sys.argv[1])
with drafted_file(path) as (_, handle), drafted_folder(path) as folder:
    os.write(handle, b"half")
    (folder / "part").write_bytes(b"half")
    os.kill(os.getpid(), 9)
"""


def left_behind(path: Path) -> list[Path]:
    """The drafts of a process that was killed while it wrote a file and a folder."""
    done = subprocess.run([sys.executable, "-c", LEAVES, path], check=False)
    assert done.returncode == -9
    return drafts_of(path)


def test_a_draft_is_gone_at_the_end_however_it_comes(tmp_path: Path) -> None:
    with drafted_file(tmp_path / "out") as (draft, _), drafted_folder(tmp_path / "out") as folder:
        assert draft.parent == folder.parent == tmp_path
        (folder / "part").write_bytes(b"1")
        assert sorted([draft, folder]) == drafts_of(tmp_path / "out")
    with pytest.raises(KeyError), drafted_folder(tmp_path / "out"):
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_named_and_removed(tmp_path: Path) -> None:
    left = left_behind(tmp_path / "out")
    assert len(left) == 2
    said = clear_drafts(tmp_path / "out")
    assert [line.partition(":")[0] for line in said] == [str(one) for one in left]
    assert list(tmp_path.iterdir()) == []


def test_what_a_living_process_writes_is_left_alone(tmp_path: Path) -> None:
    with drafted_file(tmp_path / "out") as (draft, _), drafted_folder(tmp_path / "out") as folder:
        assert clear_drafts(tmp_path / "out") == []
        assert draft.exists()
        assert folder.exists()


def test_nothing_else_is_removed(tmp_path: Path) -> None:
    others = [".out.draft-", ".out.draft-123456789", ".out-12345678", ".other.draft-12345678", "out", ".out"]
    for name in others:
        (tmp_path / name).write_bytes(b"mine")
    (tmp_path / ".out.draft-linked00").symlink_to(tmp_path / "out")
    os.mkfifo(tmp_path / ".out.draft-thepipe0")
    left_behind(tmp_path / "out")
    assert len(clear_drafts(tmp_path / "out")) == 2
    assert {path.name for path in tmp_path.iterdir()} == {
        *others,
        ".out.draft-linked00",
        ".out.draft-thepipe0",
    }


def test_where_there_is_no_folder_nothing_was_left(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert clear_drafts(tmp_path / "absent" / "out") == []
    assert clear_drafts(tmp_path / "file" / "out") == []


def test_the_longest_names_have_drafts_too(tmp_path: Path) -> None:
    name = "ü" * 127
    with drafted_file(tmp_path / name) as (draft, _):
        assert drafts_of(tmp_path / name) == [draft]


def test_a_draft_taken_for_left_behind_before_it_was_held_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, taken = fcntl.flock, []

    def slow(handle: int, how: int) -> None:
        if not taken:
            taken.extend(drafts_of(tmp_path / "out"))
            drafts.remove(taken[0])
        real(handle, how)

    monkeypatch.setattr(fcntl, "flock", slow)
    with drafted_folder(tmp_path / "out") as folder:
        assert folder.is_dir()
        assert [folder] == drafts_of(tmp_path / "out") != taken


def test_where_nothing_can_be_locked_nothing_counts_as_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_behind(tmp_path / "out")

    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", refuse)
    assert clear_drafts(tmp_path / "out") == []
    assert not is_abandoned(tmp_path / "absent")
    with drafted_file(tmp_path / "other") as (draft, _):
        assert draft.exists()
