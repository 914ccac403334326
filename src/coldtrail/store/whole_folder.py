"""Folders that appear whole or not at all, and take the place of older ones in one step."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from coldtrail.store import drafts
from coldtrail.store.exchange import exchange

_OLD = "folder"


def _accept(_: Path) -> None:
    """Accepts any older folder."""


def write_folder(
    contents: Mapping[str, bytes], folder: Path, check: Callable[[Path], None] = _accept
) -> None:
    """Writes the contents, by file name, as a folder that takes the place of an older one.

    `check` is given the older folder, which nobody else replaces meanwhile; what it raises leaves that in
    its place. A link to a folder stays, and what it leads to is replaced. Raises OSError where the folder
    cannot be written.
    """
    folder = Path(os.path.realpath(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with drafts.drafted_folder(folder) as fresh:
        _fill(fresh, contents)
        with _held(folder) as is_there:
            if not is_there:
                fresh.replace(folder)
            else:
                check(folder)
                if not exchange(fresh, folder):
                    _replace(folder, fresh)
        _sync(folder.parent)


def _fill(fresh: Path, contents: Mapping[str, bytes]) -> None:
    for name, data in contents.items():
        with (fresh / name).open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    fresh.chmod(0o755)
    _sync(fresh)


def _sync(folder: Path) -> None:
    """Makes what stands in a folder last through a loss of power, where the file system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _held(folder: Path) -> Iterator[bool]:
    """Whether the folder is there; if so, nobody else replaces it meanwhile, where folders can be locked."""
    while True:
        try:
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            yield False
            return
        try:
            with suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_EX)
            if drafts.is_same(folder, handle):
                yield True
                return
        finally:
            os.close(handle)


def _replace(folder: Path, fresh: Path) -> None:
    """Replaces the folder in two steps, between which there is none: for systems that know no exchange."""
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
    handle = os.open(old, os.O_RDONLY)
    aside = old / _OLD
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        folder.replace(aside)
        try:
            fresh.replace(folder)
        except BaseException:
            aside.replace(folder)
            raise
    finally:
        os.close(handle)
        drafts.remove(old)


def clear_left(folder: Path) -> list[str]:
    """Puts right what killed commands left of a folder that they were to write; a sentence for each thing."""
    folder = Path(os.path.realpath(folder))
    said = []
    if (aside := left_aside(folder)) is not None and put_back(folder):
        said.append(f"{folder}: it was put back from {aside}, where an earlier command left it.")
    if folder.exists():
        for one in _asides(folder):
            if drafts.is_abandoned(one):
                drafts.remove(one)
                said.append(f"{one}: an earlier command left this older folder; it was removed.")
    return said + drafts.clear_drafts(folder)


def put_back(folder: Path) -> bool:
    """Whether the older folder, which a process killed halfway had put aside, stands in its place again."""
    aside = left_aside(folder)
    if aside is None or not drafts.is_abandoned(aside.parent):
        return False
    with suppress(OSError):
        aside.rename(folder)
        drafts.remove(aside.parent)
    return folder.exists()


def is_being_replaced(folder: Path) -> bool:
    """Whether the folder is missing because another process is just replacing it."""
    return not folder.exists() and bool(_asides(folder))


def left_aside(folder: Path) -> Path | None:
    """Where the older folder lies, if the process replacing it was killed halfway."""
    if folder.exists():
        return None
    return next((path / _OLD for path in _asides(folder) if (path / _OLD).is_dir()), None)


def _asides(folder: Path) -> list[Path]:
    """Where older folders are put while newer ones take their place, by a system that knows no exchange."""
    if not folder.parent.is_dir():
        return []
    return sorted(path for path in folder.parent.iterdir() if path.name.startswith(f".{folder.name}-old-"))
