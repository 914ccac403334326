"""The whole local cloud, wired: enter it, send requests, settle, take the traces."""

import json
import logging
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Self

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from coldtrail_testbed.applications.model import Application
from coldtrail_testbed.clock import shared_clock
from coldtrail_testbed.cloud import moto_hooks
from coldtrail_testbed.cloud.agenda import Agenda
from coldtrail_testbed.cloud.api_gateway import ApiGateway
from coldtrail_testbed.cloud.aws_endpoint import AwsEndpoint
from coldtrail_testbed.cloud.deployment import clients_at, deploy
from coldtrail_testbed.cloud.http_server import HttpServer
from coldtrail_testbed.cloud.identifiers import Identifiers, api_host
from coldtrail_testbed.cloud.lambda_service import Deployment, LambdaService
from coldtrail_testbed.cloud.latency import LatencyModel
from coldtrail_testbed.cloud.runtime_api import RuntimeApi
from coldtrail_testbed.cloud.service_events import ServiceEvents
from coldtrail_testbed.cloud.state_machines import StateMachineService
from coldtrail_testbed.cloud.traces import Document, TraceStore
from coldtrail_testbed.cloud.worker_pool import WorkerPool
from coldtrail_testbed.cloud.xray_daemon import XRayDaemon
from coldtrail_testbed.errors import TestbedError
from coldtrail_testbed.worker.environment import worker_environment

_USER_ADDRESS = "203.0.113.10"
_INFECTED_HANDLER = "coldtrail_testbed.worker.infection.handler"


def no_attack(_function: str) -> None:
    """None: no invocation is attacked."""


class LocalCloud:
    """One deployed application; all its processes and ports end with the context."""

    def __init__(
        self,
        application: Application,
        seed: int,
        start: float,
        *,
        infected: frozenset[str] = frozenset(),
        choose_attack: Callable[[str], str | None] = no_attack,
        process_limit: int = 20,
    ) -> None:
        self._application = application
        self._seed = seed
        self._start = start
        self._infected = infected
        self._choose_attack = choose_attack
        self._process_limit = process_limit
        self._servers: list[HttpServer] = []
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._build(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def request(self, api: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The decoded JSON body of a REST API's answer, once everything that it started has happened."""
        headers = {"Host": api_host(api), "User-Agent": "Mozilla/5.0", "X-Forwarded-For": _USER_ADDRESS}
        headers["Content-Type"] = "application/json"
        payload = json.dumps(body).encode() if body is not None else None
        try:
            self._browser.request(method, f"/Prod{path}", payload, headers)
            with self._browser.getresponse() as response:
                answer = json.loads(response.read() or b"null")
            self.settle()
        except Exception:
            self._raise_failure()
            raise
        self._raise_failure()
        return answer

    def wait(self, seconds: float) -> None:
        """None; so much virtual time passes."""
        self.clock.advance(seconds)

    def now(self) -> float:
        """The virtual time."""
        return self.clock.now()

    def settle(self) -> None:
        """None; all asynchronous work is done."""
        self.agenda.settle()

    def _raise_failure(self) -> None:
        for server in self._servers:
            if server.failures:
                raise TestbedError("the local cloud failed inside; this is a defect") from server.failures[0]

    def take_traces(self) -> list[Document]:
        """The finished traces since the last call."""
        self.settle()
        return self.traces.take()

    def process_ids(self) -> list[int]:
        """The ids of the worker processes."""
        return self._pool.process_ids()

    @property
    def attacked_flows(self) -> dict[str, str]:
        """The attack of each attacked invocation, by the id of the function's segment."""
        return self.lambdas.attacked_flows

    def _random(self, purpose: str) -> Random:
        return Random(f"{self._seed} {purpose}")  # noqa: S311 - repeatable on purpose

    def _build(self, stack: ExitStack) -> None:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="coldtrail-testbed-")))
        self.clock = stack.enter_context(shared_clock(folder / "clock", self._start))
        stack.enter_context(_quiet_logs())
        identifiers = Identifiers(self._random("identifiers"))
        self.traces = TraceStore(identifiers)
        self.agenda = Agenda(self.clock)
        latency = LatencyModel(self._random("latency"))
        daemon = XRayDaemon(self.traces.add_fragment)
        stack.callback(daemon.close)
        runtime_api = RuntimeApi()
        runtime_server = self._serve(stack, runtime_api.answer)
        stack.callback(runtime_api.close)
        endpoint = AwsEndpoint(
            DomainDispatcherApplication(create_backend_app),
            self.clock,
            latency,
            lambda: self.lambdas.first_call_of_instance(),
            identifiers.extended,
        )
        aws_server = self._serve(stack, endpoint.answer)
        rest_server = self._serve(stack, lambda request: self.gateway.answer(request))
        environment = worker_environment(
            clock=self.clock.path,
            aws=aws_server.address,
            rest=rest_server.address,
            daemon=daemon.address,
        )
        log = stack.enter_context((folder / "workers.log").open("wb"))
        self._pool = WorkerPool(
            runtime_api,
            runtime_server.address,
            environment,
            identifiers,
            self._random("instances"),
            limit=self._process_limit,
            log=log,
        )
        stack.callback(self._pool.close)
        self.lambdas = LambdaService(
            self.clock, self._pool, daemon, self.traces, identifiers, latency, self.agenda, self._choose_attack
        )
        self.gateway = ApiGateway(
            self._application.routes, self.clock, self.lambdas, self.traces, identifiers, latency
        )
        self.machines = StateMachineService(
            self.clock, self.lambdas, self.traces, identifiers, latency, self.agenda
        )
        events = ServiceEvents(self.clock, self.lambdas, self.machines, endpoint, identifiers)
        url = f"http://{aws_server.address}"
        stack.enter_context(moto_hooks.installed(events, url, self._seed))
        self._deploy(url)
        self._browser = HTTPConnection(rest_server.address)
        stack.callback(self._browser.close)

    def _serve(self, stack: ExitStack, handler: Any) -> HttpServer:
        server = HttpServer(handler)
        self._servers.append(server)
        stack.callback(server.close)
        return server

    def _deploy(self, url: str) -> None:
        deploy(self._application, clients_at(url))
        for function in self._application.functions:
            variables = dict(self._application.variables)
            handler = function.handler
            if function.name in self._infected:
                variables |= {"TESTBED_APPLICATION": self._application.name, "TESTBED_HANDLER": handler}
                handler = _INFECTED_HANDLER
            self.lambdas.deployments[function.name] = Deployment(function, handler, variables)


@contextmanager
def _quiet_logs() -> Iterator[None]:
    """A context in which libraries log errors only to nobody: failing executions are part of the plan."""
    previous = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(previous)
