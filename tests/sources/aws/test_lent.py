"""Messages that are lent until they are deleted."""

from __future__ import annotations

import time
from typing import Any

import pytest

from coldtrail.sources.aws import lent as module
from coldtrail.sources.aws.account import Account, AwsSettings
from coldtrail.sources.aws.lent import LentQueue, parts_of
from tests.sources.aws.cloud import ACCOUNT, client


@pytest.fixture
def sqs(endpoint: str) -> Any:
    return client("sqs", endpoint)


@pytest.fixture
def url(sqs: Any) -> str:
    found: str = sqs.create_queue(QueueName="trail")["QueueUrl"]
    return found


@pytest.fixture
def queue(url: str, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> LentQueue:
    monkeypatch.setattr(module, "_WAIT_S", 0)
    account = Account("trail", AwsSettings(region="eu-west-1", endpoint_url=endpoint), {})
    return LentQueue("trail", account, url)


def visible(sqs: Any, url: str) -> tuple[int, int]:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return int(found[names[0]]), int(found[names[1]])


def test_messages_are_given_once_and_deleted_when_told(sqs: Any, url: str, queue: LentQueue) -> None:
    for number in range(25):
        sqs.send_message(QueueUrl=url, MessageBody=str(number))
    messages = [message for _ in range(6) for message in queue.receive()]
    assert sorted(int(message.body) for message in messages) == list(range(25))
    assert all(abs((message.sent or 0) - time.time()) < 60 for message in messages)
    assert visible(sqs, url) == (0, 25)
    queue.delete([message.id for message in messages[:13]])
    assert visible(sqs, url) == (0, 12)
    assert queue.arn == f"arn:aws:sqs:eu-west-1:{ACCOUNT}:trail"


def test_what_is_lent_is_extended_in_time(
    sqs: Any, url: str, queue: LentQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "VISIBILITY_S", 1)
    for number in range(12):
        sqs.send_message(QueueUrl=url, MessageBody=str(number))
    for _ in range(2):
        queue.receive()
    monkeypatch.setattr(module, "VISIBILITY_S", 60)
    queue.extend()
    time.sleep(1.1)
    assert queue.receive() == []
    assert visible(sqs, url) == (0, 12)


def test_a_message_that_came_back_is_not_given_again_but_deleted_by_its_new_receipt(
    sqs: Any, url: str, queue: LentQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "VISIBILITY_S", 0)
    sqs.send_message(QueueUrl=url, MessageBody="a")
    (message,) = queue.receive()
    assert queue.receive() == []
    queue.delete([message.id])
    assert visible(sqs, url) == (0, 0)


def test_what_was_taken_in_before_a_restart_is_deleted_when_it_comes(
    sqs: Any, url: str, queue: LentQueue
) -> None:
    sqs.send_message(QueueUrl=url, MessageBody="a")
    id = sqs.send_message(QueueUrl=url, MessageBody="b")["MessageId"]
    queue.resume([id])
    assert [message.body for message in queue.receive()] == ["a"]
    assert visible(sqs, url) == (0, 1)


def test_no_more_is_lent_than_is_bounded(
    sqs: Any, url: str, queue: LentQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_LENT", 1)
    sqs.send_message(QueueUrl=url, MessageBody="a")
    (message,) = queue.receive()
    sqs.send_message(QueueUrl=url, MessageBody="b")
    assert queue.receive() == []
    queue.delete([message.id])
    assert [message.body for message in queue.receive()] == ["b"]


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://sqs.eu-west-1.amazonaws.com/111122223333/trail", ("eu-west-1", "111122223333", "trail")),
        (
            "https://eu-west-1.queue.amazonaws.com/111122223333/q.fifo",
            ("eu-west-1", "111122223333", "q.fifo"),
        ),
        ("http://localhost:4566/111122223333/trail", ("", "111122223333", "trail")),
        ("https://example.com/trail", ("", "*", "trail")),
    ],
)
def test_an_address_tells_region_account_and_name(url: str, parts: tuple[str, str, str]) -> None:
    assert parts_of(url) == parts
