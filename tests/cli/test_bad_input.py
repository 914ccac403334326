"""Bad input never stops good input: end to end, on top of a good file and alone."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coldtrail.testing import START, make_flow, make_history
from tests.cli.command import Run, is_one_sentence
from tests.fixtures.telemetry import TraceBuilder, payload_of
from tests.verbs.telemetry_files import USUAL, native_lines, read_lines, write_native

GOOD = make_history(20, seed=6, prefix="good")
LINE: dict[str, Any] = json.loads(native_lines([make_flow(USUAL, flow_id="bad", function="Bad")])[1])
TRACE_ID = "1-5f000000-000000000000000000000000"


def native(**fields: Any) -> bytes:
    """A native line with the given fields."""
    return json.dumps(LINE | fields).encode() + b"\n"


def xray(document: Any) -> bytes:
    """A trace of one segment document."""
    return json.dumps({"Id": TRACE_ID, "Segments": [{"Id": "x", "Document": document}]}).encode() + b"\n"


def segment(**fields: Any) -> dict[str, Any]:
    whole = {"id": "00000000000000aa", "name": "shop-prod-pay", "origin": "AWS::Lambda::Function"}
    return {**whole, "trace_id": TRACE_ID, **fields}


def bomb() -> bytes:
    """A gzip file of 100 kB that expands to 96 MiB."""
    return gzip.compress(b" " * (96 * 2**20), 6)


CONTENTS: dict[str, Callable[[], bytes]] = {
    "empty.jsonl": lambda: b"",
    "blank.jsonl": lambda: b" \n\n \t\n",
    "mark only.jsonl": lambda: b"\xef\xbb\xbf",
    "utf-16.jsonl": lambda: native().decode().encode("utf-16"),
    "zero bytes.json": lambda: b"\0" * 5_000,
    "random.json": lambda: bytes(range(256)) * 40,
    "text.log": lambda: b"Server started\nGET / 200\n",
    "broken lines.jsonl": lambda: b'{"function_flow_id": "a", \n{"Segments": [}\n]\n',
    "half a line.jsonl": lambda: native()[:60],
    "a list of numbers.json": lambda: b"[1, 2, 3]",
    "null.json": lambda: b"null",
    "a string.json": lambda: b'"telemetry"',
    "another json.jsonl": lambda: b'{"level": "INFO", "message": "hello"}\n',
    "wrong types.jsonl": lambda: native(start_time="soon") + native(event_name=7) + native(event_id=None),
    "nan.jsonl": lambda: native(start_time=float("nan")) + native(end_time=float("nan")),
    "infinite.jsonl": lambda: native(start_time=float("inf")) + native(end_time=float("-inf")),
    "overflow.jsonl": lambda: native(start_time=7.5).replace(b"7.5", b"1e999"),
    "negative.jsonl": lambda: native(start_time=-1.0),
    "milliseconds.jsonl": lambda: native(start_time=START * 1e3, end_time=START * 1e3 + 1),
    "huge.jsonl": lambda: native(start_time=1e300, end_time=1e300),
    "backwards.jsonl": lambda: native(start_time=START + 5, end_time=START),
    "no ids.jsonl": lambda: native(function_flow_id="") + native(application_flow_id=None),
    "ids that cannot be printed.jsonl": lambda: native(function_flow_id="\u001b[31m\u202e"),
    "long string.jsonl": lambda: json.dumps({"message": "x" * 10_000_000}).encode(),
    "long id.jsonl": lambda: native(function_flow_id="x" * 10_000_000),
    "long digits.jsonl": lambda: native(start_time=7.5).replace(b"7.5", b"9" * 100_000),
    "deep.jsonl": lambda: b'{"function_flow_id":' + b"[" * 10_000 + b"]" * 10_000 + b"}\n",
    "deep lists.json": lambda: b"[" * 10_000 + b"]" * 10_000,
    "deep objects.json": lambda: b'{"Segments":' * 10_000 + b"1" + b"}" * 10_000,
    "no document.jsonl": lambda: json.dumps({"Id": TRACE_ID, "Segments": [{"Id": "x"}]}).encode(),
    "null document.jsonl": lambda: xray(None),
    "document of broken json.jsonl": lambda: xray('{"id": "00'),
    "segments no list.jsonl": lambda: json.dumps({"Id": TRACE_ID, "Segments": 7}).encode(),
    "segments of numbers.jsonl": lambda: json.dumps({"Id": TRACE_ID, "Segments": [1, 2]}).encode(),
    "segment without times.jsonl": lambda: xray(segment()),
    "segment with wrong times.jsonl": lambda: xray(segment(start_time="soon", end_time=-5)),
    "segment with a huge time.jsonl": lambda: xray(json.dumps(segment(start_time=1e300))),
    "segment without id.jsonl": lambda: xray(json.dumps(segment(id=None, start_time=START))),
    "cut off.jsonl.gz": lambda: gzip.compress(native())[:40],
    "damaged.jsonl.gz": lambda: gzip.compress(native())[:10] + b"\xff" * 50,
    "cut off.jsonl.zst": lambda: b"\x28\xb5\x2f\xfd\x00",
    "bomb.json.gz": bomb,
    "archive.json": lambda: b"PK\x03\x04" + b"\0" * 100,
}
Make = Callable[[Path], Path]


def file_of(name: str) -> Make:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(CONTENTS[name]())
        return folder / name

    return make


def folder_without_telemetry(folder: Path) -> Path:
    (folder / "bad").mkdir()
    (folder / "bad" / "cat.png").write_bytes(b"meow")
    return folder / "bad"


def empty_folder(folder: Path) -> Path:
    (folder / "bad").mkdir()
    return folder / "bad"


def folder_that_links_to_itself(folder: Path) -> Path:
    (folder / "bad").mkdir()
    (folder / "bad" / "again").symlink_to(folder / "bad", target_is_directory=True)
    return folder / "bad"


def links_in_a_circle(folder: Path) -> Path:
    (folder / "bad").mkdir()
    (folder / "bad" / "a.jsonl").symlink_to(folder / "bad" / "b.jsonl")
    (folder / "bad" / "b.jsonl").symlink_to(folder / "bad" / "a.jsonl")
    return folder / "bad"


def a_pipe(folder: Path) -> Path:
    os.mkfifo(folder / "bad.jsonl")
    return folder / "bad.jsonl"


PLACES: dict[str, Make] = {
    make.__name__.replace("_", " "): make
    for make in (
        folder_without_telemetry,
        empty_folder,
        folder_that_links_to_itself,
        links_in_a_circle,
        a_pipe,
    )
}
BAD = {name: file_of(name) for name in CONTENTS} | PLACES


@pytest.mark.parametrize("make", BAD.values(), ids=BAD.keys())
def test_good_flows_get_their_verdicts_and_the_loss_is_named(
    run: Run, bundle: Path, tmp_path: Path, make: Make
) -> None:
    bad = make(tmp_path)
    good = write_native(tmp_path / "good.jsonl", GOOD)
    said = run("score", "--bundle", bundle, "--input", bad, good, "--output", tmp_path / "out", "--json")
    assert said.status == 0, said.err
    verdicts = read_lines(tmp_path / "out")
    assert {line["function_flow_id"] for line in verdicts} == {flow.function_flow_id for flow in GOOD}
    assert "coldtrail: lost: " in said.err
    assert str(bad) in said.err
    assert all(line.startswith("coldtrail: lost: ") for line in said.err.splitlines())
    assert len(said.err) < 5_000
    counts = said.json["counts"]
    assert counts["documents read"] == counts["documents parsed"] + counts.get("documents refused", 0)
    assert counts["flows scored"] == counts["flows assembled"] == len(GOOD)


@pytest.mark.parametrize("make", BAD.values(), ids=BAD.keys())
def test_nothing_but_bad_input_is_wrong_input(run: Run, bundle: Path, tmp_path: Path, make: Make) -> None:
    bad = make(tmp_path)
    said = run("score", "--bundle", bundle, "--input", bad, "--output", tmp_path / "out")
    assert said.status == 2
    assert is_one_sentence(said.err), said.err
    assert str(bad) in said.err
    assert said.out == ""
    assert not (tmp_path / "out").exists()
    assert len(said.err) < 1_000
    assert said.err.strip().isprintable()


def scored(run: Run, bundle: Path, path: Path) -> tuple[list[dict[str, Any]], str]:
    """The verdict lines of a file that must not fail, and what was lost."""
    said = run("score", "--bundle", bundle, "--input", path, "--output", path.parent / "out")
    assert said.status == 0, said.err
    return read_lines(path.parent / "out"), said.err


def test_a_mark_before_good_lines_is_no_loss(run: Run, bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(b"\xef\xbb\xbf" + b"\n".join(native_lines(GOOD)))
    lines, lost = scored(run, bundle, tmp_path / "in.jsonl")
    assert (len(lines), lost) == (len(GOOD), "")


def test_parents_in_a_circle_are_no_loss(run: Run, bundle: Path, tmp_path: Path) -> None:
    circle = [
        native(function_name="Order", event_id=f"e{i}", event_parent_id=f"e{(i + 1) % 5}") for i in range(5)
    ]
    (tmp_path / "in.jsonl").write_bytes(b"".join(circle))
    lines, lost = scored(run, bundle, tmp_path / "in.jsonl")
    assert (len(lines), lost) == (1, "")


def test_a_very_long_name_is_cut_and_its_flow_judged(run: Run, bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(native(event_name="x" * 10_000_000, function_name="Order"))
    lines, _ = scored(run, bundle, tmp_path / "in.jsonl")
    assert lines[0]["verdict"] == "anomalous"
    assert len(json.dumps(lines[0])) < 20_000


def test_names_that_would_move_the_cursor_are_written_out(run: Run, bundle: Path, tmp_path: Path) -> None:
    wicked = make_flow([("Get\u001b[2JItem", "S3", "\u202ebucket\r\n", 0.01)], flow_id="w")
    path = write_native(tmp_path / "in.jsonl", [wicked])
    said = run("score", "--bundle", bundle, "--input", path, "--output", tmp_path / "out")
    assert said.status == 0
    assert all(character.isprintable() or character == "\n" for character in said.out + said.err)


def test_what_stands_before_the_end_of_a_cut_file_is_judged(run: Run, bundle: Path, tmp_path: Path) -> None:
    whole = gzip.compress(b"\n".join(native_lines(make_history(3_000, prefix="g"))))
    (tmp_path / "in.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    lines, lost = scored(run, bundle, tmp_path / "in.jsonl.gz")
    assert 1_000 < len(lines) < 2_000
    assert "the gzip data ends before its end" in lost


def test_good_segments_of_a_bad_trace_are_judged(run: Run, xray_bundle: Path, tmp_path: Path) -> None:
    trace = TraceBuilder(4).trace("shop-prod-pay", "shop-prod-mail")
    functions = [
        held for held in trace["Segments"] if held["Document"].get("origin") == "AWS::Lambda::Function"
    ]
    functions[0]["Document"] = '{"broken'
    (tmp_path / "in.json").write_bytes(payload_of(trace))
    lines, lost = scored(run, xray_bundle, tmp_path / "in.json")
    assert [line["function_flow_id"] for line in lines] == [functions[1]["Document"]["id"]]
    assert "A segment was left out" in lost


def test_a_deeply_nested_part_is_lost_and_the_rest_of_its_flow_judged(
    run: Run, xray_bundle: Path, tmp_path: Path
) -> None:
    deep: dict[str, Any] = {"id": "00000000000000ff", "name": "deepest", "start_time": START}
    for number in range(300):
        inner = {"id": f"{number:016x}", "name": "level", "start_time": START, "end_time": START + 1}
        deep = {**inner, "subsegments": [deep]}
    document = segment(start_time=START, end_time=START + 2, subsegments=[deep])
    (tmp_path / "in.json").write_bytes(xray(json.dumps(document)))
    lines, lost = scored(run, xray_bundle, tmp_path / "in.json")
    assert len(lines) == 1
    assert "too deep" in lost
