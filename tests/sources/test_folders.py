import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document
from coldtrail.sources.folders import is_telemetry, shown

Read = Callable[..., list[Document]]
LINE = b'{"n":1}\n'
NOBODY = 65_534
"""The number of the user that owns nothing (Linux, `overflowuid`)."""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.json", True),
        ("a.JSONL", True),
        ("a.ndjson.gz", True),
        ("a.log.ZST", True),
        ("a.log", True),
        ("traces.jsonl.gz", True),
        ("labels.jsonl", False),
        ("look_alikes.jsonl", False),
        ("incidents.jsonl", False),
        ("networks.json", False),
        ("cloudtrail_labels.jsonl", False),
        ("run.json", False),
        ("coldtrail.toml", False),
        ("000000.gz", True),
        ("logs-1-2026-11-30-12-00-00-8f507cfc-1b2c-4d5e-8f60-718293a4b5c6", True),
        ("logs-1-2026-11-30-12-00-00-8f507cfc-1b2c-4d5e-8f60-718293a4b5c6.gz", True),
        ("000000", False),
        ("00.gz", False),
        ("a.txt", False),
        ("a.gz", False),
        ("a.json.bz2", False),
        ("json", False),
        ("README.md", False),
    ],
)
def test_telemetry_by_its_name(name: str, expected: bool) -> None:
    assert is_telemetry(name) is expected


