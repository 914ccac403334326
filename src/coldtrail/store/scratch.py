"""Bytes set aside on disk for as long as a command runs."""

from __future__ import annotations

import os
from array import array
from collections.abc import Sequence
from typing import IO


class Scratch:
    """Keeps bytes in a file in the order of their coming; in memory are eight bytes each."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._ends = array("q", [0])
        self._written = True

    def add(self, items: Sequence[bytes]) -> None:
        """Keep these as well."""
        end = self._ends[-1]
        self._file.write(b"".join(items))
        for item in items:
            end += len(item)
            self._ends.append(end)
        self._written = False

    def get(self, number: int) -> bytes:
        """Those that came as this number, from 0 on."""
        if not self._written:
            self._file.flush()
            self._written = True
        start, end = self._ends[number], self._ends[number + 1]
        return os.pread(self._file.fileno(), end - start, start)
