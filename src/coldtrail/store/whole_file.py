"""Files that appear whole or not at all, and outputs that are no file of their own."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryFile

from coldtrail.errors import ColdtrailError
from coldtrail.store.destinations import STANDARD_OUTPUT, Way, is_standard_output, opened, way_to
from coldtrail.store.drafts import drafted_file

_ANY_RIGHTS = 0o666
_OPEN_IN_PLACE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


def write_whole(path: Path, parts: Iterable[bytes], *, durable: bool = False) -> None:
    """Writes the parts as the file at the path, which is replaced only once all of them are written.

    A `durable` file is whole after a loss of power as well. What is no file of its own is written to as it
    is: `-` is standard output, and descriptors (/dev/stdout, /dev/fd/3), pipes and devices take the parts as
    they come. A link stays, and the content of what it leads to is replaced once all parts are known. Raises
    `ColdtrailError` where the file cannot be written, and BrokenPipeError where nobody reads standard output
    any more.
    """
    try:
        _write(path, parts, durable)
    except BrokenPipeError:
        if is_standard_output(path):
            raise
        raise ColdtrailError(f"{path}: nobody reads this pipe any more.") from None
    except OSError as error:
        name = "standard output" if str(path) == STANDARD_OUTPUT else path
        raise ColdtrailError(f"{name}: the file cannot be written: {error.strerror}.") from None


def _write(path: Path, parts: Iterable[bytes], durable: bool) -> None:
    way = way_to(path)
    if str(path) == STANDARD_OUTPUT and sys.stdout is not sys.__stdout__:
        # A caller of the library, or a test, has put something else in its place.
        sys.stdout.buffer.writelines(parts)
        sys.stdout.buffer.flush()
    elif way is Way.STREAM:
        with os.fdopen(opened(path), "wb") as stream:
            stream.writelines(parts)
    elif way is Way.IN_PLACE:
        _overwrite(path, parts)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, parts, durable)


def _overwrite(path: Path, parts: Iterable[bytes]) -> None:
    """Replaces the content of what a link leads to, once all of it has been made."""
    with TemporaryFile() as made:
        made.writelines(parts)
        made.seek(0)
        with os.fdopen(os.open(path, _OPEN_IN_PLACE, _ANY_RIGHTS), "wb") as file:
            shutil.copyfileobj(made, file, 1 << 20)


def _replace(path: Path, parts: Iterable[bytes], durable: bool) -> None:
    with drafted_file(path) as (draft, handle):
        with os.fdopen(os.dup(handle), "wb") as file:
            file.writelines(parts)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.chmod(draft, _rights(path))
        os.replace(draft, path)


def _rights(path: Path) -> int:
    """Those of the file that is there, else those of any new file."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return _ANY_RIGHTS & ~mask
