"""The thread around a pull source, driven through errors, full queues and its end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random

import pytest

from coldtrail.errors import SourceError
from coldtrail.records.intake import Batch, Permission
from coldtrail.records.telemetry import Document
from coldtrail.sources import polling as module
from coldtrail.sources.batch_queue import BatchQueue
from coldtrail.sources.polling import Condition, Pauses, Polling

QUICK = Pauses(idle_s=0.001, first_s=0.001, most_s=0.004, stopped_s=0.002)
WAIT_S = 30.0


def batch(number: int, size: int = 10) -> Batch:
    return Batch((Document(b"x" * size, "a", str(number)),), str(number).encode(), newest=float(number))


class Scripted:
    """Gives what it is told to, one after the other, then nothing."""

    name = "scripted"

    def __init__(self, *script: Batch | Exception | None) -> None:
        self.script: Iterator[Batch | Exception | None] = iter(script)
        self.calls: list[str] = []
        self.fail_committed = 0

    def resume(self, position: bytes) -> None:
        self.calls.append(f"resume {position.decode()}")

    def fetch(self) -> Batch | None:
        self.calls.append("fetch")
        given = next(self.script, None)
        if isinstance(given, Exception):
            raise given
        return given

    def committed(self, position: bytes) -> None:
        if self.fail_committed:
            self.fail_committed -= 1
            raise SourceError("sqs: throttled.", retryable=True)
        self.calls.append(f"committed {position.decode()}")

    def tend(self) -> None:
        self.calls.append("tend")

    def close(self) -> None:
        self.calls.append("close")

    def needs(self) -> Sequence[Permission]:
        return ()


@contextmanager
def running(
    source: Scripted, queue: BatchQueue | None = None, position: bytes | None = None
) -> Iterator[Polling]:
    polling = Polling(source, queue or BatchQueue(10_000), position=position, pauses=QUICK)
    polling.start()
    try:
        yield polling
    finally:
        assert polling.stop(WAIT_S)


def until(holds: Callable[[], object]) -> None:
    ends = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.001)


def test_batches_come_in_order_and_the_state_counts_them() -> None:
    queue = BatchQueue(10_000)
    with running(Scripted(batch(1), None, batch(2)), queue, b"0") as polling:
        got = [queue.get(timeout_s=WAIT_S), queue.get(timeout_s=WAIT_S)]
        until(lambda: polling.state.batches == 2 and polling.state.lag_s == 0)
        assert polling.state.condition is Condition.RUNNING
    assert [one.batch for one in got if one] == [batch(1), batch(2)]
    state = polling.state
    assert (state.condition, state.documents, state.bytes, state.newest) == (Condition.ENDED, 2, 20, 2.0)


def test_it_resumes_before_the_first_fetch_and_tells_what_was_committed_in_its_thread() -> None:
    source = Scripted(batch(1))
    with running(source, position=b"0") as polling:
        until(lambda: polling.state.batches)
        polling.committed(b"1")
        until(lambda: "committed 1" in source.calls)
    assert source.calls[:2] == ["resume 0", "fetch"]
    assert source.calls[-1] == "close"


def test_what_was_committed_is_told_before_the_end_and_again_after_an_error() -> None:
    source = Scripted(batch(1))
    source.fail_committed = 2
    with running(source) as polling:
        until(lambda: polling.state.batches)
        polling.committed(b"1")
        until(lambda: not source.fail_committed)
    assert source.calls.count("committed 1") == 1
    assert polling.state.last_error == "sqs: throttled."


@pytest.mark.parametrize(
    ("error", "condition"),
    [
        (SourceError("sqs: throttled.", retryable=True), Condition.RETRYING),
        (SourceError("sqs: grant sqs:ReceiveMessage."), Condition.STOPPED),
        (ZeroDivisionError("a secret"), Condition.STOPPED),
    ],
)
def test_after_an_error_it_is_tried_again(error: Exception, condition: Condition) -> None:
    queue = BatchQueue(10_000)
    source = Scripted(error, error, batch(1))
    polling = Polling(source, queue, pauses=Pauses(idle_s=0.001, first_s=60, stopped_s=60))
    polling.start()
    until(lambda: polling.state.failures)
    state = polling.state
    assert state.condition is condition
    assert state.last_error
    assert "secret" not in state.last_error
    assert state.retry_at is not None
    assert state.retry_at > time.time() + 20
    assert polling.stop(WAIT_S)
    with running(source, queue) as polling:
        assert queue.get(timeout_s=WAIT_S)
        until(lambda: polling.state.condition is Condition.RUNNING)
        assert polling.state.failures == 0
        assert polling.state.last_error


def test_pauses_grow_are_capped_and_as_long_as_asked() -> None:
    pauses, random = Pauses(), Random(1)
    error = SourceError("x", retryable=True)
    for failures, most in ((1, 1), (2, 2), (5, 16), (7, 60), (500, 60)):
        drawn = [pauses.after(error, failures, random) for _ in range(50)]
        assert most / 2 <= min(drawn) < max(drawn) <= most
    assert pauses.after(SourceError("x", retryable=True, retry_after_s=700.0), 1, random) == 700.0
    assert pauses.after(SourceError("x"), 1, random) >= 150.0


def test_it_waits_for_room_tends_meanwhile_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ROOM_S", 0.001)
    monkeypatch.setattr(module, "_TEND_S", 0.0)
    queue = BatchQueue(300)
    source = Scripted(*[batch(number, 200) for number in range(4)])
    with running(source, queue) as polling:
        until(lambda: polling.state.condition is Condition.FULL and source.calls.count("tend") > 3)
        assert source.calls.count("fetch") == 2
        got = [queue.get(timeout_s=WAIT_S) for _ in range(4)]
    assert [one.batch.position for one in got if one] == [b"0", b"1", b"2", b"3"]


def test_it_ends_though_there_is_no_room() -> None:
    queue = BatchQueue(300)
    polling = Polling(Scripted(batch(1, 200), batch(2, 200)), queue, pauses=QUICK)
    polling.start()
    until(lambda: polling.state.condition is Condition.FULL)
    assert polling.stop(WAIT_S)
    assert polling.state.batches == 1


def test_a_source_that_hangs_is_left_behind() -> None:
    free = threading.Event()

    class Hanging(Scripted):
        def fetch(self) -> Batch | None:
            free.wait(WAIT_S)
            return None

    polling = Polling(Hanging(), BatchQueue(300), pauses=QUICK)
    polling.start()
    assert not polling.stop(0.01)
    free.set()
    assert polling.stop(WAIT_S)


def test_one_that_never_began_has_ended() -> None:
    assert Polling(Scripted(), BatchQueue(300)).stop()
