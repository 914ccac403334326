"""Whether a new file is a copy of what was read before, plain or compressed, as rotation leaves it."""

from __future__ import annotations

import io
from collections.abc import Iterable

from msgspec.structs import replace

from coldtrail.config import LimitSettings
from coldtrail.sources.documents import ignore
from coldtrail.sources.expansion import Expansion
from coldtrail.sources.growing.cutting import Growth
from coldtrail.sources.growing.followed import MARK_BYTES, Followed, digest, is_same


def continued(
    file: io.FileIO, followed: Followed, before: Iterable[Followed], limits: LimitSettings
) -> Followed:
    """The new file, begun where an earlier one that it is a copy of ended."""
    candidates = sorted(
        (one for one in before if one.offset and one.head and one.growth is not Growth.WHOLE),
        key=lambda one: -one.offset,
    )
    if not candidates:
        return followed
    if followed.growth is not Growth.WHOLE:
        found = next((one for one in candidates if is_same(file, one)), None)
        return followed if found is None else replace(found, path=followed.path, gone=0.0)
    for one in candidates:
        if _holds(file, one, limits):
            return replace(followed, offset=one.offset)
    return followed


def _holds(file: io.FileIO, followed: Followed, limits: LimitSettings) -> bool:
    """Whether the file, expanded, begins with all that was taken of the other."""
    file.seek(0)
    head, tail, read = b"", b"", 0
    size = min(followed.offset, MARK_BYTES)
    for piece in Expansion(file, None, limits, ignore):
        if len(head) < size:
            head = (head + piece)[:size]
            if len(head) == size and digest(head) != followed.head:
                return False
        taken = piece[: followed.offset - read]
        tail = (tail + taken)[-size:]
        read += len(taken)
        if read == followed.offset:
            return digest(head) == followed.head and digest(tail) == followed.tail
    return False
