"""How much may be in memory at once of what is being taken in."""

from __future__ import annotations


class InFlight:
    """Bytes of requests that have come but do not lie on disk yet; used from one thread alone."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self.bytes = 0
        self.highest = 0

    def take(self, size: int) -> bool:
        """Whether there is room for so many bytes more, which are then counted."""
        held = self.bytes + size
        if held > self._most:
            return False
        self.bytes = held
        if held > self.highest:
            self.highest = held
        return True

    def give_back(self, size: int) -> None:
        """Makes room again."""
        self.bytes -= size
