"""Which of the things that are asked for again, in case some came late, were given before."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import blake2b

_DIGEST_BYTES = 8
BUCKET_S = 10.0


class Remembered:
    """Ids of what was given, by the time it is of; their number is bounded."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._buckets: dict[int, set[bytes]] = {}
        self._number = 0

    def __len__(self) -> int:
        return self._number

    def has(self, id: str, at: float | None = None) -> bool:
        """Whether it was given: at that time, or at any."""
        digest = _digest(id)
        if at is not None:
            return digest in self._buckets.get(_bucket(at), ())
        return any(digest in bucket for bucket in self._buckets.values())

    def add(self, id: str, at: float) -> None:
        """Notes that it was given."""
        bucket = self._buckets.setdefault(_bucket(at), set())
        before = len(bucket)
        bucket.add(_digest(id))
        self._number += len(bucket) - before

    def forget(self, before: float) -> None:
        """Forgets what is of an earlier time."""
        for bucket in [one for one in self._buckets if (one + 1) * BUCKET_S <= before]:
            self._number -= len(self._buckets.pop(bucket))

    def bound(self) -> float | None:
        """Forgets the earliest where there are too many: the time before which nothing is known any more."""
        until = None
        while self._number > self._most and len(self._buckets) > 1:
            earliest = min(self._buckets)
            self._number -= len(self._buckets.pop(earliest))
            until = (earliest + 1) * BUCKET_S
        return until

    def state(self) -> dict[str, str]:
        """What is remembered, for a position."""
        return {
            str(bucket): b64encode(b"".join(sorted(ids))).decode() for bucket, ids in self._buckets.items()
        }

    def restore(self, state: Mapping[str, str]) -> None:
        """Remembers what a position says; raises `ValueError` where it says no such thing."""
        self._buckets = {}
        for bucket, packed in state.items():
            data = b64decode(packed, validate=True)
            self._buckets[int(bucket)] = {
                data[at : at + _DIGEST_BYTES] for at in range(0, len(data), _DIGEST_BYTES)
            }
        self._number = sum([len(ids) for ids in self._buckets.values()])


def _bucket(at: float) -> int:
    return int(at // BUCKET_S)


def _digest(id: str) -> bytes:
    return blake2b(id.encode("utf-8", "replace"), digest_size=_DIGEST_BYTES).digest()
