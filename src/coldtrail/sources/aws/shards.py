"""The shards of a Kinesis stream: which are read, in which order, and how far each was.

https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-after-resharding.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from msgspec import Struct


class Shard(Struct):
    """How far a shard was read."""

    after: str = ""
    """Sequence number of the last record; empty where none was read."""
    since: float = 0.0
    """Where none was read: from when on; 0 for all that it holds."""
    is_done: bool = False
    """Whether it was closed, and read to its end."""


class Listed(NamedTuple):
    """A shard as the stream lists it."""

    id: str
    parents: tuple[str, ...]


class Shards:
    """Those that are known; children are read once all that their parents held was given."""

    def __init__(self, known: dict[str, Shard]) -> None:
        self.known = known
        self._listed: dict[str, Listed] = {}
        self._is_first = not known

    def update(self, shards: Iterable[dict[str, Any]], since: float) -> None:
        """Takes in what the stream lists now. Shards that are there at the very beginning are read from a
        time on, all later ones from their first record."""
        self._listed = {}
        for shard in shards:
            parents = (shard.get("ParentShardId"), shard.get("AdjacentParentShardId"))
            id = shard["ShardId"]
            self._listed[id] = Listed(id, tuple([parent for parent in parents if parent]))
        for id in self._listed:
            if id not in self.known:
                self.known[id] = Shard(since=since if self._is_first else 0.0)
        # What the stream does not list any more has expired.
        for id in [id for id in self.known if id not in self._listed]:
            del self.known[id]
        self._is_first = False

    def readable(self) -> list[str]:
        """Which may be read now, in a fixed order."""
        return [
            one.id
            for one in self._listed.values()
            if not self.known[one.id].is_done and all(map(self._is_over, one.parents))
        ]

    def _is_over(self, id: str) -> bool:
        return id not in self._listed or self.known[id].is_done
