"""Folders appear whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from coldtrail.store.whole_folder import is_being_replaced, left_aside, write_folder


def test_the_contents_are_all_that_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "above" / "new"
    write_folder({"a": b"1", "b": b"2"}, folder)
    write_folder({"b": b"3"}, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"b": b"3"}
    assert [path.name for path in folder.parent.iterdir()] == ["new"]


def test_a_check_that_raises_leaves_the_older_folder(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    write_folder({"a": b"1"}, folder)
    seen = []

    def refuse(old: Path) -> None:
        seen.append((old / "a").read_bytes())
        assert is_being_replaced(folder)
        raise ValueError("not this one")

    with pytest.raises(ValueError, match="not this one"):
        write_folder({"a": b"2"}, folder, refuse)
    assert seen == [b"1"]
    assert (folder / "a").read_bytes() == b"1"
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_folder_that_is_there_or_was_never_is_not_being_replaced(tmp_path: Path) -> None:
    assert not is_being_replaced(tmp_path / "absent")
    assert not is_being_replaced(tmp_path / "absent" / "folder")
    (tmp_path / ".folder-old-1").mkdir()
    assert is_being_replaced(tmp_path / "folder")
    write_folder({}, tmp_path / "folder")
    assert not is_being_replaced(tmp_path / "folder")


def test_a_folder_whose_replacing_was_cut_short_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    write_folder({"a": b"1"}, folder)
    assert left_aside(folder) is None
    (tmp_path / ".folder-old-1").mkdir()
    assert left_aside(folder) is None
    folder.replace(tmp_path / ".folder-old-1" / "folder")
    assert left_aside(folder) == tmp_path / ".folder-old-1" / "folder"
    assert left_aside(tmp_path / "other") is None
    write_folder({"a": b"2"}, folder)
    assert left_aside(folder) is None
