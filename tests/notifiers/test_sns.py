from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from coldtrail.errors import ConfigError
from coldtrail.notifiers.sns import SnsNotifier, SnsSettings
from tests.notifiers.cloud import REGION, client, cloud
from tests.notifiers.messages import LONG, a_message, hostile_message


def notifier(**table: Any) -> SnsNotifier:
    return SnsNotifier(msgspec.convert(table, SnsSettings), {})


def test_a_queue_gets_the_document_and_a_fifo_topic_each_message_once() -> None:
    sns, sqs = client("sns"), client("sqs")
    fifo = {"FifoTopic": "true"}
    topic = sns.create_topic(Name="alerts.fifo", Attributes=fifo)["TopicArn"]
    url = sqs.create_queue(QueueName="alerts.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    with cloud("hush") as place:
        sender = notifier(topic_arn=topic, endpoint_url=f"http://127.0.0.1:{place.port}")
        for message in (a_message(), a_message(), a_message(what="resolve")):
            sender.send(message)
    got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    told = [json.loads(json.loads(one["Body"])["Message"]) for one in got]
    assert [one["what"] for one in told] == ["trigger", "resolve"]
    assert told[0]["alert"]["kind"] == "new_resource"


def test_subjects_and_attributes_are_those_that_sns_takes() -> None:
    topic = client("sns").create_topic(Name="plain")["TopicArn"]
    with cloud("hush") as place:
        sender = notifier(topic_arn=topic, endpoint_url=f"http://127.0.0.1:{place.port}")
        for message in (LONG, hostile_message("a\r\nb\x1b"), a_message(account="", function="")):
            sender.send(message)
    assert len(place.requests) == 3


def test_a_topic_is_named_by_its_arn() -> None:
    with pytest.raises(ConfigError, match="topic_arn"):
        notifier(topic_arn="alerts")
    (need,) = notifier(topic_arn=f"arn:aws:sns:{REGION}:123456789012:alerts").needs()
    assert need.actions == ("sns:Publish",)
