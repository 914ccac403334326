"""Queues that wake real functions, through the real local cloud."""

import json
from collections.abc import Iterator
from itertools import pairwise

import pytest

from coldtrail_testbed.applications.model import QueueConsumer, QueueSubscription
from coldtrail_testbed.cloud.identifiers import queue_arn, queue_url, topic_arn
from coldtrail_testbed.cloud.local_cloud import LocalCloud

from .small_cloud import ask, events_of, segments_of, small_application, small_cloud

_APPLICATION = small_application(
    "Work",
    topics=["News"],
    queues=["Jobs"],
    queue_subscriptions=[QueueSubscription("News", "Jobs", {"kind": ["good"]})],
    queue_consumers=[QueueConsumer("Jobs", "Work", 5)],
)


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with small_cloud(_APPLICATION) as cloud:
        yield cloud


def test_a_message_wakes_its_function_in_a_trace_of_its_own(cloud: LocalCloud) -> None:
    attribute = {"kind": {"DataType": "String", "StringValue": "good"}}
    parameters = {"QueueUrl": queue_url("Jobs"), "MessageBody": "b", "MessageAttributes": attribute}
    [sent] = ask(cloud, ("sqs", "send_message", parameters))
    [event] = events_of(cloud, "Work")
    [record] = event["Records"]
    assert (record["messageId"], record["body"]) == (sent["MessageId"], "b")
    assert record["md5OfBody"] == sent["MD5OfMessageBody"]
    assert record["eventSourceARN"] == queue_arn("Jobs")
    assert record["messageAttributes"]["kind"]["stringValue"] == "good"
    front, work = sorted(segments_of(cloud, "AWS::Lambda"), key=lambda segment: segment["start_time"])
    assert record["attributes"]["AWSTraceHeader"].startswith(f"Root={front['trace_id']}")
    assert work["trace_id"] != front["trace_id"]
    assert "parent_id" not in work


def test_topics_send_to_queues_what_matches(cloud: LocalCloud) -> None:
    for kind in ("bad", "good"):
        attribute = {"kind": {"DataType": "String", "StringValue": kind}}
        message = {"TopicArn": topic_arn("News"), "Message": kind, "MessageAttributes": attribute}
        ask(cloud, ("sns", "publish", message))
    [event] = events_of(cloud, "Work")
    body = json.loads(event["Records"][0]["body"])
    assert (body["Type"], body["Message"]) == ("Notification", "good")
    assert body["MessageAttributes"] == {"kind": {"Type": "String", "Value": "good"}}


def test_messages_are_taken_in_batches_of_the_size_asked_for(cloud: LocalCloud) -> None:
    entries = [{"Id": f"{number}", "MessageBody": f"b{number}"} for number in range(7)]
    ask(cloud, ("sqs", "send_message_batch", {"QueueUrl": queue_url("Jobs"), "Entries": entries}))
    batches = [[record["body"] for record in event["Records"]] for event in events_of(cloud, "Work")]
    assert sorted(batches, key=len) == [["b5", "b6"], ["b0", "b1", "b2", "b3", "b4"]]


def test_a_failed_batch_is_received_again_twice(cloud: LocalCloud) -> None:
    body = json.dumps({"fail": "no luck"})
    ask(cloud, ("sqs", "send_message", {"QueueUrl": queue_url("Jobs"), "MessageBody": body}))
    attributes = [event["Records"][0]["attributes"] for event in events_of(cloud, "Work")]
    assert sorted(entry["ApproximateReceiveCount"] for entry in attributes) == ["1", "2", "3"]
    assert len({entry["ApproximateFirstReceiveTimestamp"] for entry in attributes}) == 1
    starts = sorted(
        part["start_time"] for part in segments_of(cloud, "AWS::Lambda") if part["name"] == "Work"
    )
    assert [round(later - earlier) for earlier, later in pairwise(starts)] == [30, 30]
