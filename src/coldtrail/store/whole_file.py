"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from coldtrail.errors import ColdtrailError


def write_whole(path: Path, parts: Iterable[bytes], *, durable: bool = False) -> None:
    """Writes the parts as the file at the path, which is replaced only once all of them are written.

    A `durable` file is whole after a loss of power as well. A device or a pipe, such as /dev/stdout, is
    written to as it is. Raises `ColdtrailError` where the file cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as stream:
                stream.writelines(parts)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, parts, durable)
    except OSError as error:
        raise ColdtrailError(f"{path}: the file cannot be written: {error.strerror}.") from None


def _replace(path: Path, parts: Iterable[bytes], durable: bool) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(parts)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
