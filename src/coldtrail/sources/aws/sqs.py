"""The source `sqs`: each message is telemetry, as documents or in an envelope."""

from __future__ import annotations

import io
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from coldtrail.errors import ConfigError, SourceError
from coldtrail.records.intake import Batch, Permission
from coldtrail.records.telemetry import Document
from coldtrail.sources.aws.account import Account, AwsSettings
from coldtrail.sources.aws.lent import LentQueue, Message, parts_of
from coldtrail.sources.aws.notifications import telemetry_in
from coldtrail.sources.context import SourceContext
from coldtrail.sources.documents import documents_of

_MOST_POISON = 10_000


class SqsSettings(AwsSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A queue whose messages are telemetry."""

    queue: str
    """Its address (`https://sqs.…/111122223333/name`); nobody else may read it."""


class Given(Struct, frozen=True):
    """The position of a source of messages."""

    given: tuple[str, ...] = ()
    """Ids of those that were given and not deleted: deleted without being read where they come again."""


class SqsSource:
    """Messages are deleted once what they told is stored; until then their visibility is extended.

    One that holds no document is counted; it is left to the dead-letter queue where the queue has one, and
    deleted where it has none.
    """

    Settings = SqsSettings

    def __init__(self, settings: SqsSettings, context: SourceContext) -> None:
        self.name = context.name
        if "/" not in settings.queue:
            raise ConfigError(f"{self.name}: queue is {settings.queue!r}; give the address of a queue.")
        self._context = context
        self._account = Account(
            context.name, settings, context.environment, region=parts_of(settings.queue)[0]
        )
        self._queue = LentQueue(context.name, self._account, settings.queue)
        self._given: dict[str, None] = {}
        self._poison: set[str] = set()

    def resume(self, position: bytes) -> None:
        """Knows again what was taken in and not deleted."""
        self._queue.resume(given_of(self.name, position))

    def fetch(self) -> Batch | None:
        """The documents of up to ten messages."""
        messages = self._queue.receive()
        documents: list[Document] = []
        empty: list[str] = []
        for message in messages:
            found = self._documents(message)
            if found:
                documents += found
                self._given[message.id] = None
            elif found is not None:
                empty.append(message.id)
        self._queue.delete(empty)
        if not documents:
            return None
        newest = max([message.sent or 0.0 for message in messages])
        position = msgspec.json.encode(Given(tuple(self._given)))
        return Batch(tuple(documents), position, newest or None, more=True)

    def committed(self, position: bytes) -> None:
        """Deletes the messages."""
        done = given_of(self.name, position)
        self._queue.delete(done)
        for id in done:
            self._given.pop(id, None)

    def tend(self) -> None:
        """Extends the visibility of messages that are not deleted yet."""
        self._queue.extend()

    def close(self) -> None:
        """Lets go of connections; what was not deleted is visible again after a while."""
        self._account.close()

    def needs(self) -> Sequence[Permission]:
        """Reading and deleting, and the role."""
        return [*self._account.needs(), *self._queue.needs()]

    def _documents(self, message: Message) -> list[Document] | None:
        """What a message holds; None where it is left to the dead-letter queue."""
        if message.id in self._poison:
            self._queue.leave([message.id])
            return None
        tally = self._context.tally
        lost = tally.lost
        stream = io.BytesIO(telemetry_in(message.body))
        found = list(
            documents_of(
                stream,
                f"queue {self.name}",
                self._context.limits,
                tally,
                within=f"message {message.id}",
                counted="messages read",
            )
        )
        if found or tally.lost == lost or not self._queue.has_redrive_policy():
            return found
        tally.count("messages left to the dead-letter queue")
        if len(self._poison) < _MOST_POISON:
            self._poison.add(message.id)
        self._queue.leave([message.id])
        return None


def given_of(name: str, position: bytes) -> tuple[str, ...]:
    """The ids in a position; raises `SourceError` where it is none."""
    try:
        return msgspec.json.decode(position, type=Given).given
    except msgspec.DecodeError:
        raise SourceError(
            f"{name}: the stored position is of another kind of source; name this one otherwise."
        ) from None
