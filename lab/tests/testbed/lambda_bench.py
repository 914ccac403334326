"""A Lambda service with real processes and nothing else around it, for the tests of its parts."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from coldtrail_testbed.applications.model import Function
from coldtrail_testbed.cloud.foundation import Foundation, generator_for
from coldtrail_testbed.cloud.http_server import HttpServer
from coldtrail_testbed.cloud.lambda_service import LambdaService
from coldtrail_testbed.cloud.runtime_api import Outcome, RuntimeApi
from coldtrail_testbed.cloud.tracing import TraceContext
from coldtrail_testbed.cloud.worker_pool import WorkerPool
from coldtrail_testbed.cloud.xray_daemon import XRayDaemon
from coldtrail_testbed.facts import FunctionRun
from coldtrail_testbed.worker.environment import worker_environment

NOWHERE = "127.0.0.1:9"
Document = dict[str, Any]


class Bench:
    """Functions named after the test handlers that they run."""

    def __init__(self, base: Foundation, pool: WorkerPool, lambdas: LambdaService) -> None:
        self.base = base
        self.pool = pool
        self.lambdas = lambdas

    def add(self, name: str, handler: str = "", timeout_s: float = 3.0) -> None:
        """None; a function `name` exists."""
        self.lambdas.add(Function(name, handler or f"lab.tests.testbed.handlers.{name}", timeout_s, 512))

    def invoke(self, name: str, **event: Any) -> Outcome:
        """The outcome of a synchronous invocation in a trace of its own."""
        context = TraceContext(self.base.identifiers.trace(self.base.clock.now()))
        outcome, _ = self.lambdas.invoke(name, json.dumps(event).encode(), context, "apigateway")
        return outcome

    def invoke_later(self, name: str, **event: Any) -> None:
        """None; an asynchronous invocation and its retries have happened."""
        context = TraceContext(self.base.identifiers.trace(self.base.clock.now()), "0123456789abcdef")
        self.lambdas.invoke_later(name, json.dumps(event).encode(), context, "sns")
        self.base.agenda.settle()

    def last_run(self) -> FunctionRun:
        """The latest fact."""
        return self.base.facts.runs[-1]

    def segments(self, origin: str) -> list[Document]:
        """All segments of one origin, taken out of the store."""
        traces = self.base.traces.take()
        return [part for trace in traces for part in trace["segments"] if part["origin"] == origin]


@contextmanager
def lambda_bench(
    base: Foundation,
    folder: Path,
    *,
    limit: int = 3,
    attack: Callable[[str], str | None] = lambda _name: None,
) -> Iterator[Bench]:
    """A bench whose processes end with the context."""
    api, server, daemon = RuntimeApi(), HttpServer(), XRayDaemon(base.traces.add_fragment)
    server.serve(api.answer, api.hung_up)
    pool = WorkerPool(api, server.address, base.identifiers, generator_for(1, "instances"), limit=limit)
    environment = worker_environment(clock=base.clock.path, aws=NOWHERE, rest=NOWHERE, daemon=daemon.address)
    try:
        with (folder / "log").open("wb") as log:
            pool.open(environment, log)
            yield Bench(base, pool, LambdaService(base, pool, daemon, attack))
    finally:
        pool.close()
        api.close()
        server.close()
        daemon.close()
