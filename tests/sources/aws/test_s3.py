"""Objects of a bucket, listed or told of."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path
from typing import Any

import pytest

from coldtrail.errors import ConfigError, SourceError
from coldtrail.records.tally import Tally
from coldtrail.sources.aws import lent
from coldtrail.sources.aws import objects as objects_module
from coldtrail.sources.aws.s3 import ListedObjects, S3Settings, S3Source, ToldObjects
from tests.sources.aws.cloud import ACCOUNT, client, context
from tests.sources.aws.test_lent import visible
from tests.sources.aws.test_notifications import event_bridge, s3, sns

LINES = [json.dumps({"Id": f"1-{number}", "Segments": []}).encode() for number in range(10)]


@pytest.fixture
def bucket(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(lent, "_WAIT_S", 0)
    made = client("s3", endpoint)
    made.create_bucket(Bucket="logs", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return made


@pytest.fixture
def url(bucket: Any, endpoint: str) -> str:
    found: str = client("sqs", endpoint).create_queue(QueueName="q")["QueueUrl"]
    return found


def source(endpoint: str, tmp_path: Path, tally: Tally | None = None, **settings: Any) -> Any:
    given = S3Settings(region="eu-west-1", endpoint_url=endpoint, every_s=0.0, **settings)
    return S3Source(given, context(tmp_path, tally=tally))


def put(bucket: Any, key: str, *numbers: int) -> None:
    bucket.put_object(Bucket="logs", Key=key, Body=gzip.compress(b"\n".join(LINES[one] for one in numbers)))


def drained(made: Any) -> tuple[list[bytes], bytes]:
    found, position = [], b""
    while (batch := made.fetch()) is not None:
        found += [document.payload for document in batch.documents]
        position = batch.position
    return found, position


def test_objects_that_are_told_of_are_read_and_their_messages_deleted(
    bucket: Any, url: str, endpoint: str, tmp_path: Path
) -> None:
    sqs = client("sqs", endpoint)
    for number, key in enumerate(("a b.gz", "c.gz", "d.gz", "e.gz")):
        put(bucket, key, 2 * number, 2 * number + 1)
    told: list[Any] = [
        {"Records": [s3("a+b.gz"), s3("c.gz")]},
        sns({"Records": [s3("d.gz")]}),
        event_bridge("e.gz"),
    ]
    for body in [*told, {"Event": "s3:TestEvent"}]:
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body))
    made = source(endpoint, tmp_path, queue=url)
    assert isinstance(made, ToldObjects)
    found, position = drained(made)
    assert sorted(found) == LINES[:8]
    assert visible(sqs, url) == (0, 3)
    made.tend()
    made.committed(position)
    assert visible(sqs, url) == (0, 0)
    made.close()


def test_a_message_is_kept_until_all_of_its_objects_are_given(
    bucket: Any, url: str, endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects_module, "_PIECE_DOCUMENTS", 2)
    sqs = client("sqs", endpoint)
    put(bucket, "a", 0, 1, 2, 3)
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"Records": [s3("a")]}))
    made = source(endpoint, tmp_path, queue=url)
    first = made.fetch()
    made.committed(first.position)
    assert visible(sqs, url) == (0, 1)
    found, position = drained(made)
    assert found == LINES[2:4]
    made.committed(position)
    assert visible(sqs, url) == (0, 0)


def test_what_is_not_wanted_is_counted_and_deleted(
    bucket: Any, url: str, endpoint: str, tmp_path: Path
) -> None:
    sqs = client("sqs", endpoint)
    other = {"Records": [s3("a")]}
    other["Records"][0]["s3"]["bucket"]["name"] = "theirs"
    for body in (json.dumps({"Records": [s3("other/a")]}), json.dumps(other), "rubbish"):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    tally = Tally()
    made = source(endpoint, tmp_path, tally, queue=url, bucket="logs", prefix="AWSLogs/")
    assert made.fetch() is None
    assert tally.losses == {"foreign bucket": 1, "no notification": 1}
    assert tally.counts["objects passed over"] == 1
    assert visible(sqs, url) == (0, 0)
    resources = [permission.resources for permission in made.needs()]
    assert resources == [(f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q",), ("arn:aws:s3:::logs/AWSLogs/*",)]


def test_listing_finds_new_objects_and_resumes_within_one(
    bucket: Any, endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects_module, "_PIECE_DOCUMENTS", 2)
    today = time.strftime("AWSLogs/1/CloudTrail/%Y/%m/%d/", time.gmtime())
    put(bucket, f"{today}b.gz", 0, 1, 2, 3)
    made = source(endpoint, tmp_path, bucket="logs", prefix="AWSLogs/")
    assert isinstance(made, ListedObjects)
    first = made.fetch()
    assert made.is_behind
    assert [document.payload for document in first.documents] == LINES[:2]
    made = source(endpoint, tmp_path, bucket="logs", prefix="AWSLogs/")
    made.resume(first.position)
    found, position = drained(made)
    assert found == LINES[2:4]
    put(bucket, f"{today}a.gz", 4)
    put(bucket, f"{today}c.gz", 5)
    assert sorted(drained(made)[0]) == LINES[4:6]
    made.resume(position)
    assert sorted(drained(made)[0]) == LINES[4:6]
    assert drained(made)[0] == []
    assert not made.is_behind
    assert [permission.actions for permission in made.needs()] == [("s3:ListBucket",), ("s3:GetObject",)]


def test_what_is_wrong_is_said(bucket: Any, endpoint: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="name the queue that is told of new objects, or the bucket"):
        source(endpoint, tmp_path)
    made = source(endpoint, tmp_path, bucket="missing")
    with pytest.raises(SourceError, match="arn:aws:s3:::missing does not exist"):
        made.fetch()
    with pytest.raises(SourceError, match="another kind"):
        made.resume(b"3")
