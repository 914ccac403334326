"""Folders appear whole or not at all, and take the place of others in one step."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import pytest

from coldtrail.store import whole_folder
from coldtrail.store.whole_folder import clear_left, is_being_replaced, left_aside, put_back, write_folder

DIES = """
import os, sys
from pathlib import Path
from coldtrail.store import whole_folder

def die(*_):
    os.kill(os.getpid(), 9)

if sys.argv[2] == "before":
    whole_folder.exchange = die
elif sys.argv[2] == "after":
    real = whole_folder.exchange
    whole_folder.exchange = lambda *both: real(*both) and die()
else:
    whole_folder.exchange = lambda *_: False
    real = Path.replace
    Path.replace = lambda one, other: (real(one, other), one.name == "folder" and die())[0]
whole_folder.write_folder({"a": b"new"}, Path(sys.argv[1]))
"""
WITHOUT_EXCHANGE = pytest.mark.parametrize("knows_exchange", [True, False])


def limit(monkeypatch: pytest.MonkeyPatch, knows_exchange: bool) -> None:
    if not knows_exchange:
        monkeypatch.setattr(whole_folder, "exchange", lambda *_: False)


def killed(folder: Path, when: str) -> None:
    done = subprocess.run([sys.executable, "-c", DIES, folder, when], check=False)
    assert done.returncode == -9


@WITHOUT_EXCHANGE
def test_the_contents_are_all_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, knows_exchange: bool
) -> None:
    limit(monkeypatch, knows_exchange)
    folder = tmp_path / "above" / "new"
    write_folder({"a": b"1", "b": b"2"}, folder)
    write_folder({"b": b"3"}, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"b": b"3"}
    assert [path.name for path in folder.parent.iterdir()] == ["new"]


@WITHOUT_EXCHANGE
def test_a_check_that_raises_leaves_the_older_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, knows_exchange: bool
) -> None:
    limit(monkeypatch, knows_exchange)
    folder = tmp_path / "folder"
    write_folder({"a": b"1"}, folder)
    seen = []

    def refuse(old: Path) -> None:
        seen.append((old / "a").read_bytes())
        raise ValueError("not this one")

    with pytest.raises(ValueError, match="not this one"):
        write_folder({"a": b"2"}, folder, refuse)
    assert seen == [b"1"]
    assert (folder / "a").read_bytes() == b"1"
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_nobody_else_replaces_the_folder_while_it_is_checked(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    write_folder({"a": b"1"}, folder)
    checking, other = Event(), Thread(target=write_folder, args=({"a": b"3"}, folder))

    def check(old: Path) -> None:
        other.start()
        checking.wait(0.2)
        assert (old / "a").read_bytes() == b"1"

    write_folder({"a": b"2"}, folder, check)
    other.join()
    assert (folder / "a").read_bytes() == b"3"


def test_a_folder_stands_at_every_moment_while_it_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    write_folder({"a": b"0"}, folder)
    done, missing = Event(), []

    def look() -> None:
        while not done.is_set():
            if not folder.exists():
                missing.append(1)

    looker = Thread(target=look)
    looker.start()
    for number in range(60):
        write_folder({"a": b"%d" % number}, folder)
    done.set()
    looker.join()
    assert missing == []


@WITHOUT_EXCHANGE
def test_a_link_stays_and_what_it_leads_to_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, knows_exchange: bool
) -> None:
    limit(monkeypatch, knows_exchange)
    write_folder({"a": b"1"}, tmp_path / "there" / "v1")
    (tmp_path / "model").symlink_to("there/v1")
    write_folder({"a": b"2"}, tmp_path / "model")
    assert (tmp_path / "model").is_symlink()
    assert (tmp_path / "there" / "v1" / "a").read_bytes() == b"2"
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["v1"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "there"]


@pytest.mark.parametrize(("when", "stands"), [("before", b"old"), ("after", b"new")])
def test_a_kill_leaves_one_whole_folder_and_the_next_command_clears_the_rest(
    tmp_path: Path, when: str, stands: bytes
) -> None:
    folder = tmp_path / "folder"
    write_folder({"a": b"old"}, folder)
    killed(folder, when)
    assert (folder / "a").read_bytes() == stands
    assert len(list(tmp_path.iterdir())) == 2
    (said,) = clear_left(folder)
    assert "it was removed" in said
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
    assert clear_left(folder) == []


def test_where_no_exchange_is_known_the_next_command_puts_the_older_folder_back(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    write_folder({"a": b"old"}, folder)
    killed(folder, "between")
    assert not folder.exists()
    assert left_aside(folder) is not None
    said = clear_left(folder)
    assert "it was put back from" in said[0]
    assert (folder / "a").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_an_older_folder_that_an_earlier_version_left_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    write_folder({"a": b"1"}, folder)
    (tmp_path / ".folder-old-1" / "folder").mkdir(parents=True)
    (said,) = clear_left(folder)
    assert "left this older folder" in said
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_folder_that_is_there_or_was_never_is_not_being_replaced(tmp_path: Path) -> None:
    assert not is_being_replaced(tmp_path / "absent")
    assert not is_being_replaced(tmp_path / "absent" / "folder")
    assert clear_left(tmp_path / "absent" / "folder") == []
    (tmp_path / ".folder-old-1").mkdir()
    assert is_being_replaced(tmp_path / "folder")
    write_folder({}, tmp_path / "folder")
    assert not is_being_replaced(tmp_path / "folder")


def test_a_folder_whose_replacing_was_cut_short_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    write_folder({"a": b"1"}, folder)
    assert left_aside(folder) is None
    assert not put_back(folder)
    (tmp_path / ".folder-old-1").mkdir()
    assert left_aside(folder) is None
    folder.replace(tmp_path / ".folder-old-1" / "folder")
    assert left_aside(folder) == tmp_path / ".folder-old-1" / "folder"
    assert left_aside(tmp_path / "other") is None
    assert put_back(folder)
    assert (folder / "a").read_bytes() == b"1"
