"""The virtual clock: it stands still until somebody advances it.

All processes of a run share it, so telemetry holds modelled time only: a busy machine cannot leak into it.
"""

import mmap
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FORMAT = struct.Struct("d")


class VirtualClock:
    """UTC epoch seconds in a small file that every process of a run maps."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _FORMAT.size)
        self.path = path

    @classmethod
    def create(cls, path: Path, start: float) -> "VirtualClock":
        """A new clock that stands at `start`."""
        path.write_bytes(_FORMAT.pack(start))
        return cls(path)

    def now(self) -> float:
        """The time in UTC epoch seconds."""
        return float(_FORMAT.unpack_from(self._memory)[0])

    def set(self, time: float) -> None:
        """None; the clock stands at `time` (earlier than now when activities overlap)."""
        _FORMAT.pack_into(self._memory, 0, time)

    def advance(self, seconds: float) -> float:
        """The new time, `seconds` later."""
        time = self.now() + seconds
        self.set(time)
        return time

    def close(self) -> None:
        """None; the mapping is gone."""
        self._memory.close()


@contextmanager
def shared_clock(path: Path, start: float) -> Iterator[VirtualClock]:
    """A clock at `path` that lives as long as the context."""
    clock = VirtualClock.create(path, start)
    try:
        yield clock
    finally:
        clock.close()
