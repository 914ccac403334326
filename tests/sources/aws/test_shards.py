"""Shards through splits and merges."""

from __future__ import annotations

from coldtrail.sources.aws.shards import Shard, Shards


def listed(id: str, *parents: str) -> dict[str, str]:
    return dict(zip(("ShardId", "ParentShardId", "AdjacentParentShardId"), (id, *parents), strict=False))


def test_children_wait_for_their_parents_and_begin_with_their_first_record() -> None:
    shards = Shards({})
    shards.update([listed("a"), listed("b")], 100.0)
    assert shards.readable() == ["a", "b"]
    shards.update(
        [listed("a"), listed("b"), listed("c", "a"), listed("d", "a"), listed("e", "c", "b")], 200.0
    )
    assert shards.readable() == ["a", "b"]
    shards.known["a"].is_done = True
    assert shards.readable() == ["b", "c", "d"]
    shards.known["b"].is_done = True
    assert shards.readable() == ["c", "d"]
    shards.known["c"].is_done = True
    assert shards.readable() == ["d", "e"]
    assert [shards.known[id].since for id in "abcde"] == [100.0, 100.0, 0.0, 0.0, 0.0]


def test_expired_shards_are_forgotten_and_hold_no_child_up() -> None:
    shards = Shards({"a": Shard(after="5")})
    shards.update([listed("b", "a")], 100.0)
    assert shards.readable() == ["b"]
    assert shards.known == {"b": Shard()}
