import gzip
import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from backports import zstd

from coldtrail.config import LimitSettings
from coldtrail.errors import SourceError
from coldtrail.records.tally import EMPTY, Tally
from coldtrail.records.telemetry import Document
from coldtrail.sources.files import FileSource
from coldtrail.sources.outcomes import MOST_REFUSED
from tests.fixtures.telemetry import as_answered, traces

Read = Callable[..., list[Document]]
Pack = Callable[[bytes], bytes]

TRACES = [as_answered(trace) for trace in traces(5)]


def lines(values: list[Any]) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


LARGE = 64 * 2**20
LONGEST = 2 * max(len(json.dumps(trace, indent=4)) for trace in TRACES)
FORMS = {
    "lines": lines(TRACES),
    "lines without a last break": lines(TRACES)[:-1],
    "lines with blanks and CRLF": b"\r\n\n  \n" + lines(TRACES).replace(b"\n", b"\r\n\r\n"),
    "lines with a byte-order mark": b"\xef\xbb\xbf" + lines(TRACES),
    "marked lines after each other": b"".join(b"\xef\xbb\xbf" + lines([trace]) for trace in TRACES),
    "one list": json.dumps(TRACES).encode(),
    "one list and a break": json.dumps(TRACES).encode() + b"\n",
    "one pretty list": json.dumps(TRACES, indent=2).encode(),
    "a marked pretty list": b"\xef\xbb\xbf" + json.dumps(TRACES, indent=2).encode(),
    "an answer": json.dumps({"Traces": TRACES, "UnprocessedTraceIds": []}).encode(),
    "an answer, its traces last": json.dumps({"UnprocessedTraceIds": [], "Traces": TRACES}).encode(),
    "a pretty answer": json.dumps({"Traces": TRACES}, indent=4).encode(),
    "pretty answers after each other": b"\n".join(
        json.dumps({"Traces": [trace]}, indent=4).encode() for trace in TRACES
    ),
    "an answer a line": lines([{"Traces": TRACES[:2]}, {"Traces": TRACES[2:]}]),
    "a list a line": lines([TRACES[:3], TRACES[3:]]),
    "pretty objects after each other": b"\n".join(json.dumps(trace, indent=1).encode() for trace in TRACES),
    "objects after each other": b"".join(json.dumps(trace).encode() for trace in TRACES),
}


def values(documents: list[Document]) -> list[Any]:
    return [json.loads(document.payload) for document in documents]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("packed", ["", ".gz", ".zst"])
@pytest.mark.parametrize("limit", [LARGE, LONGEST + 100])
def test_every_form_gives_its_documents(
    tmp_path: Path, read: Read, tally: Tally, form: str, packed: str, limit: int
) -> None:
    path = tmp_path / f"traces.json{packed}"
    pack = {"": bytes, ".gz": gzip.compress, ".zst": zstd.compress}[packed]
    path.write_bytes(pack(FORMS[form]))
    if form in ("an answer a line", "a list a line"):
        limit = LARGE
    documents = read(path, max_document_bytes=limit)
    assert values(documents) == TRACES
    assert tally.lost == 0
    assert tally.counts["documents read"] == len(TRACES)
    assert {document.origin for document in documents} == {str(path)}
    assert len({document.place for document in documents}) == len(TRACES)


def test_one_pretty_object(tmp_path: Path, read: Read, tally: Tally) -> None:
    path = tmp_path / "trace.json"
    path.write_text(json.dumps(TRACES[0], indent=2))
    (document,) = read(path)
    assert json.loads(document.payload) == TRACES[0]
    assert document.place == ""
    assert tally.lost == 0


def test_places_are_lines(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'\n{"a":1}\n\n{"b":2}\n{"Traces":[{"c":3},{"d":4}]}\n[{"e":5}]')
    assert [document.place for document in read(path)] == [
        "line 2",
        "line 4",
        "line 5, trace 1",
        "line 5, trace 2",
        "line 6, element 1",
    ]


@pytest.mark.parametrize("form", FORMS)
def test_standard_input(monkeypatch: pytest.MonkeyPatch, read: Read, tally: Tally, form: str) -> None:
    data = gzip.compress(FORMS[form])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    documents = read("-", "-")
    assert values(documents) == TRACES
    assert {document.origin for document in documents} == {"standard input"}
    assert not sys.stdin.buffer.closed


def test_a_closed_standard_input_is_told(monkeypatch: pytest.MonkeyPatch, read: Read) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(SourceError, match="Standard input is closed"):
        read("-")


def test_a_missing_path_is_told_at_once(tmp_path: Path) -> None:
    for name in ("nothing.json", "x/y", "a\0b", "n" * 5_000):
        with pytest.raises(SourceError) as caught:
            FileSource([f"{tmp_path}/{name}"], limits=LimitSettings(), tally=Tally())
        assert str(caught.value).endswith(".")
        assert str(caught.value).isprintable()
        assert not caught.value.retryable


@pytest.mark.parametrize(("packed", "pack"), [(".jsonl", bytes), (".jsonl.gz", gzip.compress)])
def test_reading_resumes_after_any_position(
    tmp_path: Path, packed: str, pack: Callable[[bytes], bytes]
) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}{packed}").write_bytes(pack(lines(TRACES[:3])))

    def source() -> FileSource:
        return FileSource([tmp_path], limits=LimitSettings(), tally=Tally())

    whole = list(source().read())
    assert len(whole) == 9
    for index, (_, position) in enumerate(whole):
        assert list(source().read(position)) == whole[index + 1 :]


