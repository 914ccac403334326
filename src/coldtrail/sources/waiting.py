"""A stream that gives nothing for a while is waited for, and not taken for ended."""

from __future__ import annotations

import os
from contextlib import suppress
from select import select
from typing import IO


class Waiting:
    """Reads what is there already, and waits where nothing is yet, though the stream does not block.

    Whoever started the command may have left standard input non-blocking: reading it then gives nothing, as
    it does at its end.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._raw: IO[bytes] | None = getattr(stream, "raw", None)

    def read(self, size: int, /) -> bytes:
        """At most so many bytes, none only at the end."""
        read1 = getattr(self._stream, "read1", self._stream.read)
        data: bytes | None = read1(size)
        if data or self._raw is None or self._blocks():
            return data or b""
        while True:
            waited_for: bytes | None = self._raw.read(size)
            if waited_for is not None:
                return waited_for
            select([self._stream], [], [])

    def _blocks(self) -> bool:
        """Whether reading waits by itself, so that nothing means the end."""
        with suppress(OSError, ValueError):
            return os.get_blocking(self._stream.fileno())
        return True
