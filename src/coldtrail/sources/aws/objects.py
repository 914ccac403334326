"""Objects of S3, read a piece at a time; one whose connection was cut is read on from where it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from coldtrail.config import LimitSettings
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document
from coldtrail.sources.aws.account import Account
from coldtrail.sources.aws.refusals import asking, code_of
from coldtrail.sources.documents import documents_of

_PIECE_BYTES = 4 * 2**20
_PIECE_DOCUMENTS = 5_000
_GONE = ("NoSuchKey", "404", "NoSuchVersion", "InvalidObjectState")
_GONE_SENTENCE = "this object is not there any more, or was archived ({code}); restore it to have it read."


class ObjectName(NamedTuple):
    """Where an object lies."""

    bucket: str
    key: str

    @property
    def origin(self) -> str:
        """Its address."""
        return f"s3://{self.bucket}/{self.key}"


class Piece(NamedTuple):
    """Some documents of an object."""

    documents: list[Document]
    given: int
    """How many of the object's documents were given by now."""
    is_last: bool


class ObjectReader:
    """Reads one object after the other."""

    def __init__(self, name: str, account: Account, limits: LimitSettings, tally: Tally) -> None:
        self._name, self._account, self._limits, self._tally = name, account, limits, tally
        self._at: tuple[ObjectName, int] | None = None
        self._body: _Body | None = None
        self._documents: Iterator[Document] = iter(())

    def read(self, one: ObjectName, given: int) -> Piece:
        """The documents of an object behind so many that were given; raises `SourceError`."""
        if self._at != (one, given):
            self._open(one, given)
        documents: list[Document] = []
        size = 0
        try:
            for document in self._documents:
                documents.append(document)
                size += len(document.payload)
                if size >= _PIECE_BYTES or len(documents) >= _PIECE_DOCUMENTS:
                    self._at = one, given + len(documents)
                    return Piece(documents, given + len(documents), False)
        except BaseException:
            self.close()
            raise
        self.close()
        return Piece(documents, given + len(documents), True)

    def close(self) -> None:
        """Closes the object that is open."""
        if self._body is not None:
            self._body.close()
        self._at, self._body, self._documents = None, None, iter(())

    def _open(self, one: ObjectName, given: int) -> None:
        self.close()
        client = self._account.client("s3")
        with asking(self._name, "s3:GetObject", self._account.bucket_arn(f"{one.bucket}/{one.key}")):
            try:
                answer = client.get_object(Bucket=one.bucket, Key=one.key)
            except client.exceptions.ClientError as error:
                code = code_of(error)
                if code not in _GONE:
                    raise
                self._tally.lose("object gone", origin=one.origin, reason=_GONE_SENTENCE.format(code=code))
                return
        self._body = _Body(self._name, answer["Body"], one)
        size = int(answer["ContentLength"])
        self._documents = documents_of(
            self._body, one.origin, self._limits, self._tally, size=size, skip=given, counted="objects read"
        )
        self._at = one, given


class _Body:
    """The bytes of an object; raises `SourceError` where the connection is cut."""

    def __init__(self, name: str, body: Any, one: ObjectName) -> None:
        self._name, self._body, self._one = name, body, one

    def read(self, size: int, /) -> bytes:
        with asking(self._name, "s3:GetObject", self._one.origin):
            data: bytes = self._body.read(size)
        return data

    def close(self) -> None:
        self._body.close()
