"""A sample of different names, the same whatever the order in which they came."""

from __future__ import annotations

from hashlib import blake2b

KEPT = 512
"""Names kept: those of the smallest hashes, each with the number of runs that named it."""
RARE_RUNS = 2
"""Runs that name a rare name, at most."""
_HASHES = 2**64


class Sample:
    """The names of the smallest hashes (bottom-k sampling), each with all its runs and the first of these."""

    def __init__(self) -> None:
        self.runs: dict[str, int] = {}
        self.first: dict[str, float] = {}
        """Start of the first run that named it, UTC epoch seconds."""
        self._hashes: dict[str, int] = {}
        self._largest = _HASHES

    def add(self, name: str, runs: int, first: float) -> None:
        """Counts more runs of a name, the first of them at a time."""
        known = self.runs.get(name)
        if known is not None:
            self.runs[name] = known + runs
            self.first[name] = min(self.first[name], first)
            return
        hashed = _hash(name)
        if hashed >= self._largest:
            return
        self.runs[name], self.first[name], self._hashes[name] = runs, first, hashed
        if len(self.runs) > KEPT:
            last = max(self._hashes, key=self._hashes.__getitem__)
            del self.runs[last], self.first[last], self._hashes[last]
        if len(self.runs) == KEPT:
            self._largest = max(self._hashes.values())

    @property
    def distinct(self) -> float:
        """How many different names there were; beyond what is kept, by the k-minimum-values estimate."""
        if len(self.runs) < KEPT:
            return float(len(self.runs))
        return (KEPT - 1) * _HASHES / max(self._hashes.values())

    @property
    def rare(self) -> list[str]:
        """The kept names that at most `RARE_RUNS` runs named."""
        return [name for name, runs in self.runs.items() if runs <= RARE_RUNS]

    @property
    def usual(self) -> list[str]:
        """The kept names that more runs named."""
        return [name for name, runs in self.runs.items() if runs > RARE_RUNS]

    @property
    def bringing(self) -> float:
        """How many runs brought a rare name, about."""
        runs = len({self.first[name] for name in self.rare})
        return self.distinct * runs / len(self.runs) if self.runs else 0.0


def _hash(name: str) -> int:
    return int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest())
