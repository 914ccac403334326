"""Files that lines or requests are appended to: what is whole of them is given, the rest waits."""

from __future__ import annotations

import io

from msgspec.structs import replace

from coldtrail.config import LimitSettings
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document
from coldtrail.sources.documents import documents_of
from coldtrail.sources.growing.cutting import HEAD_BYTES, Growth, growth_of, message_size, whole_part
from coldtrail.sources.growing.folder import Seen
from coldtrail.sources.growing.followed import Followed, marks
from coldtrail.sources.text_lines import last_header

CHUNK_BYTES = 1 << 20
_TOO_LARGE = "this is larger than limits.max_document_bytes ({limit:,}); it was passed over."
Read = tuple[Followed, list[Document], bool]
"""How far it was read, what was found, and whether there is more."""


class Appended:
    """Reads such files a piece at a time."""

    def __init__(self, limits: LimitSettings, tally: Tally) -> None:
        self._limits, self._tally = limits, tally

    def begun(self, file: io.FileIO, seen: Seen, *, settled: bool) -> Followed | None:
        """A file that was not read before; None while it cannot be told how it grows."""
        head = _read(file, 0, HEAD_BYTES)
        ended = settled or len(head) == HEAD_BYTES
        growth = growth_of(head, ended=ended, max_bytes=self._limits.max_document_bytes) if head else None
        return None if growth is None else Followed(seen.path, growth)

    def read(self, file: io.FileIO, seen: Seen, followed: Followed, *, settled: bool) -> Read:
        """The documents of the next piece that is whole."""
        assert followed.growth is not None
        data = _read(file, followed.offset, CHUNK_BYTES)
        if followed.skip:
            return self._skipped(file, followed, data)
        at_end = followed.offset + len(data) >= seen.size
        whole = whole_part(followed.growth, data, settled=settled and at_end)
        if not whole and len(data) == CHUNK_BYTES:
            data = _read(file, followed.offset, self._limits.max_document_bytes + 16)
            whole = whole_part(followed.growth, data, settled=settled and at_end)
            if not whole and len(data) > self._limits.max_document_bytes:
                return self._too_large(file, followed, data)
        if not whole:
            return followed, [], False
        documents = self._documents(seen, followed, data[:whole])
        header = last_header(data[:whole]) if followed.growth is Growth.LINES else ""
        after = self._at(file, replace(followed, header=header or followed.header), followed.offset + whole)
        return after, documents, not at_end

    def _documents(self, seen: Seen, followed: Followed, data: bytes) -> list[Document]:
        if followed.growth is Growth.LINES:
            data = data.lstrip(b"\r\n")
        if not data or data.isspace():
            return []
        within = f"from byte {followed.offset:,} on" if followed.offset else ""
        if followed.header:
            data = followed.header.encode() + b"\n" + data
        stream = io.BytesIO(data)
        return list(
            documents_of(stream, seen.origin, self._limits, self._tally, within=within, counted="pieces read")
        )

    def _too_large(self, file: io.FileIO, followed: Followed, data: bytes) -> Read:
        """Passes over what no document may be; what has no lines is then read as a whole."""
        assert followed.growth is not None
        if followed.growth is Growth.LINES and not followed.offset:
            return replace(followed, growth=Growth.WHOLE), [], True
        reason = _TOO_LARGE.format(limit=self._limits.max_document_bytes)
        place = f"byte {followed.offset:,}"
        self._tally.lose("document too large", origin=followed.path, place=place, reason=reason)
        size = -1
        if followed.growth is not Growth.LINES:
            size = (message_size(followed.growth, data) or len(data)) - len(data)
        return self._at(file, replace(followed, skip=size), followed.offset + len(data)), [], True

    def _skipped(self, file: io.FileIO, followed: Followed, data: bytes) -> Read:
        if followed.skip < 0:
            end = data.find(b"\n") + 1
            taken, left = (end, 0) if end else (len(data), -1)
        else:
            taken = min(followed.skip, len(data))
            left = followed.skip - taken
        return self._at(file, replace(followed, skip=left), followed.offset + taken), [], bool(taken)

    def _at(self, file: io.FileIO, followed: Followed, offset: int) -> Followed:
        head, tail = marks(file, offset)
        return replace(followed, offset=offset, head=head, tail=tail)


def _read(file: io.FileIO, offset: int, size: int) -> bytes:
    """So many bytes from an offset on, fewer at the end."""
    file.seek(offset)
    parts = []
    while size and (part := file.read(min(size, 1 << 20))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
