"""The queue between sources and the line."""

from __future__ import annotations

import threading

from coldtrail.records.intake import Batch
from coldtrail.records.telemetry import Document
from coldtrail.sources.batch_queue import BatchQueue, Fetched, size_of


def batch(size: int) -> Batch:
    return Batch((Document(b"x" * size, "a"),), b"{}")


def test_batches_come_in_order_and_bytes_are_counted() -> None:
    queue = BatchQueue(10_000)
    assert queue.put("a", batch(100), timeout_s=0)
    assert queue.put("b", batch(200), timeout_s=0)
    assert queue.bytes == size_of(batch(100)) + size_of(batch(200))
    assert queue.get(timeout_s=0) == Fetched("a", batch(100))
    assert queue.get(timeout_s=0) == Fetched("b", batch(200))
    assert queue.get(timeout_s=0) is None
    assert queue.bytes == 0


def test_what_has_no_room_waits_and_a_large_batch_goes_alone() -> None:
    queue = BatchQueue(1_000)
    assert queue.put("a", batch(50_000), timeout_s=0)
    assert not queue.put("a", batch(1), timeout_s=0)
    assert queue.get(timeout_s=0) is not None
    assert queue.put("a", batch(1), timeout_s=0)
    assert not queue.put("a", batch(50_000), timeout_s=0)


def test_a_reader_wakes_who_waits_for_room() -> None:
    queue = BatchQueue(100)
    assert queue.put("a", batch(1), timeout_s=0)
    put: list[bool] = []
    waiting = threading.Thread(target=lambda: put.append(queue.put("b", batch(2), timeout_s=30)))
    waiting.start()
    assert queue.get(timeout_s=30) == Fetched("a", batch(1))
    assert queue.get(timeout_s=30) == Fetched("b", batch(2))
    waiting.join()
    assert put == [True]
