"""The Runtime API, with real runtime clients that run real handlers."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.http_server import HttpRequest
from coldtrail_testbed.cloud.instances import Slot
from coldtrail_testbed.cloud.runtime_api import (
    Instance,
    Invocation,
    Outcome,
    ProcessEndedError,
    ProcessHungError,
    RuntimeApi,
    run_invocation,
)
from coldtrail_testbed.cloud.worker_pool import WorkerPool

from .conftest import START
from .lambda_bench import lambda_bench


@pytest.fixture
def pool(foundation: Foundation, tmp_path: Path) -> Iterator[WorkerPool]:
    with lambda_bench(foundation, tmp_path) as bench:
        yield bench.pool


def _acquire(pool: WorkerPool, name: str) -> Slot:
    return pool.acquire(name, f"lab.tests.testbed.handlers.{name}", {}, START)[0]


def _invocation(header: str = "Root=1-2-3;Parent=4;Sampled=1", context: str | None = None) -> Invocation:
    return Invocation("req-1", header, b'{"a": 1}', START + 30, "arn:fn", context)


def _run(slot: Slot, header: str = "Root=1-2-3;Parent=4;Sampled=1", context: str | None = None) -> Outcome:
    assert slot.instance is not None
    return run_invocation(slot.instance, _invocation(header, context))


def test_the_handler_sees_its_invocation(pool: WorkerPool) -> None:
    outcome = _run(_acquire(pool, "echo"), context=json.dumps({"custom": {"attack": "longer_run"}}))
    assert not outcome.failed
    assert outcome.error_type is None
    answer = json.loads(outcome.body)
    assert answer["event"] == {"a": 1}
    assert (answer["request_id"], answer["function"], answer["arn"]) == ("req-1", "echo", "arn:fn")
    assert answer["remaining_ms"] == 30_000
    assert answer["trace_header"] == "Root=1-2-3;Parent=4;Sampled=1"
    assert answer["attack"] == "longer_run"


def test_errors_come_with_their_cause(pool: WorkerPool) -> None:
    outcome = _run(_acquire(pool, "fail"))
    assert outcome.failed
    assert outcome.error_type == "ValueError"
    assert outcome.cause is not None
    assert json.loads(outcome.cause)["exceptions"][0]["message"] == "no luck"


def test_sleeping_takes_virtual_time_only(pool: WorkerPool) -> None:
    answer = json.loads(_run(_acquire(pool, "clocks")).body)
    assert answer == {"before": START, "after": START + 25, "datetime": START + 25}


def test_randomness_follows_from_the_trace_header(pool: WorkerPool) -> None:
    slot = _acquire(pool, "randomness")
    first, other, again = (_run(slot, header).body for header in ("Root=1", "Root=2", "Root=1"))
    assert first == again != other


def test_a_process_that_ends_is_noticed_at_once(pool: WorkerPool) -> None:
    with pytest.raises(ProcessEndedError):
        _run(_acquire(pool, "be_killed"))


def test_a_process_hangs_when_nothing_moves_on() -> None:
    instance = Instance("i", "F")
    seen = iter([0, 1, 2, 2])
    with pytest.raises(ProcessHungError):
        run_invocation(instance, _invocation(), patience_s=0.01, progress=lambda: next(seen))
    assert next(seen, None) is None


def test_a_connection_that_closes_matters_only_when_it_took_work() -> None:
    api, instance = RuntimeApi(), Instance("i", "F")
    api.register(instance)
    for target in ("/i/2018-06-01/runtime/invocation/r/response", "/j/2018-06-01/runtime/invocation/next"):
        api.hung_up(HttpRequest("GET", target, {}, b""))
    assert instance.outcomes.empty()
    api.hung_up(HttpRequest("GET", "/i/2018-06-01/runtime/invocation/next", {}, b""))
    assert instance.outcomes.get() is None


def test_an_instance_is_ready_when_its_handler_was_initialized() -> None:
    api, instance = RuntimeApi(), Instance("i", "F")
    api.register(instance)
    assert not instance.is_ready
    api.answer(HttpRequest("POST", "/i/2018-06-01/runtime/init/error", {}, b'{"errorType": "E"}'))
    assert instance.ready.is_set()
    assert not instance.is_ready
    assert instance.initialization_error == Outcome(b'{"errorType": "E"}', failed=True)
