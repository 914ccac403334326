"""Pieces of bytes put in order, however many: what is too much for memory is sorted in parts on disk.

An external merge sort (Knuth, "The Art of Computer Programming", volume 3, section 5.4): sorted runs are
written one after another to a file, and merged when all is asked for. Runs that follow each other, as where
most came in order, are read one after another and compared with nothing.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from struct import Struct
from typing import IO, NamedTuple

import numpy as np

MOST_BYTES = 8 * 2**20
"""Of pieces held in memory."""
MOST_RUNS = 64
"""Runs that are merged at once; a block of each is in memory then."""
_BLOCK = 512
"""Pieces that are read at once."""
_HEAD = Struct("<II")
"""Of a block: how many pieces it has, and how many bytes they are."""

Keyed = tuple[float, bytes]


class _Run(NamedTuple):
    """Pieces in order, from one place in the file to another."""

    start: int
    end: int
    first: Keyed
    last: Keyed


class SortedRuns:
    """Takes pieces in any order and gives them by their key; those of one key are in order by themselves."""

    def __init__(self, file: IO[bytes], most_bytes: int = MOST_BYTES) -> None:
        """What takes more than so many bytes is written to the file, which belongs to it alone."""
        self._file, self._most_bytes = file, most_bytes
        self._held: list[Keyed] = []
        self._bytes = 0
        self._runs: list[_Run] = []
        self._end = 0

    def add(self, key: float, piece: bytes) -> None:
        """Takes a piece; raises OSError where the disk is full."""
        self._held.append((key, piece))
        self._bytes += len(piece)
        if self._bytes > self._most_bytes:
            self._write_held()

    def add_all(self, pieces: Sequence[Keyed]) -> None:
        """Takes pieces; raises OSError where the disk is full."""
        self._held += pieces
        self._bytes += sum([len(piece) for _, piece in pieces])
        if self._bytes > self._most_bytes:
            self._write_held()

    def in_order(self) -> Iterator[bytes]:
        """All pieces so far, in order."""
        return (piece for _, piece in self._sorted())

    def taken(self) -> list[Keyed]:
        """All pieces so far with their keys, which are then held no more."""
        taken = list(self._sorted())
        self._held, self._bytes, self._runs, self._end = [], 0, [], 0
        self._file.seek(0)
        self._file.truncate()
        return taken

    def _sorted(self) -> Iterator[Keyed]:
        if not self._runs:
            self._held.sort()
            return iter(self._held)
        if self._held:
            self._write_held()
        return self._merged()

    def _write_held(self) -> None:
        self._held.sort()
        self._runs.append(self._written(self._held))
        self._held, self._bytes = [], 0
        if len(self._runs) == MOST_RUNS:
            self._runs = [self._written(self._merged())]

    def _merged(self) -> Iterator[Keyed]:
        """The pieces on disk, in order."""
        lines: list[list[_Run]] = []
        for run in sorted(self._runs, key=lambda one: one.first):
            following = next((line for line in lines if line[-1].last <= run.first), None)
            if following is None:
                lines.append([run])
            else:
                following.append(run)
        sources = [chain.from_iterable(map(self._read, line)) for line in lines]
        return sources[0] if len(sources) == 1 else heapq.merge(*sources)

    def _written(self, pieces: Iterable[Keyed]) -> _Run:
        """The run that pieces in order, at least one, make when they are written."""
        start, first = self._end, None
        waiting = iter(pieces)
        while block := list(islice(waiting, _BLOCK)):
            first, last = first or block[0], block[-1]
            text = b"".join([piece for _, piece in block])
            keys = np.array([key for key, _ in block], np.float64)
            lengths = np.array([len(piece) for _, piece in block], np.uint32)
            written = b"".join((_HEAD.pack(len(block), len(text)), keys.tobytes(), lengths.tobytes(), text))
            self._file.seek(self._end)
            self._file.write(written)
            self._end += len(written)
        assert first is not None
        return _Run(start, self._end, first, last)

    def _read(self, run: _Run) -> Iterator[Keyed]:
        place = run.start
        while place < run.end:
            self._file.seek(place)
            number, size = _HEAD.unpack(self._file.read(_HEAD.size))
            keys = np.frombuffer(self._file.read(8 * number), np.float64).tolist()
            ends = np.cumsum(np.frombuffer(self._file.read(4 * number), np.uint32)).tolist()
            text = self._file.read(size)
            place = self._file.tell()
            yield from zip(keys, map(text.__getitem__, map(slice, [0, *ends], ends)), strict=True)