def test_folders_are_read_in_a_fixed_order(tmp_path: Path, read: Read, tally: Tally) -> None:
    for name in (
        "b/2.json",
        "b/10.json",
        "a.log",
        "c/d/e/x.jsonl",
        "b.ndjson",
        "README.md",
        "LICENSE.apache-2.0",
        "labels.jsonl",
        "run.json",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(LINE)
    origins = [os.path.relpath(document.origin, tmp_path) for document in read(tmp_path)]
    assert origins == ["a.log", "b/10.json", "b/2.json", "b.ndjson", "c/d/e/x.jsonl"]
    assert tally.lost == 0
    assert tally.counts["files ignored"] == 4
    assert tally.counts["files ignored: .md"] == tally.counts["files ignored: licence"] == 1


@pytest.mark.parametrize(
    ("text", "read_it"),
    [
        (b"REPORT RequestId: a\tDuration: 1 ms\n", True),
        (b"\n\n2026-11-30T12:00:00Z START RequestId: a Version: 1\nhello\n", True),
        (b"version account-id interface-id srcaddr dstaddr\n2 1 eni-1 a b\n", True),
        (b"Apache License\nVersion 2.0\n", False),
        (b"", False),
        (LINE, False),
    ],
)
def test_a_text_is_read_where_it_is_a_log(
    tmp_path: Path, read: Read, tally: Tally, text: bytes, read_it: bool
) -> None:
    (tmp_path / "notes.txt").write_bytes(text)
    (tmp_path / "a.json").write_bytes(LINE)
    assert len(read(tmp_path)) == 1 + read_it
    assert tally.counts["files ignored"] == (not read_it)


def test_a_file_named_outright_is_always_tried(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_bytes(LINE)
    assert len(read(path)) == 1


def test_links_are_followed_once(tmp_path: Path, read: Read, tally: Tally) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "x.json").write_bytes(LINE)
    (folder / "again.json").symlink_to(folder / "x.json")
    (folder / "loop").symlink_to(tmp_path)
    (tmp_path / "other").symlink_to(folder)
    (tmp_path / "circle.json").symlink_to(tmp_path / "circle.json")
    (tmp_path / "lost.json").symlink_to(tmp_path / "nothing")
    os.link(folder / "x.json", tmp_path / "hard.json")
    assert len(read(tmp_path)) == 1
    assert dict(tally.losses) == {"reached twice": 4, "link in a circle": 1, "link to nowhere": 1}


def test_naming_a_file_twice(tmp_path: Path, read: Read, tally: Tally) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(LINE)
    assert len(read(path, path, tmp_path)) == 1
    assert tally.losses["reached twice"] == 2


def test_pipes_and_sockets_are_never_opened(tmp_path: Path, read: Read, tally: Tally) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    listener = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    try:
        os.chdir(tmp_path)
        listener.bind("socket.json")
    finally:
        os.chdir(here)
        listener.close()
    (tmp_path / "zero.json").symlink_to("/dev/zero")
    assert read(tmp_path / "pipe.json") == []
    assert read(tmp_path) == []
    assert dict(tally.losses) == {
        "no regular file": 3,
        "link out of the folder": 1,
        "folder without telemetry": 1,
    }


@contextmanager
def as_nobody() -> Iterator[None]:
    """The superuser may read everything: for a while it is somebody else, who owns nothing here."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_what_may_not_be_read_is_told(
    tmp_path: Path, read: Read, tally: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.json").write_bytes(LINE)
    (tmp_path / "x.json").chmod(0)
    (tmp_path / "closed").mkdir(mode=0)
    (tmp_path / "y.json").write_bytes(LINE)
    tmp_path.chmod(0o755)
    # By no path from above: folders above this one may be closed to others.
    monkeypatch.chdir(tmp_path)
    with as_nobody():
        assert len(read(".")) == 1
    assert tally.losses["unreadable"] == 2


@pytest.mark.parametrize(("names", "held"), [((), "nothing"), (("a.txt", "b.txt", "c.md"), "2 .txt, 1 .md")])
def test_a_folder_without_telemetry_is_told(
    tmp_path: Path, read: Read, tally: Tally, names: tuple[str, ...], held: str
) -> None:
    for name in names:
        (tmp_path / name).write_bytes(LINE)
    assert read(tmp_path) == []
    assert dict(tally.losses) == {"folder without telemetry": 1}
    assert held in tally.sentences()[0]


def test_very_deep_folders(tmp_path: Path, read: Read, tally: Tally) -> None:
    deep = tmp_path.joinpath(*["d"] * 600)
    deep.mkdir(parents=True)
    (deep / "x.json").write_bytes(LINE)
    assert len(read(tmp_path)) == 1
    assert tally.lost == 0


def test_odd_names_are_fit_to_be_shown(tmp_path: Path, read: Read) -> None:
    odd = os.fsencode(tmp_path) + b"/\xff\x1b[31m.json"
    with open(odd, "wb") as file:
        file.write(LINE)
    (document,) = read(tmp_path)
    assert document.origin == f"{tmp_path}/\\xff\\x1b[31m.json"
    assert shown("a\nb") == "a\\x0ab"


def test_what_the_system_refuses_is_told(
    tmp_path: Path, read: Read, tally: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "x.json").write_bytes(LINE)
    monkeypatch.setattr(os, "open", refuse)
    assert read(tmp_path / "x.json") == []
    monkeypatch.setattr(os, "scandir", refuse)
    assert read(tmp_path) == []
    assert dict(tally.losses) == {"unreadable": 2, "folder without telemetry": 1}


def test_a_link_that_leads_out_of_the_folder_is_told_and_not_followed(
    tmp_path: Path, read: Read, tally: Tally
) -> None:
    folder, other = tmp_path / "in", tmp_path / "in-2"
    for one in (folder, other):
        one.mkdir()
        (one / "x.json").write_bytes(LINE)
    (folder / "near").mkdir()
    (folder / "near" / "y.json").symlink_to(folder / "hidden.txt")
    (folder / "hidden.txt").write_bytes(LINE)
    (folder / "file.json").symlink_to(other / "x.json")
    (folder / "folder").symlink_to(other)
    (folder / "up").symlink_to("..")
    (folder / "by way").symlink_to(folder / "folder")
    (folder / "root").symlink_to("/")
    (tmp_path / "named").symlink_to(folder)
    for named in (folder, tmp_path / "named"):
        tally.losses.clear()
        assert [os.path.basename(one.origin) for one in read(named)] == ["y.json", "x.json"]
        assert dict(tally.losses) == {"link out of the folder": 5}
    assert "leads out of the folder that was named" in tally.sentences()[0]


def test_what_a_link_leads_to_is_read_where_the_link_itself_is_named(tmp_path: Path, read: Read) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "x.json").write_bytes(LINE)
    (tmp_path / "a").symlink_to("there")
    (tmp_path / "b.json").symlink_to("there/x.json")
    assert len(read(tmp_path / "a")) == 1
    assert len(read(tmp_path / "b.json")) == 1


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="this system has no /proc")
def test_the_systems_own_folders_come_to_an_end(read: Read, tally: Tally) -> None:
    assert read("/proc/self") == []
    assert tally.losses["link out of the folder"] > 2


def test_parquet_is_told_with_how_to_get_text(tmp_path: Path, read: Read, tally: Tally) -> None:
    (tmp_path / "flows.log.parquet").write_bytes(b"PAR1" + bytes(64))
    (tmp_path / "flows.log").write_bytes(b"PAR1" + bytes(64))
    (tmp_path / "a.json").write_bytes(LINE)
    assert len(read(tmp_path)) == 1
    assert tally.losses == {"not telemetry": 2}
    assert tally.counts["files ignored: .parquet"] == 1
    (said,) = tally.sentences()
    assert "Parquet file, which is not read" in said
    assert "FileFormat=plain-text" in said
