"""What is new in a bucket, by listing it."""

from __future__ import annotations

from typing import Any

import pytest

from coldtrail.records.tally import Tally
from coldtrail.sources.aws import listing as module
from coldtrail.sources.aws.account import Account, AwsSettings
from coldtrail.sources.aws.listing import Folder, Lister
from tests.sources.aws.cloud import client

TRAIL = "AWSLogs/111122223333/CloudTrail"


@pytest.fixture
def s3(endpoint: str) -> Any:
    made = client("s3", endpoint)
    made.create_bucket(Bucket="logs", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return made


@pytest.fixture
def lister(endpoint: str, tally: Tally) -> Lister:
    account = Account("trail", AwsSettings(region="eu-west-1", endpoint_url=endpoint), {})
    return Lister("trail", account, "logs", "AWSLogs/", tally)


def put(s3: Any, *keys: str) -> None:
    for key in keys:
        s3.put_object(Bucket="logs", Key=key, Body=b"x")


def test_each_folder_of_years_is_listed_for_itself(s3: Any, lister: Lister) -> None:
    put(s3, f"{TRAIL}/eu-west-1/2026/11/30/a.gz", f"{TRAIL}/us-east-1/2025/01/01/b.gz")
    put(
        s3,
        f"{TRAIL}-Digest/eu-west-1/2026/11/30/d.gz",
        "AWSLogs/o-1/111/vpcflowlogs/eu-west-1/year=2026/x.gz",
    )
    assert lister.folders() == {
        f"{TRAIL}/eu-west-1/": "2026/",
        f"{TRAIL}/us-east-1/": "2025/",
        "AWSLogs/o-1/111/vpcflowlogs/eu-west-1/": "year=2026/",
    }
    begun = lister.begin(f"{TRAIL}/eu-west-1/", "2026/", 1_796_000_000.0)
    assert begun.after == f"{TRAIL}/eu-west-1/2026/11/29"
    assert lister.begin("a/", "year=2026/", 1_796_000_000.0).after == "a/year=2026/"
    assert lister.begin("a/", "", 0.0) == Folder()


def test_a_folder_with_objects_is_listed_with_all_below_it(s3: Any, lister: Lister) -> None:
    put(s3, "AWSLogs/a.gz", "AWSLogs/b/c.gz")
    assert lister.folders() == {"AWSLogs/": ""}


def test_late_keys_are_found_and_only_what_is_recent_is_remembered(
    s3: Any, lister: Lister, tally: Tally
) -> None:
    put(s3, "AWSLogs/b", "AWSLogs/d")
    folder = Folder()
    found, more = lister.new("AWSLogs/", folder, 0.0)
    assert ([one.key for one in found], more) == (["AWSLogs/b", "AWSLogs/d"], False)
    folder.seen = {"AWSLogs/b": 100.0, "AWSLogs/d": 200.0}
    put(s3, "AWSLogs/a", "AWSLogs/c")
    assert [one.key for one in lister.new("AWSLogs/", folder, 0.0)[0]] == ["AWSLogs/a", "AWSLogs/c"]
    lister.settle(folder, 150.0)
    assert folder == Folder("AWSLogs/b", {"AWSLogs/d": 200.0})
    assert [one.key for one in lister.new("AWSLogs/", folder, 0.0)[0]] == ["AWSLogs/c"]


def test_what_is_old_empty_or_no_telemetry_is_passed_over(s3: Any, lister: Lister, tally: Tally) -> None:
    put(s3, "AWSLogs/a", "AWSLogs/1/CloudTrail-Digest/b")
    s3.put_object(Bucket="logs", Key="AWSLogs/empty/", Body=b"")
    folder = Folder()
    found, _ = lister.new("AWSLogs/", folder, 0.0)
    assert [one.key for one in found] == ["AWSLogs/a"]
    assert tally.counts["objects passed over"] == 2
    assert lister.new("AWSLogs/", Folder(), 1e12)[0] == []


def test_memory_is_bounded(lister: Lister, tally: Tally, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SEEN", 10)
    folder = Folder(seen={f"{number:03}": 100.0 for number in range(25)})
    lister.settle(folder, 50.0)
    assert (folder.after, len(folder.seen)) == ("014", 10)
    assert tally.counts["objects remembered for a shorter time"] == 15
