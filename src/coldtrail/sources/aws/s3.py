"""The source `s3`: objects of a bucket, as a queue tells of them, or found by listing."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from coldtrail.errors import ConfigError, SourceError
from coldtrail.records.intake import Batch, Permission
from coldtrail.sources.aws.account import Account, AwsSettings
from coldtrail.sources.aws.lent import LentQueue, Message, parts_of
from coldtrail.sources.aws.listing import Folder, Listed, Lister
from coldtrail.sources.aws.notifications import told_by
from coldtrail.sources.aws.objects import ObjectName, ObjectReader
from coldtrail.sources.aws.sqs import Given, given_of
from coldtrail.sources.context import SourceContext

_FOLDERS_S = 600.0
_NO_NOTIFICATION = (
    "this message tells of no object in S3; only S3, SNS, EventBridge and CloudTrail may send here."
)
_FOREIGN = "this message tells of an object in another bucket than `bucket` names; it was not read."


class S3Settings(AwsSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Objects that hold telemetry, plain, .gz or .zst: a trail, exports, what a Firehose delivers."""

    queue: str = ""
    """Address of the SQS queue that is told of new objects: by S3, SNS, EventBridge or CloudTrail."""
    bucket: str = ""
    """With a queue, the only bucket whose objects are read; without one, the bucket that is listed."""
    prefix: str = ""
    """Keys begin so."""
    every_s: float = 60.0
    """Without a queue: how often the bucket is listed, in seconds."""
    since_s: float = 3_600.0
    """Without a queue: how far back to begin at first, in seconds."""
    overlap_s: float = 7_200.0
    """Without a queue: how long an object may come late, under a key before others, in seconds."""


def make_s3(settings: S3Settings, context: SourceContext) -> ListedObjects | ToldObjects:
    """The source for the settings; raises `ConfigError`."""
    if settings.queue:
        return ToldObjects(settings, context)
    if settings.bucket:
        return ListedObjects(settings, context)
    raise ConfigError(f"{context.name}: name the queue that is told of new objects, or the bucket to list.")


class S3Source:
    """As the registry knows it; made as the one or the other."""

    Settings = S3Settings

    def __new__(cls, settings: S3Settings, context: SourceContext) -> Any:
        """The source for the settings."""
        return make_s3(settings, context)


class ToldObjects:
    """Objects that messages tell of; a message is deleted once all of its objects are stored.

    A message that tells of none is counted; it is left to the dead-letter queue where there is one, and
    deleted where there is none.
    """

    def __init__(self, settings: S3Settings, context: SourceContext) -> None:
        self.name = context.name
        self._settings, self._context = settings, context
        self._account = Account(
            context.name, settings, context.environment, region=parts_of(settings.queue)[0]
        )
        self._queue = LentQueue(context.name, self._account, settings.queue)
        self._reader = ObjectReader(context.name, self._account, context.limits, context.tally)
        self._waiting: deque[tuple[Message, deque[ObjectName]]] = deque()
        self._number = 0
        self._given: dict[str, None] = {}
        self._poison: set[str] = set()

    def resume(self, position: bytes) -> None:
        """Knows again what was taken in and not deleted."""
        self._queue.resume(given_of(self.name, position))

    def fetch(self) -> Batch | None:
        """Some documents of the next object."""
        if not self._waiting:
            self._take(self._queue.receive())
        if not self._waiting:
            return None
        message, objects = self._waiting[0]
        piece = self._reader.read(objects[0], self._number)
        self._number = 0 if piece.is_last else piece.given
        if piece.is_last:
            objects.popleft()
        if not objects:
            self._waiting.popleft()
            self._given[message.id] = None
        position = msgspec.json.encode(Given(tuple(self._given)))
        return Batch(tuple(piece.documents), position, message.sent, more=True)

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
        self._reader.close()
        self._account.close()

    def needs(self) -> Sequence[Permission]:
        """Reading the objects, the queue, and the role."""
        path = f"{self._settings.bucket or '*'}/{self._settings.prefix}*"
        objects = Permission(
            ("s3:GetObject",), (self._account.bucket_arn(path),), "to read the objects that are told of"
        )
        return [*self._account.needs(), *self._queue.needs(), objects]

    def _take(self, messages: list[Message]) -> None:
        done: list[str] = []
        for message in messages:
            told = told_by(message.body)
            objects = deque([one for one in told.objects if self._is_wanted(one)])
            if objects:
                self._waiting.append((message, objects))
            elif told.is_notification or not self._is_left(message):
                done.append(message.id)
        self._queue.delete(done)

    def _is_wanted(self, one: ObjectName) -> bool:
        if self._settings.bucket and one.bucket != self._settings.bucket:
            self._context.tally.lose("foreign bucket", origin=f"queue {self.name}", reason=_FOREIGN)
            return False
        if one.key.startswith(self._settings.prefix):
            return True
        self._context.tally.count("objects passed over")
        return False

    def _is_left(self, message: Message) -> bool:
        """Whether a message that tells of nothing is left to the dead-letter queue; it is counted once."""
        if message.id not in self._poison:
            place = f"message {message.id}"
            self._context.tally.lose(
                "no notification", origin=f"queue {self.name}", place=place, reason=_NO_NOTIFICATION
            )
        if not self._queue.has_redrive_policy():
            return False
        if len(self._poison) < 10_000:
            self._poison.add(message.id)
        self._queue.leave([message.id])
        return True


