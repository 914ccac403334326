"""Lines of flows, or of what is said of them, in the order of the flows' start."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from typing import IO

import numpy as np
from msgspec import Struct


class MadeLines(Struct, frozen=True, array_like=True):
    """Lines that were made elsewhere, one after another."""

    text: bytes
    starts: bytes
    """Of the flows, float64."""
    ends: bytes
    """Of the lines in the text, int64."""


class Lines:
    """Lines set aside on disk until all are known and can be put in order."""

    def __init__(self, scratch: IO[bytes]) -> None:
        self._scratch = scratch
        self._starts = array("d")
        self._ends = array("q", [0])
        self._place = 0

    def add_line(self, line: bytes, start: float) -> None:
        """Sets the line of a flow that starts then aside."""
        self._scratch.write(line + b"\n")
        self._place += len(line) + 1
        self._starts.append(start)
        self._ends.append(self._place)

    def taken(self) -> MadeLines:
        """All lines so far, which are then held no more."""
        self._scratch.seek(0)
        lines = MadeLines(self._scratch.read(), self._starts.tobytes(), self._ends[1:].tobytes())
        self._scratch.seek(0)
        self._scratch.truncate()
        self._starts, self._ends, self._place = array("d"), array("q", [0]), 0
        return lines

    def extend(self, lines: MadeLines) -> None:
        """Sets lines aside that were made elsewhere."""
        self._scratch.write(lines.text)
        self._starts.frombytes(lines.starts)
        self._ends.frombytes((np.frombuffer(lines.ends, np.int64) + self._place).tobytes())
        self._place += len(lines.text)

    def in_order(self) -> Iterator[bytes]:
        """The lines by start of the flow; those that start together, by the id that they begin with."""
        starts, ends = np.array(self._starts), np.array(self._ends)
        order = np.argsort(starts, kind="stable")
        tied = np.append(np.diff(starts[order]) == 0, False)
        self._scratch.flush()
        if not len(order):
            return
        with mmap(self._scratch.fileno(), 0, access=ACCESS_READ) as text:
            waiting: list[bytes] = []
            for i, more in zip(order.tolist(), tied.tolist(), strict=True):
                waiting.append(text[ends[i] : ends[i + 1]])
                if not more:
                    yield from sorted(waiting) if len(waiting) > 1 else waiting
                    waiting.clear()
