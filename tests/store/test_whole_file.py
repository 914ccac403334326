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


def test_the_file_keeps_the_rights_of_the_one_that_it_replaces(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"secret")
    (tmp_path / "out").chmod(0o600)
    write_whole(tmp_path / "out", [b"new"])
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o600


def test_a_link_stays_and_the_content_of_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target = tmp_path / "there" / "real"
    target.write_bytes(b"much longer than what comes")
    before = target.stat().st_ino
    (tmp_path / "near").symlink_to("there/real")
    (tmp_path / "far").symlink_to(tmp_path / "near")
    write_whole(tmp_path / "far", [b"new"])
    assert (tmp_path / "far").is_symlink()
    assert (tmp_path / "near").is_symlink()
    assert (target.read_bytes(), target.stat().st_ino) == (b"new", before)
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["real"]
    with pytest.raises(RuntimeError):
        write_whole(tmp_path / "far", failing())
    assert target.read_bytes() == b"new"


def test_a_link_to_nothing_gives_what_it_names(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("new")
    write_whole(tmp_path / "link", [b"x"])
    assert (tmp_path / "new").read_bytes() == b"x"
    assert (tmp_path / "link").is_symlink()
    (tmp_path / "lost").symlink_to("absent/new")
    with pytest.raises(ColdtrailError, match="cannot be written: No such file"):
        write_whole(tmp_path / "lost", [b"x"])
    assert not (tmp_path / "absent").exists()


def test_a_descriptor_that_is_open_on_a_file_is_written_to_and_nothing_is_renamed(tmp_path: Path) -> None:
    """As `--output /dev/stdout > file` asks for, in a private folder of devices."""
    dev = tmp_path / "dev"
    dev.mkdir()
    log = os.open(tmp_path / "log", os.O_RDWR | os.O_CREAT)
    (dev / "stdout").symlink_to(f"/proc/self/fd/{log}")
    before = os.fstat(log).st_ino
    write_whole(dev / "stdout", [b"one\n"])
    write_whole(dev / "stdout", [b"two\n"])
    assert os.readlink(dev / "stdout") == f"/proc/self/fd/{log}"
    assert os.fstat(log).st_ino == (tmp_path / "log").stat().st_ino == before
    assert (tmp_path / "log").read_bytes() == b"one\ntwo\n"
    assert [path.name for path in dev.iterdir()] == ["stdout"]
    os.close(log)


def test_standard_output_may_be_named_by_a_dash(
    capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        write_whole(Path("-"), [b"one\n"])
    finally:
        os.chdir(here)
    assert capfdbinary.readouterr().out == b"one\n"
    assert list(tmp_path.iterdir()) == []


def test_a_pipe_takes_the_parts_and_a_pipe_without_a_reader_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reading = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_whole(tmp_path / "pipe", [b"one", b"two"])
    assert os.read(reading, 100) == b"onetwo"
    other, writing = os.pipe()
    os.close(other)
    os.close(reading)
    with pytest.raises(ColdtrailError, match="nobody reads this pipe"):
        write_whole(Path(f"/dev/fd/{writing}"), [b"x"])
    os.close(writing)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_full_device_is_told(tmp_path: Path) -> None:
    (tmp_path / "full").symlink_to("/dev/full")
    for path in (Path("/dev/full"), tmp_path / "full"):
        with pytest.raises(ColdtrailError, match="No space left on device"):
            write_whole(path, [b"x" * 100_000])
