"""What an output path leads to. The folder of devices is a private one, never that of the machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from coldtrail.store.destinations import Way, descriptor_of, is_standard_output, opened, way_to

DESCRIPTORS = Path("/proc/self/fd")
pytestmark = pytest.mark.skipif(not DESCRIPTORS.is_dir(), reason="this system has no /proc")


@pytest.fixture
def number() -> Iterator[int]:
    """A descriptor that may be written to."""
    reading, writing = os.pipe()
    yield writing
    os.close(reading)
    os.close(writing)


@pytest.fixture
def dev(tmp_path: Path) -> Path:
    """A folder of devices as the system has one, link for link."""
    folder = tmp_path / "dev"
    folder.mkdir()
    (folder / "fd").symlink_to(DESCRIPTORS)
    for place, name in enumerate(("stdin", "stdout", "stderr")):
        (folder / name).symlink_to(DESCRIPTORS / str(place))
    return folder


def test_a_path_that_stands_for_a_descriptor_is_known_through_all_links(dev: Path, number: int) -> None:
    (dev / "again").symlink_to(dev / "stdout")
    (dev / "near").symlink_to(f"fd/{number}")
    assert descriptor_of(Path("-")) == 1
    assert descriptor_of(dev / "stdout") == descriptor_of(dev / "again") == 1
    assert descriptor_of(dev / "stderr") == 2
    for path in (
        dev / "near",
        dev / "fd" / str(number),
        DESCRIPTORS / str(number),
        Path(f"/dev/fd/{number}"),
        Path(f"/proc/{os.getpid()}/fd/{number}"),
        Path(f"/proc/thread-self/fd/{number}"),
        Path(f"/proc/self/task/{os.getpid()}/fd/{number}"),
    ):
        assert descriptor_of(path) == number, path
        assert way_to(path) is Way.STREAM


def test_other_paths_are_no_descriptors(tmp_path: Path, dev: Path) -> None:
    (tmp_path / "1").write_bytes(b"")
    (tmp_path / "loop").symlink_to("loop")
    for path in (
        tmp_path / "1",
        tmp_path / "loop",
        tmp_path / "absent",
        dev / "fd" / "x",
        Path("/proc/1/fd/1"),
    ):
        assert descriptor_of(path) is None, path


def test_standard_output_is_known_by_any_of_its_names(dev: Path, tmp_path: Path) -> None:
    copy = os.dup(1)
    assert all(map(is_standard_output, ("-", dev / "stdout", f"/dev/fd/{copy}")))
    os.close(copy)
    assert not any(map(is_standard_output, (None, tmp_path / "out", f"/dev/fd/{copy}", "x/-")))


def test_files_links_and_devices_are_written_in_their_ways(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "dangling").symlink_to("absent")
    (tmp_path / "null").symlink_to(os.devnull)
    os.mkfifo(tmp_path / "pipe")
    ways = {name: way_to(tmp_path / name) for name in ("file", "new", "link", "dangling", "null", "pipe")}
    assert ways == {
        "file": Way.REPLACED,
        "new": Way.REPLACED,
        "link": Way.IN_PLACE,
        "dangling": Way.IN_PLACE,
        "null": Way.STREAM,
        "pipe": Way.STREAM,
    }


def test_what_cannot_be_written_is_refused(tmp_path: Path, dev: Path) -> None:
    reading, writing = os.pipe()
    os.close(writing)
    for path in (tmp_path, dev / "fd" / str(reading), dev / "fd" / str(writing), dev / "fd" / "99999"):
        with pytest.raises(OSError, match=r"."):
            way_to(path)
    os.close(reading)
    disks = [path for path in Path("/dev").iterdir() if path.is_block_device()]
    for path in disks[:1]:
        with pytest.raises(OSError, match="disk"):
            way_to(path)


def test_a_descriptor_is_written_where_it_stands_and_stays_open(tmp_path: Path, number: int) -> None:
    log = os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT)
    os.write(log, b"before ")
    with os.fdopen(opened(Path(f"/dev/fd/{log}")), "wb") as stream:
        stream.write(b"more ")
    os.write(log, b"after")
    os.close(log)
    assert (tmp_path / "log").read_bytes() == b"before more after"