class ListingPosition(Struct):
    """Where listing goes on."""

    folders: dict[str, Folder] = {}
    since: float = 0.0
    """What was written before was never to be read."""
    folder: str = ""
    key: str = ""
    """Of an object of which only some was given."""
    documents: int = 0
    modified: float = 0.0


class ListedObjects:
    """Objects found by listing, by the time they were written; one that is written anew is not read again."""

    def __init__(
        self, settings: S3Settings, context: SourceContext, clock: Callable[[], float] = time.time
    ) -> None:
        self.name = context.name
        self._settings, self._context, self._clock = settings, context, clock
        self._account = Account(context.name, settings, context.environment)
        self._lister = Lister(context.name, self._account, settings.bucket, settings.prefix, context.tally)
        self._reader = ObjectReader(context.name, self._account, context.limits, context.tally)
        self._position = ListingPosition(since=clock() - settings.since_s)
        self._waiting: deque[Listed] = deque()
        self._next_look = self._next_folders = float("-inf")
        self._is_more = False

    def resume(self, position: bytes) -> None:
        """Goes on where the position says."""
        try:
            found = msgspec.json.decode(position, type=ListingPosition)
        except msgspec.DecodeError:
            raise SourceError(
                f"{self.name}: the stored position is of another kind of source; name this one otherwise."
            ) from None
        self._position = found
        if found.key:
            self._waiting.append(Listed(found.folder, found.key, found.modified))

    def fetch(self) -> Batch | None:
        """Some documents of the next object; None where there is no new one."""
        if not self._waiting and not self._look():
            return None
        position, one = self._position, self._waiting[0]
        piece = self._reader.read(ObjectName(self._settings.bucket, one.key), position.documents)
        if piece.is_last:
            self._waiting.popleft()
            position.folders.setdefault(one.folder, Folder()).seen[one.key] = one.modified
            position.folder, position.key, position.documents = "", "", 0
        else:
            position.folder, position.key, position.documents = one.folder, one.key, piece.given
            position.modified = one.modified
        encoded = msgspec.json.encode(position)
        return Batch(tuple(piece.documents), encoded, one.modified, more=bool(self._waiting))

    def committed(self, position: bytes) -> None:
        """Needs no more: objects stay where they are."""

    def tend(self) -> None:
        """Reading takes nothing from others."""

    def close(self) -> None:
        """Lets go of connections."""
        self._reader.close()
        self._account.close()

    def needs(self) -> Sequence[Permission]:
        """Listing, reading, and the role."""
        bucket, prefix = self._settings.bucket, self._settings.prefix
        return [
            *self._account.needs(),
            Permission(("s3:ListBucket",), (self._lister.arn,), "to find new objects"),
            Permission(("s3:GetObject",), (self._account.bucket_arn(f"{bucket}/{prefix}*"),), "to read them"),
        ]

    @property
    def is_behind(self) -> bool:
        """Whether more is known to be listed, or read: that there is nothing now says little."""
        return self._is_more or bool(self._waiting)

    def _look(self) -> bool:
        """Whether there are new objects, looked for now and then."""
        now = time.monotonic()
        if now < self._next_look:
            return False
        position = self._position
        if now >= self._next_folders:
            for name, year in self._lister.folders().items():
                if name not in position.folders:
                    position.folders[name] = self._lister.begin(name, year, position.since)
            self._next_folders = now + _FOLDERS_S
        before = max(position.since, self._clock() - self._settings.overlap_s)
        self._is_more = False
        for name, folder in position.folders.items():
            self._lister.settle(folder, before)
            found, more = self._lister.new(name, folder, position.since)
            self._waiting.extend(found)
            self._is_more = self._is_more or more
        self._waiting = deque(sorted(self._waiting, key=lambda one: (one.modified, one.key)))
        self._next_look = now if self._is_more and self._waiting else now + self._settings.every_s
        return bool(self._waiting)
