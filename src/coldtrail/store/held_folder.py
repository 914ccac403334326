"""A folder that one process at a time uses."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coldtrail.errors import ConfigError, StoreError

LOCK = "lock"
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK


@contextmanager
def held_folder(folder: Path) -> Iterator[Path]:
    """The folder, made where it is missing, for its owner alone, held until the end.

    Raises `ConfigError` where another process holds it, and `StoreError` where it cannot be written."""
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder}: this is no folder; name a folder for what the service keeps.")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.fdopen(os.open(folder / LOCK, _FLAGS, 0o600), "ab")
    except OSError as error:
        raise StoreError(f"{folder}: nothing can be kept there: {error.strerror}.") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ConfigError(
                f"{folder}: another service is using this folder; stop it, or name another folder as "
                "service.data."
            ) from None
        yield folder
