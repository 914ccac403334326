"""The Runtime API and the pool, with real runtime clients that run real handlers."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.http_server import HttpServer
from coldtrail_testbed.cloud.runtime_api import Invocation, Outcome, RuntimeApi, run_invocation
from coldtrail_testbed.cloud.worker_pool import Slot, WorkerPool
from coldtrail_testbed.errors import TestbedError
from coldtrail_testbed.worker.environment import worker_environment

from .conftest import START


@pytest.fixture
def pool(foundation: Foundation, tmp_path: Path) -> Iterator[WorkerPool]:
    api, server = RuntimeApi(), HttpServer()
    server.serve(api.answer)
    pool = WorkerPool(api, server.address, foundation.identifiers, Random(1), limit=3)
    nowhere = "127.0.0.1:9"
    environment = worker_environment(clock=foundation.clock.path, aws=nowhere, rest=nowhere, daemon=nowhere)
    with (tmp_path / "log").open("wb") as log:
        pool.open(environment, log)
        yield pool
        pool.close()
    api.close()
    server.close()


def _acquire(pool: WorkerPool, name: str, now: float = START) -> tuple[Slot, bool]:
    return pool.acquire(name, f"tests.testbed.handlers.{name}", {}, now)


def _run(slot: Slot, header: str = "Root=1-2-3;Parent=4;Sampled=1", context: str | None = None) -> Outcome:
    return run_invocation(
        slot.instance, Invocation("req-1", header, b'{"a": 1}', START + 30, "arn:fn", context), timeout_s=20
    )


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_handler_sees_its_invocation(pool: WorkerPool) -> None:
    slot, cold = _acquire(pool, "echo")
    outcome = _run(slot, context=json.dumps({"custom": {"attack": "longer_run"}}))
    assert cold
    assert not outcome.failed
    assert json.loads(outcome.body) == {
        "event": {"a": 1},
        "request_id": "req-1",
        "function": "echo",
        "arn": "arn:fn",
        "remaining_ms": 30_000,
        "trace_header": "Root=1-2-3;Parent=4;Sampled=1",
        "attack": "longer_run",
    }


def test_errors_come_with_their_cause(pool: WorkerPool) -> None:
    slot, _ = _acquire(pool, "fail")
    outcome = _run(slot)
    assert outcome.failed
    assert json.loads(outcome.body)["errorType"] == "ValueError"
    assert outcome.cause is not None
    assert json.loads(outcome.cause)["exceptions"][0]["message"] == "no luck"


def test_sleeping_takes_virtual_time_only(pool: WorkerPool) -> None:
    slot, _ = _acquire(pool, "clocks")
    assert json.loads(_run(slot).body) == {"before": START, "after": START + 3600, "datetime": START + 3600}


def test_randomness_follows_from_the_trace_header(pool: WorkerPool) -> None:
    slot, _ = _acquire(pool, "randomness")
    first, other, again = (_run(slot, header).body for header in ("Root=1", "Root=2", "Root=1"))
    assert first == again != other


def test_instances_are_warm_until_they_expire(pool: WorkerPool) -> None:
    slot, cold = _acquire(pool, "echo")
    assert cold
    slot.busy_until = START + 1
    assert _acquire(pool, "echo", START + 2) == (slot, False)
    overlapping, cold = _acquire(pool, "echo", START + 0.5)
    assert cold
    assert overlapping is not slot
    late, cold = _acquire(pool, "echo", START + 3600)
    assert cold
    assert late not in (slot, overlapping)
    assert not _is_alive(slot.pid)


def test_never_more_processes_than_the_limit(pool: WorkerPool) -> None:
    slots = [pool.acquire(f"f{number}", "tests.testbed.handlers.echo", {}, START)[0] for number in range(5)]
    assert len(pool.process_ids()) == 1 + 3
    assert [_is_alive(slot.pid) for slot in slots] == [False, False, True, True, True]


def test_closing_ends_every_process(pool: WorkerPool) -> None:
    _acquire(pool, "echo")
    processes = pool.process_ids()
    pool.close()
    assert not any(_is_alive(pid) for pid in processes)


def test_a_handler_that_cannot_be_imported_is_named(pool: WorkerPool) -> None:
    with pytest.raises(TestbedError, match="the process of missing did not start"):
        _acquire(pool, "missing")
