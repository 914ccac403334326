"""Where each file goes on, as the position has it; and whether a file is what it was."""

from __future__ import annotations

import os
from hashlib import blake2b
from typing import IO

from msgspec import Struct

from coldtrail.sources.growing.cutting import Growth
from coldtrail.sources.growing.folder import Seen

MARK_BYTES = 256
MOST_FOLLOWED = 2_000
GONE_S = 3_600.0


class Followed(Struct, frozen=True, omit_defaults=True):
    """How far a file was read."""

    path: str
    growth: Growth | None = None
    offset: int = 0
    """Bytes that were taken; of one that is read as a whole, those that another file held before."""
    documents: int = 0
    """Of one that is read as a whole: how many were given."""
    whole: str = ""
    """Of one that was read as a whole: the digest of what it held."""
    size: int = 0
    """Of one that was read as a whole: how much that was."""
    head: str = ""
    """Digest of the first bytes, `MARK_BYTES` or as many as were taken."""
    tail: str = ""
    """The same of the last ones that were taken."""
    header: str = ""
    """The line that names the fields of all later ones, in a table."""
    skip: int = 0
    """Bytes still to be passed over, of a request that is too large; -1 for the rest of a line."""
    changed: float = 0.0
    gone: float = 0.0
    """When it was missed first."""

    def is_done(self, seen: Seen) -> bool:
        """Whether there is no more to be read of it."""
        if self.growth is Growth.WHOLE:
            return self.size == seen.size and self.changed == seen.changed and bool(self.whole)
        return self.offset == seen.size


class Position(Struct, frozen=True):
    """Where the whole folder goes on."""

    files: dict[str, Followed] = {}
    forgotten: float = 0.0
    """What has not changed since then was read, and is not remembered any more."""


def digest(data: bytes) -> str:
    """A short digest, to tell files apart."""
    return blake2b(data, digest_size=12).hexdigest()


def marks(file: IO[bytes], offset: int) -> tuple[str, str]:
    """Digests of the first and the last bytes before an offset."""
    size = min(offset, MARK_BYTES)
    file.seek(0)
    head = file.read(size)
    file.seek(offset - size)
    return digest(head), digest(file.read(size))


def is_same(file: IO[bytes], followed: Followed) -> bool:
    """Whether the file still holds what was taken of it: it may have been cut, or be another by now."""
    if os.fstat(file.fileno()).st_size < followed.offset:
        return False
    return marks(file, followed.offset) == (followed.head, followed.tail)


def forget(position: Position, seen: dict[str, Seen], looked_at: float) -> Position:
    """The position without files that are long gone, and with no more of those that are done than it may
    hold."""
    files = {key: one for key, one in position.files.items() if key in seen or looked_at - one.gone < GONE_S}
    if len(files) <= MOST_FOLLOWED:
        return Position(files, position.forgotten)
    waiting = [
        one.changed
        for key, one in seen.items()
        if one.changed > position.forgotten and (key not in files or not files[key].is_done(one))
    ]
    # What changes while the folder is looked at has a later time than this.
    until = min([*waiting, looked_at - 60.0])
    done = sorted((seen[key].changed, key) for key in files if key in seen and seen[key].changed < until)
    forgotten = position.forgotten
    for changed, key in done[: len(files) - MOST_FOLLOWED // 2]:
        if files[key].is_done(seen[key]):
            del files[key]
            forgotten = max(forgotten, changed)
    return Position(files, forgotten)
