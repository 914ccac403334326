"""What wakes functions, through real clients, real handlers and the real local cloud."""

from collections.abc import Iterator
from typing import Any

import pytest

from coldtrail_testbed.applications.model import BucketNotification
from coldtrail_testbed.cloud.local_cloud import LocalCloud

from .small_cloud import ask, events_of, segments_of, small_application, small_cloud

_APPLICATION = small_application(
    "Watch", buckets=["films"], bucket_notifications=[BucketNotification("films", "Watch", suffix=".mp4")]
)


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with small_cloud(_APPLICATION) as cloud:
        yield cloud


def _record(cloud: LocalCloud) -> dict[str, Any]:
    [event] = events_of(cloud, "Watch")
    record: dict[str, Any] = event["Records"][0]
    return record


def test_an_upload_wakes_a_function_in_a_trace_of_its_own(cloud: LocalCloud) -> None:
    cloud.upload("films", "a film.mp4", b"frames")
    cloud.upload("films", "a film.txt", b"words")
    record = _record(cloud)
    assert record["s3"]["object"]["key"] == "a+film.mp4"
    assert record["requestParameters"] == {"sourceIPAddress": "203.0.113.10"}
    [service] = segments_of(cloud, "AWS::Lambda")
    assert "parent_id" not in service
    assert service["http"] == {"response": {"status": 202}}
    assert [part["name"] for part in service["subsegments"]] == ["Dwell Time", "Attempt #1"]


def test_a_traced_writer_wakes_a_function_in_its_trace(cloud: LocalCloud) -> None:
    ask(cloud, ("s3", "put_object", {"Bucket": "films", "Key": "b.mp4", "Body": "frames"}))
    [trace] = cloud.take_traces()
    segments = {segment["id"]: segment for segment in trace["segments"]}
    [woken] = [
        part for part in segments.values() if (part["name"], part["origin"]) == ("Watch", "AWS::Lambda")
    ]
    [front] = [
        part
        for part in segments.values()
        if (part["name"], part["origin"]) == ("Front", "AWS::Lambda::Function")
    ]
    [call] = [part for part in front["subsegments"][-2]["subsegments"] if part["name"] == "s3"]
    assert woken["parent_id"] == call["id"]
    assert 0.9 < woken["start_time"] - call["end_time"] < 1.3
    assert _record(cloud)["requestParameters"] != {"sourceIPAddress": "203.0.113.10"}


def test_the_same_seed_wakes_with_the_same_events() -> None:
    seen = []
    for _ in range(2):
        with small_cloud(_APPLICATION, seed=3) as cloud:
            cloud.upload("films", "a.mp4", b"frames")
            seen.append((events_of(cloud, "Watch"), cloud.take_traces()))
    assert seen[0] == seen[1]
