"""AWS CloudTrail: every call of the cloud's API, and the changes of functions among them.

Read are single records, files of `Records`, answers of `LookupEvents`, events of EventBridge, and rows of
CloudTrail Lake that hold `eventJson`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256

import msgspec

from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.formats.cloudtrail.account_changes import AccountChanges
from coldtrail.formats.cloudtrail.calls import CallMaker
from coldtrail.formats.cloudtrail.changes import ChangeMaker
from coldtrail.formats.cloudtrail.documents import Record
from coldtrail.formats.cloudtrail.triggers import Triggers
from coldtrail.formats.ids import is_id
from coldtrail.formats.json_reading import JsonReader
from coldtrail.formats.moments import moment_of
from coldtrail.formats.problems import Problems
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.telemetry import Document, Observations
from coldtrail.records.witnesses import ApiCall, Change

_OTHER_KEYS = (b'"CloudTrailEvent"', b'"eventJson"', b'"digestEndTime"')
_DEEPEST = 3
"""Wrappers inside one another."""
_HEAD_BYTES = 128
_DIGEST_CHARS = 16
_INSIGHT = "AwsCloudTrailInsight"
Told = tuple[Record, str]
"""A record, and the digest of all of it."""


class CloudTrailParser:
    """Records of CloudTrail to calls and changes; raises `DocumentError` and nothing else."""

    def __init__(self, settings: Settings, pseudonyms: Pseudonyms) -> None:
        self._read = JsonReader(Record, "CloudTrail record")
        self._calls = CallMaker(settings, pseudonyms)
        self._changes = ChangeMaker(pseudonyms)
        self._triggers = Triggers()
        self._account_changes = AccountChanges()

    @staticmethod
    def matches(payload: bytes) -> bool:
        """Whether the payload looks like a record of CloudTrail, or holds some."""
        if b'"eventSource"' in payload:
            return b'"eventTime"' in payload and b'"eventID"' in payload
        return any(key in payload for key in _OTHER_KEYS)

    @staticmethod
    def trace_of(payload: bytes) -> bytes | None:
        """CloudTrail knows no traces."""
        return None

    def __call__(self, document: Document) -> Observations:
        """The calls of the document; its losses are named in `problems`."""
        problems = Problems()
        calls: list[ApiCall] = []
        changes: list[Change] = []
        payload = document.payload
        try:
            record = self._read(payload, problems)
            if record.eventID is not None:
                self._add(record, _digest(payload), calls, changes, problems)
            else:
                for one, digest in self._records(record, payload, problems, 0):
                    self._add(one, digest, calls, changes, problems)
        except RecursionError:
            raise DocumentError("This CloudTrail record is nested too deep.") from None
        if problems and not calls:
            raise DocumentError(problems[0])
        return Observations(
            calls=tuple(calls),
            changes=tuple(changes),
            problems=problems,
            more_problems=problems.left_out,
            origin=document.origin,
            place=document.place,
        )

    straight = __call__
    """Calls are no traces: there are no columns to fill."""

    def _records(
        self, record: Record, payload: bytes | str, problems: list[str], depth: int
    ) -> Iterator[Told]:
        """The records in a wrapper, or the one that it is."""
        within = _within(record)
        if within is None:
            yield record, _digest(payload)
        elif depth == _DEEPEST:
            problems.append("A record was left out: it is wrapped too often.")
        else:
            for one in within:
                try:
                    yield from self._records(self._read(one, problems), one, problems, depth + 1)
                except DocumentError as error:
                    problems.append(f"A record was left out: {error}")

    def _add(
        self,
        record: Record,
        digest: str,
        calls: list[ApiCall],
        changes: list[Change],
        problems: list[str],
    ) -> None:
        event_id, time = record.eventID or "", moment_of(record.eventTime or "")
        if not record.eventSource or not record.eventName:
            # The digest files that lie beside a trail's tell hashes, and no calls.
            if record.eventType != _INSIGHT and record.digestEndTime is None:
                problems.append("A record was left out: it does not say what was called.")
            return
        if not is_id(event_id):
            problems.append("A record was left out: it has no usable eventID.")
        elif time is None:
            problems.append("A record was left out: its eventTime is unusable.")
        else:
            call = self._calls.make(record, event_id, time, digest, problems)
            calls.append(call)
            change = self._changes.make(call, record)
            if change is not None:
                changes.append(change)
            elif call.service != "Lambda":
                changes += self._triggers.changes(call, record)
                changes += self._account_changes.changes(call, record)


def _within(record: Record) -> list[bytes | str] | None:
    """The records inside a wrapper, None where this is no wrapper."""
    if record.eventID is not None:
        return None
    if record.Records is not None or record.Events is not None:
        return [bytes(one) for one in record.Records or record.Events or ()]
    detail = bytes(record.detail)
    if detail:
        return [detail]
    text = record.CloudTrailEvent or record.eventJson
    return None if text is None else [text]


def _digest(payload: bytes | str) -> str:
    """The same for records that differ in blanks between values alone, as a file and an answer do."""
    data = payload.encode("utf-8", "surrogatepass") if isinstance(payload, str) else payload
    if data.find(b'": ', 0, _HEAD_BYTES) >= 0 or b"\n" in data:
        # Written with blanks, as whoever writes one part of a record so writes all of it.
        with suppress(msgspec.DecodeError):
            data = msgspec.json.format(data, indent=-1)
    return sha256(data, usedforsecurity=False).hexdigest()[:_DIGEST_CHARS]
