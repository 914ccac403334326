"""What lies in a folder now, by identity, whatever it is called meanwhile."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Collection, Container, Iterator

from msgspec import Struct

from coldtrail.errors import SourceError
from coldtrail.sources.folders import is_telemetry, shown

MOST_FILES = 200_000
_ROTATED = re.compile(
    r"(.{1,200}\.(?:jsonl?|ndjson|log|otlp|pb))[.-]\d[\d._TZ-]{0,30}(\.gz|\.zst)?", re.IGNORECASE
)
"""`app.log.1`, `app.log-20261130`, `app.log.2.gz`"""


Lose = Callable[[str, str], None]
"""Records what cannot be looked at: a path, and why."""


class Seen(Struct, frozen=True):
    """A file as it was when it was looked at."""

    key: str
    """Device and inode: what it is, wherever it is moved."""
    path: str
    size: int
    modified: float
    changed: float
    """When anything of it changed, its name too; nobody sets this back."""

    @property
    def origin(self) -> str:
        """The path, fit to be shown."""
        return shown(self.path)


def look(root: str, known: Collection[str], lose: Lose, most: int = MOST_FILES) -> Iterator[Seen]:
    """The files of telemetry in a folder, at any depth, and those known whatever they are called now; or the
    file of this path, and those known beside it.

    Links are not followed. What cannot be looked at is given to `lose` (a path and why); raises `SourceError`
    where the folder itself cannot.
    """
    root = os.path.realpath(root)
    if os.path.isdir(root):
        yield from _below(root, known, lose, most)
    elif os.path.isfile(root) or known:
        # What was renamed away may hold lines that are not read yet.
        for entry in _entries(os.path.dirname(root)):
            seen = _file(entry)
            if seen is not None and (entry.path == root or seen.key in known):
                yield seen
    else:
        raise SourceError(f"{shown(root)}: there is no such file or folder: create it.", retryable=True)


def _below(root: str, known: Container[str], lose: Lose, most: int) -> Iterator[Seen]:
    folders, left = [root], most
    while folders:
        folder = folders.pop()
        try:
            entries = _entries(folder)
        except SourceError as error:
            if folder == root:
                raise
            lose(folder, str(error))
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
            elif (seen := _file(entry)) is not None and (seen.key in known or _may_be_telemetry(entry.name)):
                if not left:
                    lose(root, f"more than {most:,} files lie here; the rest was not looked at: remove some.")
                    return
                yield seen
                left -= 1


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as listing:
            return sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        why = error.strerror or str(error)
        raise SourceError(
            f"{shown(folder)}: this folder cannot be read ({why}): grant the right to read it.",
            retryable=not isinstance(error, PermissionError),
        ) from None


def _file(entry: os.DirEntry[str]) -> Seen | None:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return None
    return _seen(entry.path, status) if stat.S_ISREG(status.st_mode) else None


def _seen(path: str, status: os.stat_result) -> Seen:
    key = f"{status.st_dev:x}:{status.st_ino:x}"
    return Seen(key, path, status.st_size, status.st_mtime, status.st_ctime)


def _may_be_telemetry(name: str) -> bool:
    return is_telemetry(name) or _ROTATED.fullmatch(name) is not None
