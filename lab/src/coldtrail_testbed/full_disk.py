"""A full disk, told as such."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coldtrail_testbed.errors import RunFailedError

# No space, no quota left, or a file beyond the size that the user may write.
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def is_full(error: BaseException) -> bool:
    """Whether `error` says that a disk took no more."""
    return isinstance(error, OSError) and error.errno in _FULL


@contextmanager
def telling_of_full_disk(place: Path, draft: Path | None = None) -> Iterator[None]:
    """A context that turns a full disk into one sentence: it is that of `place`, `draft` grew until then."""
    try:
        yield
    except OSError as error:
        if not is_full(error):
            raise
        needed = f": the recording needed {size_of(draft):,} bytes so far" if draft else ""
        where = f"{place.absolute()}{needed}"
        raise RunFailedError(f"the disk is full at {where}; make room or use another disk") from error


def size_of(folder: Path) -> int:
    """Bytes of all files in `folder`."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
