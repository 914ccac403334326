"""Compressed telemetry that is damaged, cut off or hostile."""

import gzip
import io
import json
import os
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.config import LimitSettings
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document
from coldtrail.sources.expansion import Damage, Expansion
from coldtrail.sources.files import FileSource

Read = Callable[..., list[Document]]
Factory = pytest.TempPathFactory
Pack = Callable[[bytes], bytes]

LINES = b"".join(
    json.dumps({"n": number, "s": f"{number * 7919:x}"}).encode() + b"\n" for number in range(20_000)
)
PACKERS = {"gzip": gzip.compress, "zstd": zstd.compress}


@pytest.fixture(params=sorted(PACKERS))
def pack(request: pytest.FixtureRequest) -> Pack:
    return PACKERS[request.param]


@pytest.mark.parametrize("before", [b"", LINES[:100]])
def test_a_stream_that_gives_nothing_now_and_has_not_ended_is_damaged(before: bytes) -> None:
    """As files of the system's own do (`/proc/kmsg`): they are not waited for, nor taken for ended."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.write(writing, before)
    with os.fdopen(reading, "rb", buffering=0) as stream, os.fdopen(writing, "wb"):
        expansion = Expansion(stream, None, LimitSettings(), lambda _: None)
        assert b"".join(expansion) == before
    assert expansion.damage == Damage("unreadable", "reading stopped: it gives nothing now; try again.")


@pytest.mark.parametrize(
    "broken", [b"\x1f\x8b{}", b"\x1f\x8b\x08{}", b"PK\x03\x04{}", b"BZh9 {}", b"7z\xbc\xaf{}"]
)
def test_a_line_that_begins_as_an_archive_does_costs_itself_alone(
    tmp_path: Path, read: Read, broken: bytes
) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(broken + b"\n" + b"".join(LINES.splitlines(True)[:100]))
    assert numbers([one for one in read(path) if one.payload.startswith(b'{"n"')]) == list(range(100))


def numbers(documents: list[Document]) -> list[int]:
    return [json.loads(document.payload)["n"] for document in documents]


@pytest.mark.parametrize("part", [0.3, 0.9, 0.999])
def test_cut_off(tmp_path: Path, read: Read, tally: Tally, pack: Pack, part: float) -> None:
    packed = pack(LINES)
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(packed[: int(len(packed) * part)])
    found = numbers(read(path))
    assert found == list(range(len(found)))
    assert dict(tally.losses) == {"compressed data cut off": 1}
    assert tally.kept[0].place == (f"after document {len(found):,}" if found else "")


def test_cut_off_gzip_keeps_all_that_came(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(LINES)[:-8])
    assert numbers(read(path)) == list(range(20_000))


def test_damaged_gzip_keeps_all_that_stands_before_the_damage(
    tmp_path: Path, read: Read, tally: Tally
) -> None:
    packed = gzip.compress(LINES)
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(packed[:-8] + b"no check")
    assert numbers(read(path)) == list(range(20_000))
    path.write_bytes(packed[:60_000] + b"\xa5" * 400 + packed[60_400:])
    sound = zlib.decompressobj(wbits=31).decompress(packed[:60_000]).count(b"\n")
    assert numbers(read(path)[:sound]) == list(range(sound))
    assert tally.losses["compressed data damaged"] == 2


def test_damage_in_the_middle(tmp_path: Path, read: Read, tally: Tally, pack: Pack) -> None:
    packed = bytearray(pack(LINES) + pack(LINES))
    first = len(pack(LINES))
    packed[first + first // 2 : first + first // 2 + 400] = b"\xa5" * 400
    path = tmp_path / "x.log"
    path.write_bytes(packed)
    found = numbers([document for document in read(path) if document.payload.endswith(b"}")][:20_000])
    assert found == list(range(20_000))
    assert tally.losses["compressed data damaged"] == 1


def test_what_follows_the_data(tmp_path: Path, read: Read, tally: Tally, pack: Pack) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(pack(LINES) + b"\0" * 70_000 + pack(LINES) + b"\0" * 512)
    assert len(read(path)) == 40_000
    assert tally.lost == 0
    path.write_bytes(pack(LINES) + b"junk")
    assert len(read(path)) == 20_000
    assert dict(tally.losses) == {"compressed data damaged": 1}


def test_frames_to_be_skipped(tmp_path: Path, read: Read, tally: Tally) -> None:
    skipped = b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"
    path = tmp_path / "x.jsonl.zst"
    path.write_bytes(skipped + zstd.compress(LINES) + skipped + zstd.compress(LINES) + skipped)
    assert len(read(path)) == 40_000
    assert tally.lost == 0


def test_many_small_members(tmp_path: Path, read: Read, tally: Tally, pack: Pack) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"".join(pack(line + b"\n") for line in LINES.split(b"\n")[:3_000]) + pack(b"") * 3_000)
    assert len(read(path)) == 3_000
    assert tally.lost == 0


@pytest.mark.parametrize("content", [b" " * 2**20, b"[" * 2**20, b'{"a":"' + b"x" * 2**20, b"\n" * 2**20])
def test_bombs_are_defused(tmp_path: Path, read: Read, tally: Tally, pack: Pack, content: bytes) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(pack(b'{"n":0}\n' + content * 90))
    tracemalloc.start()
    documents = read(path, max_document_bytes=2**20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert tally.losses["expands too far"] == 1
    assert numbers(documents[:1]) == [0]
    assert peak < 24 * 2**20


def test_what_expands_well_is_no_bomb_below_the_free_size(tmp_path: Path, read: Read, tally: Tally) -> None:
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"n":0}\n' * 2**21))
    assert len(read(path)) == 2**21
    assert tally.lost == 0


@given(st.data())
def test_any_bytes_after_a_magic_number(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(PACKERS)))
    junk = data.draw(st.binary(max_size=60))
    at = data.draw(st.integers(0, 60))
    packed = PACKERS[name](b'{"n":1}\n{"n":2}\n')
    path = tmp_path_factory.mktemp("any") / "x.json"
    path.write_bytes(packed[:at] + junk)
    tally = Tally()
    list(FileSource([path], limits=LimitSettings(), tally=tally).read())
    assert all(sentence.endswith(".") for sentence in tally.sentences())


def test_reading_that_stops_keeps_what_came() -> None:
    class Failing(io.RawIOBase):
        left = 3

        def read(self, size: int = -1) -> bytes:
            self.left -= 1
            if self.left < 0:
                raise OSError(5, "Input/output error")
            return b'{"n":1}\n'

    expansion = Expansion(Failing(), None, LimitSettings(), lambda size: None)
    assert b"".join(expansion) == b'{"n":1}\n' * 3
    assert expansion.damage == Damage("unreadable", "reading stopped: Input/output error; try again.")
