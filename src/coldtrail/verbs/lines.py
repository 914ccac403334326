"""Lines of flows, or of what is said of them, in the order of the flows' start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO

import numpy as np
from msgspec import Struct

from coldtrail.store.sorted_runs import SortedRuns


class MadeLines(Struct, frozen=True, array_like=True):
    """Lines that were made elsewhere, one after another."""

    text: bytes
    starts: bytes
    """Of the flows, float64."""
    ends: bytes
    """Of the lines in the text, int64."""


class Lines:
    """Lines set aside until all are known and can be put in order, on disk where they are many."""

    def __init__(self, scratch: IO[bytes]) -> None:
        self._lines = SortedRuns(scratch)

    def add_line(self, line: bytes, start: float) -> None:
        """Sets the line of a flow that starts then aside."""
        self._lines.add(start, line + b"\n")

    def add_lines(self, text: bytes, starts: Sequence[float]) -> None:
        """The same of several lines, each of which ends in a line feed and holds no other."""
        self._lines.add_all(list(zip(starts, text.splitlines(keepends=True), strict=True)))

    def taken(self) -> MadeLines:
        """All lines so far, which are then held no more."""
        taken = self._lines.taken()
        starts = np.array([start for start, _ in taken], np.float64)
        ends = np.cumsum([len(line) for _, line in taken], dtype=np.int64)
        return MadeLines(b"".join([line for _, line in taken]), starts.tobytes(), ends.tobytes())

    def extend(self, lines: MadeLines) -> None:
        """Sets lines aside that were made elsewhere."""
        starts, ends = np.frombuffer(lines.starts).tolist(), np.frombuffer(lines.ends, np.int64).tolist()
        pieces = map(lines.text.__getitem__, map(slice, [0, *ends], ends))
        self._lines.add_all(list(zip(starts, pieces, strict=True)))

    def in_order(self) -> Iterator[bytes]:
        """The lines by start of the flow; those that start together, by the id that they begin with."""
        return self._lines.in_order()
