"""Folders that appear whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

_OLD = "folder"


def _accept(_: Path) -> None:
    """Accepts any older folder."""


def write_folder(
    contents: Mapping[str, bytes], folder: Path, check: Callable[[Path], None] = _accept
) -> None:
    """Writes the contents, by file name, as a folder that takes the place of an older one.

    `check` is given the older folder, which nobody else can replace meanwhile; what it raises leaves that in
    its place. Raises OSError where the folder cannot be written.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _fill(fresh, contents)
        if folder.exists():
            _replace(folder, fresh, check)
        else:
            fresh.replace(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _fill(fresh: Path, contents: Mapping[str, bytes]) -> None:
    for name, data in contents.items():
        with (fresh / name).open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    fresh.chmod(0o755)


def _replace(folder: Path, fresh: Path, check: Callable[[Path], None]) -> None:
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
    aside = old / _OLD
    try:
        folder.replace(aside)
        try:
            check(aside)
            fresh.replace(folder)
        except BaseException:
            aside.replace(folder)
            raise
    finally:
        shutil.rmtree(old)


def is_being_replaced(folder: Path) -> bool:
    """Whether the folder is missing because another process is just replacing it."""
    return bool(_aside(folder))


def left_aside(folder: Path) -> Path | None:
    """Where the older folder lies, if the process replacing it was killed halfway."""
    return next((path / _OLD for path in _aside(folder) if (path / _OLD).is_dir()), None)


def _aside(folder: Path) -> list[Path]:
    """Where older folders are put while newer ones take their place; none while one is there."""
    if folder.exists() or not folder.parent.is_dir():
        return []
    return sorted(path for path in folder.parent.iterdir() if path.name.startswith(f".{folder.name}-old-"))
