"""The source `kinesis`: records of all shards of a stream, through splits and merges."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from coldtrail.errors import ConfigError, SourceError
from coldtrail.records.intake import Batch, Permission
from coldtrail.records.telemetry import Document
from coldtrail.sources.aws.account import Account, AwsSettings
from coldtrail.sources.aws.refusals import asking, checked, code_of
from coldtrail.sources.aws.shards import Shard, Shards
from coldtrail.sources.context import SourceContext
from coldtrail.sources.documents import documents_of

_LIST_S = 60.0
_PACE_S = 1.0
"""Of a shard that has nothing more; it may be asked five times a second, by all who read it."""
_FETCH_S = 1.0
_AT_ONCE = 1_000
_EXPIRED = "ExpiredIteratorException"
_TRIMMED = "InvalidArgumentException"
_TRIMMED_SENTENCE = (
    "the stream does not hold what comes after the stored position any more; the rest is read."
)


class KinesisSettings(AwsSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A stream whose records are telemetry: of a subscription filter, or of a program's own."""

    stream: str
    """Its name or its ARN."""
    since_s: float = 3_600.0
    """How far back to begin at first, in seconds."""


class KinesisPosition(Struct):
    """Where the source goes on."""

    shards: dict[str, Shard] = {}


class KinesisSource:
    """Reads one shard after the other; what came of a record is given before what comes after it."""

    Settings = KinesisSettings

    def __init__(
        self, settings: KinesisSettings, context: SourceContext, clock: Callable[[], float] = time.time
    ) -> None:
        self.name = context.name
        if not settings.stream:
            raise ConfigError(f"{self.name}: stream is empty; give the name of a stream.")
        self._settings, self._context, self._clock = settings, context, clock
        parts = settings.stream.split(":")
        is_arn = len(parts) > 5
        self._stream = parts[-1].partition("/")[2] if is_arn else settings.stream
        self._account = Account(
            context.name, settings, context.environment, region=parts[3] if is_arn else ""
        )
        self._arn = settings.stream if is_arn else self._account.arn("kinesis", f"stream/{self._stream}")
        self._shards = Shards({})
        self._iterators: dict[str, str] = {}
        self._next_asked: dict[str, float] = {}
        self._behind: set[str] = set()
        self._next_list = float("-inf")

    def resume(self, position: bytes) -> None:
        """Goes on where the position says, shard by shard."""
        try:
            self._shards = Shards(msgspec.json.decode(position, type=KinesisPosition).shards)
        except msgspec.DecodeError:
            raise SourceError(
                f"{self.name}: the stored position is of another kind of source; name this one otherwise."
            ) from None

    def fetch(self) -> Batch | None:
        """New records of the shard that waits longest; None where there are none now."""
        until = time.monotonic() + _FETCH_S
        if time.monotonic() >= self._next_list:
            self._list()
        for _ in self._shards.readable():
            id = min(self._shards.readable(), key=lambda one: self._next_asked.get(one, 0.0), default="")
            now = time.monotonic()
            if not id or now > until or self._next_asked.get(id, 0.0) > now:
                break
            batch = self._records(id)
            if batch is not None:
                return batch
        return None

    def committed(self, position: bytes) -> None:
        """Needs no more: records stay until they expire."""

    def tend(self) -> None:
        """Reading takes nothing from others."""

    def close(self) -> None:
        """Lets go of connections."""
        self._account.close()

    @property
    def is_behind(self) -> bool:
        """Whether a shard holds more, or was not asked yet: that there is nothing now says little."""
        return any(id in self._behind or id not in self._next_asked for id in self._shards.readable())

    def needs(self) -> Sequence[Permission]:
        """Listing shards, reading records, and the role."""
        actions = ("kinesis:ListShards", "kinesis:GetShardIterator", "kinesis:GetRecords")
        return [
            *self._account.needs(),
            Permission(actions, (self._arn,), "to read the records of all shards"),
        ]

    def _list(self) -> None:
        found: list[dict[str, Any]] = []
        asked = {"StreamName": self._stream}
        while True:
            with self._asking("ListShards"):
                page = checked(self.name, "kinesis:ListShards", self._client().list_shards(**asked))
            found += page["Shards"]
            if not page.get("NextToken"):
                break
            asked = {"NextToken": page["NextToken"]}
        self._shards.update(found, self._clock() - self._settings.since_s)
        self._next_list = time.monotonic() + _LIST_S

    def _records(self, id: str) -> Batch | None:
        self._next_asked[id] = time.monotonic() + _PACE_S
        answer = self._asked(id)
        if answer is None:
            return None
        shard, records = self._shards.known[id], answer["Records"]
        documents = [document for record in records for document in self._documents(id, record)]
        if records:
            shard.after = records[-1]["SequenceNumber"]
        self._advance(id, answer)
        if not documents:
            return None
        behind_ms = answer.get("MillisBehindLatest", 0)
        newest = records[-1]["ApproximateArrivalTimestamp"].timestamp()
        position = msgspec.json.encode(KinesisPosition(self._shards.known))
        return Batch(tuple(documents), position, newest, more=behind_ms > 0)

    def _advance(self, id: str, answer: dict[str, Any]) -> None:
        """Takes over the next iterator; a shard without one was closed, and has children to be listed."""
        self._behind.discard(id)
        if answer.get("MillisBehindLatest"):
            self._behind.add(id)
            self._next_asked[id] = time.monotonic()
        if answer.get("NextShardIterator"):
            self._iterators[id] = answer["NextShardIterator"]
            return
        self._iterators.pop(id, None)
        self._shards.known[id].is_done = True
        self._next_list = float("-inf")

    def _asked(self, id: str) -> dict[str, Any] | None:
        """The answer; None where its iterator has expired."""
        iterator = self._iterators.get(id) or self._iterator(id)
        client = self._client()
        with self._asking("GetRecords"):
            try:
                answer: dict[str, Any] = client.get_records(ShardIterator=iterator, Limit=_AT_ONCE)
            except client.exceptions.ClientError as error:
                self._iterators.pop(id, None)
                if code_of(error) == _EXPIRED:
                    return None
                raise
        return checked(self.name, "kinesis:GetRecords", answer)

    def _iterator(self, id: str) -> str:
        shard = self._shards.known[id]
        asked: dict[str, Any] = {"StreamName": self._stream, "ShardId": id}
        client = self._client()
        with self._asking("GetShardIterator"):
            try:
                answer = client.get_shard_iterator(**asked, **_begin(shard))
            except client.exceptions.ClientError as error:
                if code_of(error) != _TRIMMED or not shard.after:
                    raise
                self._context.tally.lose(
                    "expired records", origin=self._origin(), place=id, reason=_TRIMMED_SENTENCE
                )
                answer = client.get_shard_iterator(**asked, ShardIteratorType="TRIM_HORIZON")
        self._iterators[id] = checked(self.name, "kinesis:GetShardIterator", answer)["ShardIterator"]
        return self._iterators[id]

    def _documents(self, id: str, record: dict[str, Any]) -> list[Document]:
        return list(
            documents_of(
                io.BytesIO(record["Data"]),
                self._origin(),
                self._context.limits,
                self._context.tally,
                within=f"shard {id}, record {record['SequenceNumber']}",
                counted="records read",
            )
        )

    def _origin(self) -> str:
        return f"stream {self._stream}"

    def _asking(self, action: str) -> Any:
        return asking(self.name, f"kinesis:{action}", self._arn)

    def _client(self) -> Any:
        return self._account.client("kinesis")


def _begin(shard: Shard) -> dict[str, Any]:
    """From where on a shard is asked for records."""
    if shard.after:
        return {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": shard.after}
    if shard.since:
        return {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": shard.since}
    return {"ShardIteratorType": "TRIM_HORIZON"}
