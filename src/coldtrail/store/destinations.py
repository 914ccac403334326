"""What an output path leads to: a file that is replaced, or something that is written to as it is."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import sys
from contextlib import suppress
from enum import Enum
from pathlib import Path

STANDARD_OUTPUT = "-"
_STDOUT = 1
_MOST_LINKS = 40
"""As many links as Linux follows."""


class Way(Enum):
    """How an output is written."""

    REPLACED = "a file of its own, which is replaced once the new one is whole"
    IN_PLACE = "what a link leads to: its content is replaced, for its folder was not named"
    STREAM = "a descriptor, a pipe or a device, which is written to as it is"


def descriptor_of(path: Path) -> int | None:
    """The descriptor of this process that a path stands for, through whatever links; None for all others.

    `-` is standard output, and so is /dev/stdout; /dev/fd/3 and /proc/self/fd/3 are descriptor 3.
    """
    if str(path) == STANDARD_OUTPUT:
        return _STDOUT
    for _ in range(_MOST_LINKS):
        if _is_of_descriptors(os.path.realpath(path.parent)) and path.name.isdecimal():
            return int(path.name)
        try:
            path = path.parent / os.readlink(path)
        except OSError:
            return None
    return None


def _is_of_descriptors(folder: str) -> bool:
    """Whether a folder lists the open descriptors of this process."""
    own = f"/proc/{os.getpid()}"
    of_thread = folder.startswith(f"{own}/task/") and folder.endswith("/fd")
    return of_thread or folder in ("/dev/fd", f"{own}/fd")


def is_standard_output(path: str | Path | None) -> bool:
    """Whether what is written to a path comes out at standard output, where the command prints as well."""
    if path is None:
        return False
    number = descriptor_of(Path(path))
    if number is None or number == _STDOUT:
        return number == _STDOUT
    with suppress(OSError):
        return os.path.sameopenfile(number, _STDOUT)
    return False


def way_to(path: Path) -> Way:
    """How an output at the path is written; raises OSError where that cannot be done."""
    number = descriptor_of(path)
    if number is not None:
        _check_writable(number)
        return Way.STREAM
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return Way.IN_PLACE if path.is_symlink() else Way.REPLACED
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if stat.S_ISBLK(mode):
        raise OSError(errno.EINVAL, "it is a disk, on which a file system may lie")
    if not stat.S_ISREG(mode):
        return Way.STREAM
    return Way.IN_PLACE if path.is_symlink() else Way.REPLACED


def _check_writable(number: int) -> None:
    if fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
        raise OSError(errno.EBADF, "it is open for reading only")


def opened(path: Path) -> int:
    """A new descriptor that writes to what the path leads to, and to nothing new."""
    number = descriptor_of(path)
    if number is None:
        return os.open(path, os.O_WRONLY)
    if number == _STDOUT and sys.stdout is not None:
        sys.stdout.flush()
    return os.dup(number)
