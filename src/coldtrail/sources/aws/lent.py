"""A queue whose messages are only lent until they are deleted: received, extended, deleted after a commit."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from msgspec import Struct

from coldtrail.records.intake import Permission
from coldtrail.sources.aws.account import Account
from coldtrail.sources.aws.refusals import asking, checked

_WAIT_S = 1
_FULL_S = 0.2
_AT_ONCE = 10
"""SQS takes and gives so many messages a call."""
MOST_LENT = 5_000
VISIBILITY_S = 120
_POLICY_S = 3_600.0
_URL = re.compile(
    r"https?://(?:sqs\.([a-z0-9-]+)\.|([a-z0-9-]+)\.queue\.)?[^/]*/(\d{12})/([A-Za-z0-9_.-]{1,80})"
)


class Message(NamedTuple):
    """A message as it came."""

    id: str
    body: str
    sent: float | None


class Lent(Struct):
    """What is known of a message that was not deleted yet."""

    receipt: str
    until: float
    """When others would get it, by the monotonic clock."""


class LentQueue:
    """An SQS queue, of which each message is given once as long as it is kept by `extend`."""

    def __init__(self, name: str, account: Account, url: str) -> None:
        self._name, self._account, self._url = name, account, url
        self._lent: dict[str, Lent] = {}
        self._done: frozenset[str] = frozenset()
        self._policy: tuple[float, bool] = (float("-inf"), False)
        _, account_id, queue = parts_of(url)
        self.arn = account.arn("sqs", queue, account=account_id)

    def resume(self, done: Iterable[str]) -> None:
        """Messages that were taken in before a restart: they are deleted when they come again."""
        self._done = frozenset(done)

    def receive(self) -> list[Message]:
        """Messages that were not given before, waiting for some for a second at most."""
        if len(self._lent) >= MOST_LENT:
            time.sleep(_FULL_S)
            return []
        with asking(self._name, "sqs:ReceiveMessage", self.arn):
            answer = self._client().receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=_AT_ONCE,
                WaitTimeSeconds=_WAIT_S,
                VisibilityTimeout=VISIBILITY_S,
                AttributeNames=["SentTimestamp"],
            )
        until = time.monotonic() + VISIBILITY_S
        given = []
        again = []
        for message in answer.get("Messages", ()):
            id, known = message["MessageId"], message["MessageId"] in self._lent
            self._lent[id] = Lent(message["ReceiptHandle"], until)
            if id in self._done:
                again.append(id)
            elif not known:
                sent = message.get("Attributes", {}).get("SentTimestamp")
                given.append(Message(id, message["Body"], int(sent) / 1_000 if sent else None))
        self.delete(again)
        return given

    def extend(self) -> None:
        """Keeps what is lent from others for as long again, where half of its time is over."""
        soon = time.monotonic() + VISIBILITY_S / 2
        for ids in _in_tens([id for id, one in self._lent.items() if one.until < soon]):
            entries = [
                {
                    "Id": str(number),
                    "ReceiptHandle": self._lent[id].receipt,
                    "VisibilityTimeout": VISIBILITY_S,
                }
                for number, id in enumerate(ids)
            ]
            with asking(self._name, "sqs:ChangeMessageVisibility", self.arn):
                answer = self._client().change_message_visibility_batch(QueueUrl=self._url, Entries=entries)
            until = time.monotonic() + VISIBILITY_S
            for entry in answer.get("Successful", ()):
                self._lent[ids[int(entry["Id"])]].until = until

    def delete(self, ids: Iterable[str]) -> None:
        """Deletes messages; of those that cannot be, since they are lent to another by now, none is known
        any more."""
        for some in _in_tens([id for id in ids if id in self._lent]):
            entries = [
                {"Id": str(number), "ReceiptHandle": self._lent[id].receipt} for number, id in enumerate(some)
            ]
            with asking(self._name, "sqs:DeleteMessage", self.arn):
                answer = self._client().delete_message_batch(QueueUrl=self._url, Entries=entries)
                checked(self._name, "sqs:DeleteMessage", answer)
            self.leave(some)

    def leave(self, ids: Iterable[str]) -> None:
        """Leaves messages to whoever gets them when their time is over."""
        for id in ids:
            self._lent.pop(id, None)

    def has_redrive_policy(self) -> bool:
        """Whether a message that nobody deletes ends in a dead-letter queue."""
        asked, has = self._policy
        if time.monotonic() - asked > _POLICY_S:
            with asking(self._name, "sqs:GetQueueAttributes", self.arn):
                answer = self._client().get_queue_attributes(
                    QueueUrl=self._url, AttributeNames=["RedrivePolicy"]
                )
            has = "RedrivePolicy" in answer.get("Attributes", {})
            self._policy = time.monotonic(), has
        return has

    def needs(self) -> list[Permission]:
        """What the queue has to allow."""
        actions = ("ReceiveMessage", "ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes")
        why = "to take messages in and to delete them once what they tell is stored"
        return [Permission(tuple(f"sqs:{action}" for action in actions), (self.arn,), why)]

    def _client(self) -> Any:
        return self._account.client("sqs")


def parts_of(url: str) -> tuple[str, str, str]:
    """Region, account and name in the address of a queue; region and account may be missing."""
    found = _URL.match(url)
    if found is None:
        return "", "*", url.rstrip("/").rpartition("/")[2] or "*"
    return found[1] or found[2] or "", found[3], found[4]


def _in_tens(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]
