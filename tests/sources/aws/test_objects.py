"""Objects, a piece at a time."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from backports import zstd

from coldtrail.config import LimitSettings
from coldtrail.errors import SourceError
from coldtrail.records.tally import Tally
from coldtrail.sources.aws import objects as module
from coldtrail.sources.aws.account import Account, AwsSettings
from coldtrail.sources.aws.objects import ObjectName, ObjectReader
from tests.sources.aws.cloud import Faults, client

LINES = [json.dumps({"Id": f"1-{number}", "Segments": []}).encode() for number in range(10)]


@pytest.fixture
def s3(endpoint: str) -> Any:
    made = client("s3", endpoint)
    made.create_bucket(Bucket="logs", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return made


@pytest.fixture
def reader(endpoint: str, tally: Tally) -> ObjectReader:
    account = Account("trail", AwsSettings(region="eu-west-1", endpoint_url=endpoint), {})
    return ObjectReader("trail", account, LimitSettings(), tally)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd.compress])
def test_an_object_comes_in_pieces_and_goes_on_anywhere(
    s3: Any, reader: ObjectReader, monkeypatch: pytest.MonkeyPatch, pack: Any
) -> None:
    monkeypatch.setattr(module, "_PIECE_DOCUMENTS", 4)
    s3.put_object(Bucket="logs", Key="a/b", Body=pack(b"\n".join(LINES)))
    one = ObjectName("logs", "a/b")
    first = reader.read(one, 0)
    assert [document.payload for document in first.documents] == LINES[:4]
    assert first.documents[0].origin == "s3://logs/a/b"
    assert reader.read(one, 4).documents[0].payload == LINES[4]
    # Not where it stands: after a restart, or an error in between.
    assert reader.read(one, 1).documents[0].payload == LINES[1]
    last = reader.read(one, 9)
    assert ([document.payload for document in last.documents], last.given, last.is_last) == (
        LINES[9:],
        10,
        True,
    )
    reader.close()


def test_a_missing_object_is_a_loss_and_a_missing_bucket_an_error(
    s3: Any, reader: ObjectReader, tally: Tally
) -> None:
    assert reader.read(ObjectName("logs", "missing"), 0) == ([], 0, True)
    assert tally.losses == {"object gone": 1}
    with pytest.raises(SourceError, match="does not exist"):
        reader.read(ObjectName("nowhere", "a"), 0)


def test_after_a_cut_connection_it_is_read_on(
    s3: Any, reader: ObjectReader, tally: Tally, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PIECE_DOCUMENTS", 4)
    s3.put_object(Bucket="logs", Key="a", Body=b"\n".join(LINES))
    one = ObjectName("logs", "a")
    faults.next_fault = lambda operation: "cut"
    with pytest.raises(SourceError) as raised:
        reader.read(one, 0)
    assert raised.value.retryable
    faults.next_fault = lambda operation: None
    read, cuts = module._Body.read, iter([False, True])

    def cut(body: Any, size: int) -> bytes:
        if next(cuts, False):
            raise SourceError("trail: cut.", retryable=True)
        return read(body, 50)

    monkeypatch.setattr(module._Body, "read", cut)
    with pytest.raises(SourceError, match="cut"):
        reader.read(one, 0)
    got: list[bytes] = []
    piece = reader.read(one, 0)
    while True:
        got += [document.payload for document in piece.documents]
        if piece.is_last:
            break
        piece = reader.read(one, piece.given)
    assert got == LINES
    assert tally.lost == 0


def test_a_refused_object_names_what_to_grant(
    s3: Any, reader: ObjectReader, faults: Faults, tmp_path: Path
) -> None:
    faults.next_fault = lambda operation: "AccessDenied"
    with pytest.raises(SourceError, match="grant s3:GetObject on arn:aws:s3:::logs/a") as raised:
        reader.read(ObjectName("logs", "a"), 0)
    assert not raised.value.retryable
