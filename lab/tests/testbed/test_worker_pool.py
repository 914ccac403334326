"""The pool with real processes: which process stands for which instance, and that none is left."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.instances import Slot
from coldtrail_testbed.cloud.worker_pool import WorkerPool

from .conftest import START
from .lambda_bench import Bench, lambda_bench


@pytest.fixture
def bench(foundation: Foundation, tmp_path: Path) -> Iterator[Bench]:
    with lambda_bench(foundation, tmp_path) as bench:
        yield bench


@pytest.fixture
def pool(bench: Bench) -> WorkerPool:
    return bench.pool


def _acquire(pool: WorkerPool, name: str, now: float = START) -> tuple[Slot, bool]:
    return pool.acquire(name, "lab.tests.testbed.handlers.echo", {}, now)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return pid != 0


def test_instances_are_warm_until_they_expire(pool: WorkerPool) -> None:
    slot, cold = _acquire(pool, "echo")
    assert cold
    pool.release(slot, START, START + 1)
    assert _acquire(pool, "echo", START + 2) == (slot, False)
    pool.release(slot, START + 2, START + 3)
    first = slot.pid
    late, cold = _acquire(pool, "echo", START + 3600)
    assert cold
    assert late is not slot
    assert not _is_alive(first)


def test_a_burst_gives_every_request_an_instance_that_is_cold_once(pool: WorkerPool) -> None:
    burst = [_acquire(pool, "echo") for _ in range(3)]
    assert [cold for _, cold in burst] == [True] * 3
    for slot, _ in burst:
        pool.release(slot, START, START + 2)
    again = [_acquire(pool, "echo", START + 3) for _ in range(3)]
    assert [cold for _, cold in again] == [False] * 3
    assert {slot.id for slot, _ in again} == {slot.id for slot, _ in burst}


def test_never_more_processes_than_the_limit(pool: WorkerPool) -> None:
    slots = []
    for number in range(5):
        slot, _ = _acquire(pool, f"f{number}")
        pool.release(slot, START, START + 1)
        slots.append(slot)
    assert len(pool.process_ids()) == 1 + 3
    assert [_is_alive(slot.pid) for slot in slots] == [False, False, True, True, True]


def test_an_instance_whose_process_had_to_go_is_still_warm(pool: WorkerPool) -> None:
    slot, _ = _acquire(pool, "f0")
    pool.release(slot, START, START + 1)
    first, key = slot.pid, slot.access_key
    for number in range(1, 5):
        pool.release(_acquire(pool, f"f{number}")[0], START, START + 1)
    assert not _is_alive(first)
    again, cold = _acquire(pool, "f0", START + 2)
    assert (again, cold) == (slot, False)
    assert _is_alive(again.pid)
    assert again.access_key == key


def test_the_limit_never_ends_an_instance_at_work(pool: WorkerPool) -> None:
    slots = [_acquire(pool, f"f{number}")[0] for number in range(4)]
    assert all(_is_alive(slot.pid) for slot in slots)
    for slot in slots:
        pool.release(slot, START, START + 1)
    _acquire(pool, "f4")
    assert len(pool.process_ids()) == 1 + 3


def test_retiring_a_function_ends_its_instances(pool: WorkerPool) -> None:
    idle, working, other = (_acquire(pool, name)[0] for name in ("echo", "echo", "other"))
    pool.release(idle, START, START + 1)
    pool.retire("echo")
    assert not _is_alive(idle.pid)
    assert _is_alive(working.pid)
    pool.release(working, START, START + 2)
    assert _acquire(pool, "echo", START + 3)[1]
    pool.release(other, START, START + 1)
    assert not _acquire(pool, "other", START + 3)[1]


def test_ending_an_instance_tells_how_its_process_ended(pool: WorkerPool) -> None:
    slot, _ = _acquire(pool, "echo")
    assert os.waitstatus_to_exitcode(pool.end(slot)) == -9
    assert _acquire(pool, "echo", START + 1)[1]


def test_closing_ends_every_process(pool: WorkerPool) -> None:
    _acquire(pool, "echo")
    processes = pool.process_ids()
    pool.close()
    assert not any(_is_alive(pid) for pid in processes)


def test_the_process_knows_its_instance(bench: Bench) -> None:
    bench.add("identity")
    answer = json.loads(bench.invoke("identity").body)
    assert answer["log_stream"].startswith("2026/02/02/[1]")
