"""A stream of bytes as documents, whoever gives the bytes."""

from __future__ import annotations

import gzip
import io
import json

import pytest

from coldtrail.config import LimitSettings
from coldtrail.errors import SourceError
from coldtrail.records.tally import Tally
from coldtrail.sources.documents import documents_of

LINES = b"".join(json.dumps({"Id": f"1-{number}", "Segments": []}).encode() + b"\n" for number in range(5))
LIMITS = LimitSettings()


@pytest.mark.parametrize("payload", [LINES, gzip.compress(LINES)], ids=["plain", "gzip"])
def test_each_document_has_its_place(payload: bytes, tally: Tally) -> None:
    found = list(
        documents_of(io.BytesIO(payload), "queue", LIMITS, tally, within="message 3", counted="messages")
    )
    assert [document.payload for document in found] == LINES.splitlines()
    assert [document.place for document in found] == [f"message 3, line {number}" for number in range(1, 6)]
    assert {document.origin for document in found} == {"queue"}
    assert tally.counts["messages"] == 1
    assert tally.counts["documents read"] == 5
    assert tally.lost == 0


def test_what_was_given_before_is_passed_over_and_its_losses_are_not_counted_again(tally: Tally) -> None:
    payload = b"\0\0\n" + LINES + b"\0\0\n" + LINES
    found = list(documents_of(io.BytesIO(payload), "a", LIMITS, tally, skip=7))
    assert [document.place for document in found] == ["line 10", "line 11", "line 12"]
    assert tally.counts["documents read"] == 3
    again = Tally()
    assert len(list(documents_of(io.BytesIO(payload), "a", LIMITS, again))) == 10
    assert (tally.lost, again.lost) == (0, 2)


def test_what_the_stream_raises_goes_through_and_is_no_damage(tally: Tally) -> None:
    class Cut(io.BytesIO):
        def read1(self, size: int | None = -1, /) -> bytes:
            data = super().read1(size)
            if not data:
                raise SourceError("s3: the connection was cut.", retryable=True)
            return data

    documents = documents_of(Cut(LINES), "a", LIMITS, tally)
    found = []
    with pytest.raises(SourceError, match="cut"):
        found.extend(documents)
    assert tally.lost == 0


def test_damage_and_emptiness_are_losses(tally: Tally) -> None:
    assert list(documents_of(io.BytesIO(gzip.compress(LINES)[:-9]), "a", LIMITS, tally))
    assert list(documents_of(io.BytesIO(b""), "b", LIMITS, tally)) == []
    assert set(tally.losses) == {"compressed data cut off", "empty file"}
