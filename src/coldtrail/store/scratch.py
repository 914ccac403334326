"""Bytes set aside on disk for as long as a command runs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from tempfile import TemporaryFile

import numpy as np


class Scratch:
    """Keeps bytes in the order of their coming, on disk alone: the files have no name, and go when closed."""

    def __init__(self, files: ExitStack) -> None:
        """The `files` are closed by who made the stack."""
        self._files = files
        self._items = files.enter_context(TemporaryFile())  # noqa: SIM115 - the stack closes it
        self._ends = files.enter_context(TemporaryFile())  # noqa: SIM115
        """int64, of each item in the file of items."""
        self._end = 0
        self._written = True

    def add(self, items: Sequence[bytes]) -> None:
        """Keep these as well."""
        self._items.write(b"".join(items))
        ends = self._end + np.cumsum([len(item) for item in items], dtype=np.int64)
        self._ends.write(ends.tobytes())
        self._end = int(ends[-1]) if len(ends) else self._end
        self._written = False

    def get(self, number: int) -> bytes:
        """Those that came as this number, from 0 on."""
        if not self._written:
            self._items.flush()
            self._ends.flush()
            self._written = True
        bounds = os.pread(self._ends.fileno(), 16 if number else 8, 8 * max(number - 1, 0))
        start, end = [0, *np.frombuffer(bounds, np.int64).tolist()][-2:]
        return os.pread(self._items.fileno(), end - start, start)

    def beside(self) -> Scratch:
        """Another one, closed with this one."""
        return Scratch(self._files)


@contextmanager
def scratch() -> Iterator[Scratch]:
    """A place on disk until the end."""
    with ExitStack() as files:
        yield Scratch(files)
