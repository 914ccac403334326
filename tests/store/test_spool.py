"""What is acknowledged lies on disk, once, whatever is killed."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from coldtrail.errors import ConfigError, SpoolFullError, StoreError
from coldtrail.records.intake import Accept
from coldtrail.store import spool_ahead, spool_files
from coldtrail.store.spool import Spool
from coldtrail.store.spool_reader import Record, SpoolReader
from coldtrail.store.spool_segments import MARK, segments_of


def told(records: list[Record]) -> list[bytes]:
    return [record.payload for record in records]


def test_what_is_appended_comes_back_with_its_source_and_time(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "data" / "spool", clock=lambda: 12.5)
    spool.append("otlp", b"one")
    assert spool.at_once("udp", b"")
    spool.close()
    found = SpoolReader(tmp_path / "data" / "spool").read(None, 1000)
    assert [(one.source, one.arrived_at, one.payload) for one in found] == [
        ("otlp", 12.5, b"one"),
        ("udp", 12.5, b""),
    ]
    assert spool.counts()["appended"] == 2


def test_nobody_but_the_owner_may_read_it(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    spool.append("a", b"secret")
    spool.close()
    assert (tmp_path / "spool").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "spool").iterdir()} == {0o600}


def test_one_process_writes(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    with pytest.raises(ConfigError, match="another process writes this spool"):
        Spool(tmp_path)
    spool.close()
    Spool(tmp_path).close()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match="cannot be held there"):
        Spool(tmp_path / "file" / "spool")


def test_many_that_wait_share_a_sync(tmp_path: Path) -> None:
    async def send() -> None:
        accept: Accept = spool
        await asyncio.gather(*(accept("otlp", b"%d" % number) for number in range(500)))

    spool = Spool(tmp_path)
    asyncio.run(send())
    spool.close()
    assert told(SpoolReader(tmp_path).read(None, 10**6)) == [b"%d" % number for number in range(500)]
    assert spool.counts()["syncs"] < 50


def test_who_gave_up_waiting_disturbs_nobody(tmp_path: Path) -> None:
    async def send() -> None:
        tasks = [asyncio.create_task(spool("otlp", b"%d" % number)) for number in range(3)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        await asyncio.gather(tasks[0], tasks[2])

    spool = Spool(tmp_path)
    asyncio.run(send())
    spool.close()
    assert len(SpoolReader(tmp_path).read(None, 1000)) == 3


def test_threads_append_at_once(tmp_path: Path) -> None:
    spool = Spool(tmp_path, segment_bytes=500)
    names = [f"source-{number}" for number in range(8)]
    threads = [
        Thread(target=lambda name=name: [spool.append(name, b"x" * 20) for _ in range(50)]) for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spool.close()
    found = [record.source for record in SpoolReader(tmp_path).read(None, 10**6)]
    assert sorted(found) == sorted(names * 50)
    assert spool.size() > 0


def test_a_full_spool_refuses_until_the_reader_has_let_go_of_something(tmp_path: Path) -> None:
    spool = Spool(tmp_path, most_bytes=4000, segment_bytes=1000)

    def fill() -> None:
        for _ in range(100):
            spool.append("s", b"x" * 200)

    with pytest.raises(SpoolFullError, match="holds the 4000 bytes that it may; try again later"):
        fill()
    assert not spool.at_once("s", b"x" * 200)
    assert 3000 < sum(path.stat().st_size for path in tmp_path.glob("*.spool")) <= 4000
    assert spool.counts()["refused"] == 2
    reader = SpoolReader(tmp_path)
    records = reader.read(None, 1500)
    assert reader.forget(records[-1].position) > 0
    spool.append("s", b"again")
    with pytest.raises(SpoolFullError, match="more than the spool may hold"):
        spool.append("s", b"x" * 5000)
    spool.close()


def test_one_large_record_may_be_removed_once_it_was_read(tmp_path: Path) -> None:
    spool = Spool(tmp_path, most_bytes=4000)
    reader = SpoolReader(tmp_path)
    position = None
    for _ in range(5):
        spool.append("s", b"x" * 3500)
        (record,) = reader.read(position, 1)
        position = record.position
        assert reader.forget(position) > 3500
    spool.close()
    assert spool.size() == 0


def test_what_is_not_written_yet_is_bounded_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    real = spool_files._append

    async def send() -> None:
        loop = asyncio.get_running_loop()

        def slow(handle: int, data: memoryview, at: int) -> int:
            loop.call_soon_threadsafe(begun.set)
            asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result()
            return real(handle, data, at)

        monkeypatch.setattr(spool_files, "_append", slow)
        first = asyncio.create_task(spool("s", b"x" * 900))
        await begun.wait()
        with pytest.raises(SpoolFullError, match="more slowly than telemetry comes"):
            await spool("s", b"x" * 900)
        assert not spool.at_once("s", b"x" * 900)
        go_on.set()
        await first
        await spool("s", b"later")

    spool = Spool(tmp_path, pending_bytes=1000)
    asyncio.run(send())
    spool.close()
    assert told(SpoolReader(tmp_path).read(None, 9999)) == [b"x" * 900, b"later"]


@pytest.mark.parametrize("step", ["write", "sync"])
@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.ENOSPC, SpoolFullError), (errno.EDQUOT, SpoolFullError), (errno.EIO, StoreError)],
)
def test_a_disk_that_fails_loses_nothing_and_is_used_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, number: int, kind: type[Exception]
) -> None:
    spool = Spool(tmp_path)
    spool.append("s", b"before")

    def failing(handle: int, data: memoryview, at: int) -> int:
        done = os.pwrite(handle, data[:30] if step == "write" else data, at)
        if step == "write" and len(data) > 30:
            return done
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(spool_files, "_append", failing)
    with pytest.raises(kind):
        spool.append("s", b"refused" * 100)
    assert spool.at_once("s", b"lost" * 100)
    with pytest.raises(kind):
        spool.append("s", b"refused" * 100)
    monkeypatch.undo()
    reader = SpoolReader(tmp_path)
    assert told(reader.read(None, 10**6)) == [b"before"]
    spool.append("s", b"after")
    spool.close()
    assert told(reader.read(None, 10**6)) == [b"before", b"after"]
    counts = spool.counts()
    assert (counts["appended"], counts["refused"], counts["lost"]) == (2, 2, 1)


def test_a_closed_spool_takes_no_more(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.close()
    with pytest.raises(SpoolFullError, match="closed"):
        spool.append("s", b"x")
    spool.close()


def test_a_torn_end_is_cut_and_counted(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append("s", b"whole")
    spool.close()
    (name,) = segments_of(tmp_path)
    path = tmp_path / name.name
    whole = path.read_bytes()
    path.write_bytes(whole + whole + whole[:20])
    spool = Spool(tmp_path)
    assert spool.counts()["torn_bytes"] == 20
    spool.append("s", b"next")
    spool.close()
    assert told(SpoolReader(tmp_path).read(None, 1000)) == [b"whole", b"whole", b"next"]


class Kills(RuleBasedStateMachine):
    """A writer and a reader that are killed at any moment."""

    @initialize(ahead=st.booleans())
    def begin(self, ahead: bool) -> None:
        self.least_bytes = spool_ahead.LEAST_BYTES
        spool_ahead.LEAST_BYTES = 1 if ahead else self.least_bytes
        self.folder = Path(tempfile.mkdtemp(prefix="spool-"))
        self.sent: list[bytes] = []
        self.read: list[bytes] = []
        self.committed: bytes | None = None
        self.position: bytes | None = None
        self.taken = 0
        self.open()

    def open(self) -> None:
        self.writer = Spool(self.folder, segment_bytes=300)
        self.reader = SpoolReader(self.folder)

    @rule(sizes=st.lists(st.integers(0, 120), min_size=1, max_size=4))
    def append(self, sizes: list[int]) -> None:
        for size in sizes:
            payload = b"%d:" % len(self.sent) + b"x" * size
            self.writer.append("s", payload)
            self.sent.append(payload)

    @rule(most=st.integers(1, 700))
    def take(self, most: int) -> None:
        for record in self.reader.read(self.position, most):
            self.read.append(record.payload)
            self.position = record.position

    @rule()
    def commit(self) -> None:
        self.committed, self.taken = self.position, len(self.read)

    @rule()
    def forget(self) -> None:
        if self.committed is not None:
            self.reader.forget(self.committed)

    @rule()
    def kill_reader(self) -> None:
        self.reader = SpoolReader(self.folder)
        self.position, self.read = self.committed, self.read[: self.taken]

    @rule(torn=st.binary(max_size=40), lose_mark=st.booleans())
    def kill_writer(self, torn: bytes, lose_mark: bool) -> None:
        end = self.writer._segments._end
        self.writer.close()
        with (self.folder / segments_of(self.folder)[-1].name).open("r+b") as file:
            file.seek(end)
            file.write(torn)
        (self.folder / spool_ahead.NAME).write_bytes(bytes(len(torn)))
        if lose_mark:
            (self.folder / MARK).write_bytes(torn)
        self.open()

    @invariant()
    def what_was_read_is_what_was_sent(self) -> None:
        assert self.read == self.sent[: len(self.read)]
        rest = told(self.reader.read(self.position, 10**6))
        assert self.read + rest == self.sent
        assert (self.reader.waiting(self.position) > 0) == bool(rest)
        assert self.reader.damaged_bytes == self.reader.damaged_records == 0

    def teardown(self) -> None:
        spool_ahead.LEAST_BYTES = self.least_bytes
        self.writer.close()
        shutil.rmtree(self.folder)


TestKills = Kills.TestCase
TestKills.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)

WRITER = """
import sys
from pathlib import Path
from coldtrail.store.spool import Spool

