"""The source `files`: new files, appended lines, rotation, restarts."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.config import LimitSettings
from coldtrail.errors import SourceError
from coldtrail.sources.context import SourceContext
from coldtrail.sources.growing import followed as followed_module
from coldtrail.sources.growing import source as source_module
from coldtrail.sources.growing.source import FilesSettings, FilesSource
from tests.sources.growing.conftest import Growing


def line(number: int) -> bytes:
    return json.dumps({"Id": f"1-{number:08}", "Segments": []}).encode()


def lines(*numbers: int) -> bytes:
    return b"".join(line(number) + b"\n" for number in numbers)


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def test_appended_lines_come_once_and_an_unfinished_one_waits(growing: Growing) -> None:
    path = growing.folder / "a.jsonl"
    append(path, lines(1, 2) + line(3)[:9])
    assert growing.read() == [line(1), line(2)]
    assert growing.read(settled=True) == []
    append(path, line(3)[9:] + b"\n")
    assert growing.read() == [line(3)]
    append(path, lines(4))
    growing.restart()
    assert growing.read() == [line(4)]
    assert growing.tally.lost == 0


def test_a_last_line_without_its_end_is_taken_once_it_has_settled(growing: Growing) -> None:
    path = growing.folder / "a.jsonl"
    append(path, lines(1) + line(2))
    assert growing.read() == [line(1)]
    assert growing.read(settled=True) == [line(2)]
    append(path, b"\n" + lines(3))
    assert growing.read() == [line(3)]


def test_new_files_come_in_the_order_of_their_times(growing: Growing) -> None:
    for number, name in enumerate(("z.jsonl", "sub/a.jsonl", "b.log")):
        path = growing.folder / name
        path.parent.mkdir(exist_ok=True)
        append(path, lines(number))
        os.utime(path, (1_000 + number, 1_000 + number))
    (growing.folder / "notes.txt").write_text("nothing of telemetry")
    (growing.folder / "link.jsonl").symlink_to("/etc/hostname")
    assert growing.read() == [line(0), line(1), line(2)]
    append(growing.folder / "new.jsonl", lines(3))
    assert growing.read() == [line(3)]


@pytest.mark.parametrize("name", ["a.log.1", "a.log-20261130", "anything"])
def test_a_renamed_file_is_read_on_and_its_successor_anew(growing: Growing, name: str) -> None:
    path = growing.folder / "a.log"
    append(path, lines(1, 2))
    assert growing.read() == [line(1), line(2)]
    append(path, lines(3))
    path.rename(growing.folder / name)
    append(path, lines(4, 5, 6, 7))
    growing.restart()
    assert sorted(growing.read()) == [line(3), line(4), line(5), line(6), line(7)]
    assert growing.read(settled=True) == []


def test_a_file_that_was_cut_is_read_anew_and_its_copy_on(growing: Growing) -> None:
    path = growing.folder / "a.log"
    append(path, lines(1, 2, 3))
    assert growing.read() == [line(1), line(2), line(3)]
    append(path, lines(4))
    shutil.copy(path, growing.folder / "a.log.1")
    with path.open("r+b") as file:
        file.truncate()
    append(path, lines(5))
    assert sorted(growing.read()) == [line(4), line(5)]
    with path.open("r+b") as file:
        file.truncate()
    assert growing.read() == []
    append(path, lines(6))
    assert growing.read() == [line(6)]


def test_a_rotated_file_that_is_compressed_is_not_read_twice(growing: Growing) -> None:
    path = growing.folder / "a.log"
    append(path, lines(*range(50)))
    assert len(growing.read()) == 50
    append(path, lines(50))
    (growing.folder / "a.log.1.gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    assert growing.read() == []
    growing.restart()
    assert growing.read(settled=True) == [line(50)]
    assert growing.read(settled=True) == []
    (growing.folder / "b.log.1.gz").write_bytes(gzip.compress(lines(7)))
    assert growing.read(settled=True) == [line(7)]


def test_a_compressed_file_waits_until_it_has_settled_and_goes_on_where_it_was(
    growing: Growing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coldtrail.sources.growing.whole._PIECE_DOCUMENTS", 3)
    monkeypatch.setattr(source_module, "_BATCH_DOCUMENTS", 2)
    path = growing.folder / "a.json.gz"
    packed = gzip.compress(lines(*range(10)))
    path.write_bytes(packed[:-5])
    assert growing.read() == []
    append(path, packed[-5:])
    assert growing.read() == []
    assert growing.read(settled=True, restarting=True) == [line(number) for number in range(10)]
    assert growing.read(settled=True) == []
    assert growing.tally.counts["documents read"] >= 10
    assert growing.tally.lost == 0


def test_a_compressed_file_that_was_cut_off_is_told_and_read_on_when_the_rest_comes(growing: Growing) -> None:
    path = growing.folder / "a.json.gz"
    packed = gzip.compress(lines(*range(2_000)))
    path.write_bytes(packed[:-5])
    first = growing.read(settled=True)
    assert growing.tally.losses.keys() == {"compressed data cut off"}
    append(path, packed[-5:])
    assert first + growing.read(settled=True) == [line(number) for number in range(2_000)]


def test_while_something_settles_it_does_not_say_that_there_is_nothing(
    growing: Growing, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = growing.folder / "a.json.gz"
    path.write_bytes(gzip.compress(lines(1)))
    for _ in range(3):
        batch = growing.source.fetch()
        assert batch is not None
        assert (batch.documents, batch.more) == ((), True)
    assert growing.read(settled=True) == [line(1)]
    assert growing.source.fetch() is None
    append(growing.folder / "a.log", b"half a line of text")
    growing.source._next_look = 0.0
    assert growing.source.fetch() is None
    growing.ahead_s = 0.0
    growing.restart()
    assert growing.source.fetch() is not None
    monkeypatch.setattr(source_module, "_MOST_SETTLING_S", 0.0)
    assert growing.source.fetch() is None


def test_json_over_many_lines_is_read_as_a_whole_and_anew_once_it_is_replaced(growing: Growing) -> None:
    path = growing.folder / "a.json"
    path.write_text(json.dumps([{"Id": "1", "Segments": []}, {"Id": "2", "Segments": []}], indent=1))
    assert growing.read() == []
    assert [json.loads(one)["Id"] for one in growing.read(settled=True)] == ["1", "2"]
    path.write_text(
        json.dumps([{"Id": "3", "Segments": []}, {"Id": "4", "Segments": []}, {"a": 1}], indent=1)
    )
    growing.restart()
    assert [json.loads(one).get("Id") for one in growing.read(settled=True)] == ["3", "4", None]


def test_a_record_of_several_lines_waits_for_its_end(growing: Growing) -> None:
    path = growing.folder / "lambda.log"
    report = b"REPORT RequestId: 1\tDuration: 2 ms\t\n"
    append(path, b"START RequestId: 1 Version: 1\n" + report)
    assert growing.read() == [b"START RequestId: 1 Version: 1"]
    append(path, b"XRAY TraceId: 1-2\tSegmentId: 3\n")
    assert growing.read() == []
    assert growing.read(settled=True) == [report + b"XRAY TraceId: 1-2\tSegmentId: 3"]


def test_the_header_of_a_table_stands_before_later_lines(growing: Growing) -> None:
    path = growing.folder / "flows.log"
    append(path, b"version account-id interface-id srcaddr dstaddr\n2 1 eni-1 10.0.0.1 10.0.0.2\n")
    (first,) = growing.read()
    append(path, b"2 1 eni-2 10.0.0.1 10.0.0.3\n")
    growing.restart()
    (second,) = growing.read()
    assert second == first.replace(b"eni-1", b"eni-2").replace(b"0.2", b"0.3")


def test_what_is_too_large_is_counted_and_passed_over(
    growing: Growing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coldtrail.sources.growing.appended.CHUNK_BYTES", 100)
    growing.limits = LimitSettings(max_document_bytes=400)
    growing.restart()
    path = growing.folder / "a.jsonl"
    append(path, lines(1) + b'{"a": "' + b"x" * 900)
    assert growing.read() == [line(1)]
    append(path, b'x"}\n' + lines(2))
    assert growing.read(restarting=True) == [line(2)]
    assert growing.tally.losses == {"document too large": 1}


def test_a_missing_folder_and_a_foreign_position_are_said(growing: Growing) -> None:
    growing.folder.rmdir()
    with pytest.raises(SourceError, match="there is no such file or folder: create it") as raised:
        growing.read()
    assert raised.value.retryable
    context = SourceContext("files", growing.limits, growing.tally, {}, growing.data)
    seldom = FilesSource(FilesSettings(str(growing.folder), every_s=60.0), context)
    for _ in range(2):
        with pytest.raises(SourceError, match="there is no such file or folder"):
            seldom.fetch()
    with pytest.raises(SourceError, match="of another kind of source"):
        growing.made().resume(b'{"files": 3}')


def test_one_file_may_be_named_and_is_followed_through_rotation(growing: Growing) -> None:
    folder = growing.folder
    growing.folder = folder / "a.log"
    growing.restart()
    append(folder / "a.log", lines(1))
    append(folder / "other.log", lines(9))
    assert growing.read() == [line(1)]
    append(folder / "a.log", lines(2))
    (folder / "a.log").rename(folder / "old")
    assert growing.read() == [line(2)]
    append(folder / "a.log", lines(3))
    assert growing.read() == [line(3)]


def test_the_position_stays_small_and_what_it_forgets_is_not_read_again(
    growing: Growing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followed_module, "MOST_FOLLOWED", 20)
    for number in range(100):
        append(growing.folder / f"{number:03}.jsonl", lines(number))
    assert len(growing.read(settled=True)) == 100
    append(growing.folder / "more.jsonl", lines(100))
    growing.ahead_s = 100.0
    assert growing.read(settled=True) == [line(100)]
    position = msgspec.json.decode(growing.position or b"")
    assert len(position["files"]) <= 20
    growing.restart()
    assert growing.read(settled=True) == []
    append(growing.folder / "more.jsonl", lines(101))
    assert growing.read(settled=True) == [line(101)]


@given(st.data())
def test_any_course_of_writing_rotating_and_killing_loses_and_repeats_nothing(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("growing")
    (folder / "in").mkdir()
    growing = Growing(folder / "in", folder)
    path = growing.folder / "a.log"
    written, rotated, found = 0, 0, []
    steps = data.draw(st.lists(st.sampled_from(("line", "half", "read", "kill", "rotate")), max_size=25))
    rest = b""
    for step in steps:
        if step == "line":
            append(path, (rest or line(written)) + b"\n")
            written, rest = written + 1, b""
        elif step == "half" and not rest:
            append(path, line(written)[:7])
            rest = line(written)[7:]
        elif step == "read":
            found += growing.read(restarting=data.draw(st.booleans()))
        elif step == "kill":
            growing.restart()
        elif step == "rotate" and path.exists() and not rest:
            rotated += 1
            path.rename(growing.folder / f"a.log.{rotated}")
    found += growing.read(settled=True)
    assert sorted(found) == [line(number) for number in range(written)]
