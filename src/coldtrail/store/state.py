"""Where a command goes on from: one folder with what it held when it ended, for one process at a time."""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec
import numpy as np
from msgspec import Struct

from coldtrail.errors import BundleError, ColdtrailError, ConfigError
from coldtrail.records.stage import State
from coldtrail.store.drafts import drafts_of, remove
from coldtrail.store.whole_file import write_whole

FORMAT, FORMAT_VERSION = "coldtrail-state", 3
STATE, LOCK = "state", "lock"
_MOST_BYTES = 2**32
_KINDS = "biufU"
"""Of arrays: none holds complex numbers, bytes, times or objects."""
_LOCK_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, ValueError, zipfile.BadZipFile, KeyError, EOFError)


class Head(Struct, frozen=True):
    """What stands before the arrays."""

    format: str
    format_version: int
    bundle: str
    """The bundle's identity: what is held means nothing to another."""
    sha256: str
    """Of the arrays."""


class StateFolder:
    """A folder that this process alone holds."""

    def __init__(self, folder: Path, bundle: str) -> None:
        self._path = folder / STATE
        self._bundle = bundle
        self.notes = [_cleared(left) for left in _left(folder)]
        """What killed commands left was removed: a sentence for each."""

    def read(self) -> State | None:
        """What the last command held, None where none did; raises `BundleError` where it is of no use."""
        if not os.path.lexists(self._path):
            return None
        try:
            line, _, arrays = self._bytes().partition(b"\n")
            head = msgspec.json.decode(line, type=Head)
        except _BROKEN:
            raise self.damaged("its head cannot be read") from None
        self._check(head)
        if hashlib.sha256(arrays).hexdigest() != head.sha256:
            raise self.damaged("its hash differs")
        try:
            with np.load(io.BytesIO(arrays), allow_pickle=False) as found:
                state = {name: found[name] for name in found.files}
        except _BROKEN as error:
            raise self.damaged(str(error)) from None
        for name, array in state.items():
            if array.dtype.kind not in _KINDS or (array.dtype.kind == "f" and np.isnan(array).any()):
                raise self.damaged(f"{name} holds other things than numbers")
        return state

    def write(self, state: State) -> None:
        """Puts this in the place of what the last command held; it appears whole or not at all."""
        out = io.BytesIO()
        np.savez(out, allow_pickle=False, **state)
        arrays = out.getvalue()
        head = Head(FORMAT, FORMAT_VERSION, self._bundle, hashlib.sha256(arrays).hexdigest())
        write_whole(self._path, (msgspec.json.encode(head), b"\n", arrays), durable=True)

    def _bytes(self) -> bytes:
        try:
            status = self._path.lstat()
            if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST_BYTES:
                raise self.damaged("it is no file, or too large")
            return self._path.read_bytes()
        except OSError as error:
            raise BundleError(f"{self._path}: the state cannot be read: {error.strerror}.") from None

    def _check(self, head: Head) -> None:
        if (head.format, head.format_version) != (FORMAT, FORMAT_VERSION):
            raise BundleError(
                f"{self._path}: the state is of format {head.format!r} version {head.format_version}; this "
                f"Coldtrail goes on from {FORMAT!r} version {FORMAT_VERSION}: name a new folder."
            )
        if head.bundle != self._bundle:
            raise BundleError(
                f"{self._path}: the state was made with another bundle; name the folder that belongs to this "
                "one, or a new folder to begin anew."
            )

    def damaged(self, why: str) -> BundleError:
        """The error where what was read is not what it should be."""
        return BundleError(
            f"{self._path}: the state is damaged ({why}); put a copy back, or name a new folder."
        )


@contextmanager
def state_folder(folder: Path, bundle: str) -> Iterator[StateFolder]:
    """The folder, made where it is missing, held until the end.

    Raises `ConfigError` where it is something else, or another process holds it.
    """
    _check_kind(folder)
    lock = _locked(folder)
    try:
        yield StateFolder(folder, bundle)
    finally:
        lock.close()


def _locked(folder: Path) -> IO[bytes]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.fdopen(os.open(folder / LOCK, _LOCK_FLAGS, 0o666), "ab")
    except OSError as error:
        raise ColdtrailError(f"{folder}: the state cannot be held there: {error.strerror}.") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise ConfigError(
            f"{folder}: another process is using this state; wait until it has ended, or name another folder."
        ) from None
    return lock


def _check_kind(folder: Path) -> None:
    if folder.is_symlink() and not folder.exists():
        raise ConfigError(f"{folder}: this link leads to nothing; make the folder it names, or name another.")
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder}: this is no folder; name a folder for the state.")
    known = {folder / STATE, folder / LOCK}
    if folder.is_dir() and not set(folder.iterdir()) <= known.union(_left(folder)):
        raise ConfigError(
            f"{folder}: this folder holds other things than a state; name a folder for it alone."
        )


def _left(folder: Path) -> list[Path]:
    """What a killed command left of a state that it was writing; that of older versions has another name."""
    return sorted([*drafts_of(folder / STATE), *folder.glob(f".{STATE}-*")])


def _cleared(left: Path) -> str:
    """The sentence on what was left, once it is removed: nobody else writes here now."""
    remove(left)
    return f"{left}: an earlier command was ended while it wrote this; it was removed."
