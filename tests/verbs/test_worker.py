"""What a worker says, without its process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE, Popen

import msgspec
import pytest

from coldtrail.verbs import worker
from coldtrail.verbs.shares import MisledError
from coldtrail.verbs.tasks import END, FAILED, MISLED, PART, Failure, Task, Tell, tasks_for
from coldtrail.verbs.worker import messages
from tests.verbs.shared_telemetry import to_read
from tests.verbs.telemetry_files import write_xray


def said(task: Task) -> list[bytes]:
    return list(messages(task, lambda more: None))


def test_a_result_comes_in_parts_and_ends(tmp_path: Path) -> None:
    path = write_xray(tmp_path / "new.jsonl.gz", 5)
    read: list[int] = []
    (task,) = tasks_for(1, "flows", to_read(path))
    kinds = [message[:1] for message in messages(task, read.append)]
    assert kinds == [PART, END]
    assert sum(read) == path.stat().st_size


def test_a_process_says_nothing_else_and_ends_by_itself_or_with_its_parent(tmp_path: Path) -> None:
    (task,) = tasks_for(1, "flows", to_read(write_xray(tmp_path / "new.jsonl.gz", 5)))
    for closes in (False, True):
        command = [sys.executable, "-m", "coldtrail.verbs.worker"]
        with Popen(command, stdin=PIPE, stdout=PIPE, stderr=PIPE) as process:
            assert process.stdin
            assert process.stdout
            assert process.stderr
            process.stdin.write(msgspec.json.encode(task) + b"\n")
            process.stdin.flush()
            if closes:
                process.stdin.close()
            else:
                assert PART in process.stdout.read()
            assert process.wait(20) in (0, 1 if closes else 0)
            assert process.stderr.read() == b""


def test_an_error_is_told_in_its_own_words(tmp_path: Path) -> None:
    (task,) = tasks_for(1, "flows", to_read(tmp_path / "absent"))
    (message,) = said(task)
    assert message[:1] == FAILED
    failure = msgspec.json.decode(message[1:], type=Failure)
    assert failure.kind == "SourceError"
    assert "absent" in failure.sentence


@pytest.mark.parametrize(
    ("error", "message"),
    [(MisledError(), MISLED), (ValueError("bad"), FAILED + b'{"kind":"","sentence":"ValueError: bad"}')],
)
def test_what_nobody_foresaw_is_told_as_well(
    error: Exception, message: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make(task: Task, tell: Tell) -> Iterator[bytes]:
        yield PART
        raise error

    monkeypatch.setitem(worker.JOBS, "flows", make)
    (task,) = tasks_for(1, "flows", to_read(tmp_path))
    assert said(task) == [PART, message]


def test_a_bundle_that_another_replaced_is_refused(tmp_path: Path, bundle: Path) -> None:
    (task,) = tasks_for(1, "judged", to_read(tmp_path), bundle=bytes(bundle), manifest=b"another")
    (message,) = said(task)
    assert b"another command replaced this bundle" in message