def test_progress_adds_up(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(FORMS["lines"])
    (tmp_path / "b.json.gz").write_bytes(gzip.compress(FORMS["one list"]))
    (tmp_path / "c.json.zst").write_bytes(zstd.compress(FORMS["an answer"]))
    seen: list[int] = []
    tally = Tally()
    source = FileSource([str(tmp_path)], limits=LimitSettings(), tally=tally, on_bytes=seen.append)
    assert len(list(source.read())) == 15
    assert sum(seen) == source.total_bytes == sum(path.stat().st_size for path in tmp_path.iterdir())
    assert tally.counts["files read"] == 3


def test_a_reader_may_stop_early(tmp_path: Path, tally: Tally) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(FORMS["lines"])
    reading = FileSource([path], limits=LimitSettings(), tally=tally).read()
    next(reading)
    reading.close()  # type: ignore[attr-defined]
    assert tally.counts["documents read"] == 1


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "empty file"),
        (gzip.compress(b"", mtime=0), "empty file"),
        (b"\n \r\n", "file without documents"),
        (b"\xef\xbb\xbf", "file without documents"),
        ('[{"a":1}]'.encode("utf-16"), "not text"),
        ('[{"a":1}]'.encode("utf-16-le"), "not text"),
        (b"\x7fELF\x00\x01\x02" * 99, "not text"),
        (b"PK\x03\x04\x14\0" + b"x" * 99, "not telemetry"),
        (b"BZh91AY&SY" + b"x" * 99, "not telemetry"),
        (gzip.compress(b"PK\x00\x04" + b"x" * 99, mtime=0), "not text"),
        (b"[1, 2, 3}", "document broken or cut off"),
    ],
)
def test_files_without_use_are_told_in_one_sentence(
    tmp_path: Path, read: Read, tally: Tally, data: bytes, kind: str
) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(data)
    assert read(path) == []
    assert dict(tally.losses) == {kind: 1}
    (sentence,) = tally.sentences()
    assert sentence.startswith(str(path))
    assert sentence.endswith(".")


def test_bad_lines_do_not_stop_good_ones(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"a":\n{"b":1}\n}{"\n\xff\xfe\n{"c":"\n' + lines(TRACES[:2]))
    assert [json.loads(document.payload) for document in read(path)[-2:]] == TRACES[:2]
    assert len(read(path)) == 7


def test_compressed_files_likely_hold_more(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"{}")
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(b"{}"))
    source = FileSource([tmp_path], limits=LimitSettings(), tally=Tally())
    assert source.likely_bytes == 2 + 10 * (source.total_bytes - 2)


def test_a_file_that_gives_nothing_but_refusals_is_left_and_told(tmp_path: Path, tally: Tally) -> None:
    (tmp_path / "bad.json").write_bytes(b"{}\n" * (2 * MOST_REFUSED))
    (tmp_path / "good.json").write_bytes(b"{}\n" * 5)
    source = FileSource([tmp_path], limits=LimitSettings(), tally=tally)
    number = 0
    for document, _ in source.read():
        source.outcomes.note(document.origin, False)
        number += 1
    assert number == MOST_REFUSED + 5 == tally.counts["documents read"]
    assert dict(tally.losses) == {"nothing but refused documents": 1}
    assert "its first 10,000 documents were all refused" in tally.sentences()[0]


def test_a_file_of_nothing_but_broken_parts_is_left_and_told(
    tmp_path: Path, read: Read, tally: Tally
) -> None:
    (tmp_path / "x.json").write_bytes(b"{]\n" * (9 * MOST_REFUSED))
    assert read(tmp_path / "x.json") == []
    assert "no document" in tally.losses
    assert MOST_REFUSED <= tally.lost < 4 * MOST_REFUSED


def test_a_file_of_the_system_that_gives_nothing_now_is_told(read: Read, tally: Tally) -> None:
    """Those of this system that may be read; in `test_expansion.py` stands a stream that every system has."""
    names = [one for one in ("/proc/kmsg", "/sys/kernel/tracing/trace_pipe") if os.access(one, os.R_OK)]
    for name in names:
        read(name)
    assert tally.losses["unreadable"] == len(names)


@pytest.mark.parametrize("data", [b"[]", b'{"Traces":[],"UnprocessedTraceIds":[]}', b'{"Records":[]}'])
def test_an_answer_of_nothing_is_no_loss(tmp_path: Path, read: Read, tally: Tally, data: bytes) -> None:
    (tmp_path / "x.json").write_bytes(data)
    assert read(tmp_path / "x.json") == []
    assert (tally.counts[EMPTY], tally.lost, tally.is_quiet) == (1, 0, True)


def test_an_answer_of_nothing_that_lacks_something_is_one(tmp_path: Path, read: Read, tally: Tally) -> None:
    (tmp_path / "x.json").write_bytes(
        b'{"Traces":[],"UnprocessedTraceIds":["1-5f84c7a1-0123456789abcdef01234567"]}'
    )
    assert read(tmp_path / "x.json") == []
    assert (tally.lost, tally.is_quiet) == (1, False)
