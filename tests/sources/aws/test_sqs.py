"""Messages that are telemetry."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from coldtrail.errors import ConfigError, SourceError
from coldtrail.records.tally import Tally
from coldtrail.sources.aws import lent
from coldtrail.sources.aws.sqs import SqsSettings, SqsSource
from tests.sources.aws.cloud import ACCOUNT, client, context
from tests.sources.aws.test_lent import visible

TRACE = '{"Id": "1-1", "Segments": []}'


@pytest.fixture
def sqs(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(lent, "_WAIT_S", 0)
    return client("sqs", endpoint)


def source(url: str, endpoint: str, tmp_path: Path, tally: Tally | None = None) -> SqsSource:
    return SqsSource(
        SqsSettings(queue=url, region="eu-west-1", endpoint_url=endpoint), context(tmp_path, tally=tally)
    )


def test_documents_of_messages_and_of_what_sns_wrapped(sqs: Any, endpoint: str, tmp_path: Path) -> None:
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    wrapped = json.dumps({"Type": "Notification", "Message": TRACE})
    for body in (TRACE, wrapped, f"[{TRACE},{TRACE}]"):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    made = source(url, endpoint, tmp_path)
    batch = made.fetch()
    assert batch is not None
    assert [document.payload.decode() for document in batch.documents] == [TRACE] * 4
    assert batch.documents[0].place.startswith("message ")
    assert batch.newest
    assert visible(sqs, url) == (0, 3)
    made.tend()
    made.committed(batch.position)
    assert visible(sqs, url) == (0, 0)
    assert made.fetch() is None
    made.close()


def test_a_committed_message_that_was_not_deleted_is_not_read_again(
    sqs: Any, endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lent, "VISIBILITY_S", 0)
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=TRACE)
    batch = source(url, endpoint, tmp_path).fetch()
    assert batch is not None
    again = source(url, endpoint, tmp_path)
    again.resume(batch.position)
    assert again.fetch() is None
    assert visible(sqs, url) == (0, 0)


def test_a_message_without_documents_is_counted_and_deleted(sqs: Any, endpoint: str, tmp_path: Path) -> None:
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody='{"broken": ')
    tally = Tally()
    assert source(url, endpoint, tmp_path, tally).fetch() is None
    assert tally.lost
    assert visible(sqs, url) == (0, 0)


def test_it_is_left_where_there_is_a_dead_letter_queue_and_counted_once(
    sqs: Any, endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lent, "VISIBILITY_S", 0)
    sqs.create_queue(QueueName="dead")
    policy = {"deadLetterTargetArn": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:dead", "maxReceiveCount": 2}
    url = sqs.create_queue(QueueName="q", Attributes={"RedrivePolicy": json.dumps(policy)})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody='{"broken": ')
    tally = Tally()
    made = source(url, endpoint, tmp_path, tally)
    for _ in range(4):
        assert made.fetch() is None
    assert tally.counts["messages left to the dead-letter queue"] == 1
    lost = tally.lost
    made.fetch()
    assert tally.lost == lost
    dead = sqs.get_queue_url(QueueName="dead")["QueueUrl"]
    assert visible(sqs, dead)[0] == 1


def test_what_is_wrong_is_said(sqs: Any, endpoint: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="give the address of a queue"):
        source("trail", endpoint, tmp_path)
    missing = source(f"{endpoint}/{ACCOUNT}/missing", endpoint, tmp_path)
    with pytest.raises(
        SourceError, match="arn:aws:sqs:eu-west-1:123456789012:missing does not exist"
    ) as raised:
        missing.fetch()
    assert not raised.value.retryable
    with pytest.raises(SourceError, match="another kind"):
        missing.resume(b"{")
    (permission,) = missing.needs()
    assert permission.resources == (f"arn:aws:sqs:eu-west-1:{ACCOUNT}:missing",)