spool = Spool(Path(sys.argv[1]), segment_bytes=20_000)
for number in range(int(sys.argv[2]), 10**9):
    spool.append("s", b"%d:" % number + b"x" * (number % 700))
    print(number, flush=True)
"""


def test_a_writer_that_is_killed_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    reader = SpoolReader(tmp_path)
    seen: list[int] = []
    position = None
    sent = 0
    for round_ in range(6):
        command = [sys.executable, "-c", WRITER, str(tmp_path), str(sent)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            for line in writer.stdout:
                for record in reader.read(position, 3000) if round_ % 2 else []:
                    seen.append(int(record.payload.partition(b":")[0]))
                    position = record.position
                if int(line) >= sent + 40 + 17 * round_:
                    writer.send_signal(signal.SIGKILL)
                    break
            acknowledged = max(int(line), *(int(rest) for rest in writer.stdout), 0)
        # One may lie on disk that was not yet acknowledged; whoever sent it sends it again.
        Spool(tmp_path).close()
        for record in reader.read(position, 10**9):
            seen.append(int(record.payload.partition(b":")[0]))
            position = record.position
        assert position is not None
        reader.forget(position)
        assert seen == list(range(len(seen)))
        assert len(seen) - 1 in (acknowledged, acknowledged + 1)
        sent = len(seen)
    assert len(segments_of(tmp_path)) == 1
