"""Drafts: what is written beside its place until it is whole, and what killed commands left of theirs.

Who writes a draft holds a lock on it, which goes when the process does, however it ends. So a draft that
nobody holds was left behind.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

_MARK = ".draft-"
_RANDOM_CHARS = 8
"""Of the names that `tempfile` makes up."""
_MOST_BYTES = 160
"""Of a name that a draft's name holds whole; file systems allow 255 bytes."""


@contextmanager
def drafted_file(path: Path) -> Iterator[tuple[Path, int]]:
    """A new file beside the path and its descriptor; it is gone at the end unless it was moved away."""

    def make() -> Path:
        handle, name = tempfile.mkstemp(prefix=_prefix(path), dir=path.parent)
        os.close(handle)
        return Path(name)

    with _drafted(make, os.O_RDWR) as draft:
        yield draft


@contextmanager
def drafted_folder(path: Path) -> Iterator[Path]:
    """A new folder beside the path; what stands under its name at the end is gone."""

    def make() -> Path:
        return Path(tempfile.mkdtemp(prefix=_prefix(path), dir=path.parent))

    with _drafted(make, os.O_RDONLY) as (draft, _):
        yield draft


@contextmanager
def _drafted(make: Callable[[], Path], how: int) -> Iterator[tuple[Path, int]]:
    draft, handle = _held(make, how)
    try:
        yield draft, handle
    finally:
        os.close(handle)
        remove(draft)


def _held(make: Callable[[], Path], how: int) -> tuple[Path, int]:
    """A draft with a lock on it; made again where another command took it for left behind before that."""
    while True:
        draft = make()
        handle = os.open(draft, how)
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        if is_same(draft, handle):
            return draft, handle
        os.close(handle)


def is_same(path: Path, handle: int) -> bool:
    """Whether a path still leads to what was opened."""
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False


def remove(path: Path) -> None:
    """Removes a file or folder, as far as that is possible."""
    with suppress(OSError):
        path.unlink()
        return
    shutil.rmtree(path, ignore_errors=True)


def is_abandoned(path: Path) -> bool:
    """Whether nobody holds a file or folder any more; False where that cannot be known."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


def clear_drafts(path: Path) -> list[str]:
    """Removes what killed commands left beside a path that they were to write; a sentence for each."""
    try:
        left = [found for found in drafts_of(path) if is_abandoned(found)]
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EACCES):
            return []
        raise
    for found in left:
        remove(found)
    return [f"{found}: an earlier command was ended while it wrote this; it was removed." for found in left]


def drafts_of(path: Path) -> list[Path]:
    """The drafts beside a path, those that are being written as well."""
    start = _prefix(path)
    found = [
        one
        for one in path.parent.iterdir()
        if one.name.startswith(start) and len(one.name) == len(start) + _RANDOM_CHARS
    ]
    return sorted(one for one in found if _is_plain(one))


def _is_plain(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
    except OSError:
        return False
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)


def _prefix(path: Path) -> str:
    name = os.fsencode(path.name)
    if len(name) <= _MOST_BYTES:
        return f".{path.name}{_MARK}"
    return f".{sha256(name).hexdigest()}{_MARK}"
