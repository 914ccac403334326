"""Two folders change places in one step, where the system can do that."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

_LACKING = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP)
"""What a system, or a file system, answers that cannot do it."""
_CURRENT_FOLDER = -100
"""AT_FDCWD of Linux."""
_RENAME_EXCHANGE = _RENAME_SWAP = 2
"""Of renameat2 of Linux, and of renamex_np of macOS."""

_Rename = Callable[[bytes, bytes], int]


def exchange(one: Path, other: Path) -> bool:
    """Whether two folders of one file system changed places, at no moment missing; False where that cannot
    be done here. Raises OSError where it failed."""
    import ctypes

    rename = _found(ctypes.CDLL(None, use_errno=True))
    if rename is None:
        return False
    if rename(os.fsencode(one), os.fsencode(other)) == 0:
        return True
    number = ctypes.get_errno()
    if number in _LACKING:
        return False
    raise OSError(number, os.strerror(number), str(other))


def _found(library: object) -> _Rename | None:
    """The function of the C library that does it."""
    linux, mac = getattr(library, "renameat2", None), getattr(library, "renamex_np", None)
    if linux is not None:
        return lambda one, other: int(linux(_CURRENT_FOLDER, one, _CURRENT_FOLDER, other, _RENAME_EXCHANGE))
    if mac is not None:
        return lambda one, other: int(mac(one, other, _RENAME_SWAP))
    return None
