"""Records of a stream."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path
from typing import Any

import pytest

from coldtrail.errors import ConfigError, SourceError
from coldtrail.records.tally import Tally
from coldtrail.sources.aws import kinesis as module
from coldtrail.sources.aws.kinesis import KinesisSettings, KinesisSource
from tests.sources.aws.cloud import ACCOUNT, Fault, Faults, client, context


class Cloud:
    """A stream of two shards, and a source that reads it."""

    def __init__(self, endpoint: str, tmp_path: Path) -> None:
        self.endpoint, self.tmp_path = endpoint, tmp_path
        self.aws = client("kinesis", endpoint)
        self.aws.create_stream(StreamName="spans", ShardCount=2)
        self.tally = Tally()
        self.position = b""

    def put(self, *numbers: int) -> None:
        for number in numbers:
            data = json.dumps({"Id": str(number), "Segments": []}).encode()
            data = gzip.compress(data) if number % 2 else data
            self.aws.put_record(StreamName="spans", Data=data, PartitionKey=str(number))

    def source(self, **settings: Any) -> KinesisSource:
        given = {"stream": "spans", "region": "eu-west-1", "endpoint_url": self.endpoint, **settings}
        return KinesisSource(KinesisSettings(**given), context(self.tmp_path, tally=self.tally))

    def read(self, source: KinesisSource) -> list[int]:
        found = []
        for _ in range(20):
            source._next_list = float("-inf")
            batch = source.fetch()
            if batch is not None:
                self.position = batch.position
                found += [int(json.loads(document.payload)["Id"]) for document in batch.documents]
        return sorted(found)


@pytest.fixture
def cloud(endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    monkeypatch.setattr(module, "_PACE_S", 0.0)
    return Cloud(endpoint, tmp_path)


def test_records_of_all_shards_come_once_and_after_a_restart_what_is_new(cloud: Cloud) -> None:
    cloud.put(*range(20))
    source = cloud.source()
    first = source.fetch()
    assert first is not None
    assert first.documents[0].origin == "stream spans"
    assert first.documents[0].place.startswith("shard shardId-")
    assert abs((first.newest or 0.0) - time.time()) < 60
    again = cloud.source()
    again.resume(first.position)
    rest = cloud.read(again)
    assert sorted([int(json.loads(one.payload)["Id"]) for one in first.documents] + rest) == list(range(20))
    cloud.put(20, 21)
    last = cloud.source()
    last.resume(cloud.position)
    assert cloud.read(last) == [20, 21]


def test_splits_and_merges_are_followed(cloud: Cloud) -> None:
    source = cloud.source()
    cloud.put(*range(10))
    found = cloud.read(source)
    shards = cloud.aws.list_shards(StreamName="spans")["Shards"]
    keys = shards[0]["HashKeyRange"]
    middle = str((int(keys["StartingHashKey"]) + int(keys["EndingHashKey"])) // 2)
    cloud.put(*range(10, 20))
    cloud.aws.split_shard(StreamName="spans", ShardToSplit=shards[0]["ShardId"], NewStartingHashKey=middle)
    cloud.put(*range(20, 30))
    again = cloud.source()
    again.resume(cloud.position)
    found += cloud.read(again)
    ids = [one["ShardId"] for one in cloud.aws.list_shards(StreamName="spans")["Shards"]]
    cloud.aws.merge_shards(StreamName="spans", ShardToMerge=ids[2], AdjacentShardToMerge=ids[3])
    cloud.put(*range(30, 40))
    found += cloud.read(again)
    assert sorted(found) == list(range(40))


def test_an_expired_iterator_is_made_anew(cloud: Cloud, faults: Faults) -> None:
    source = cloud.source()
    cloud.put(1)
    assert cloud.read(source) == [1]
    cloud.put(2)
    expired: list[Fault] = [module._EXPIRED]
    faults.next_fault = lambda operation: expired.pop() if operation == "GetRecords" and expired else None
    assert cloud.read(source) == [2]
    assert not expired


def test_what_the_stream_holds_no_more_is_a_loss_and_the_rest_is_read(cloud: Cloud, faults: Faults) -> None:
    cloud.put(*range(20))
    assert len(cloud.read(cloud.source())) == 20
    again = cloud.source()
    again.resume(cloud.position)
    trimmed: list[Fault] = [module._TRIMMED]
    faults.next_fault = lambda operation: (
        trimmed.pop() if operation == "GetShardIterator" and trimmed else None
    )
    # All that this shard still holds is read; here nothing had expired.
    assert 0 < len(cloud.read(again)) < 20
    assert cloud.tally.losses == {"expired records": 1}


def test_what_is_wrong_is_said(cloud: Cloud) -> None:
    with pytest.raises(ConfigError, match="stream is empty"):
        cloud.source(stream="")
    arn = f"arn:aws:kinesis:eu-west-1:{ACCOUNT}:stream/missing"
    missing = cloud.source(stream=arn)
    with pytest.raises(SourceError, match=f"{arn} does not exist"):
        missing.fetch()
    assert missing.needs()[0].resources == (arn,)
    with pytest.raises(SourceError, match="another kind"):
        missing.resume(b"[]")


def test_it_is_behind_until_all_shards_were_asked(cloud: Cloud) -> None:
    cloud.put(1, 2, 3, 4)
    source = cloud.source()
    found = 0
    batch = source.fetch()
    while source.is_behind or batch is not None:
        found += 0 if batch is None else len(batch.documents)
        batch = source.fetch()
    assert found == 4
    source.close()
