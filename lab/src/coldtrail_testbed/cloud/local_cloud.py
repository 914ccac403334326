"""The whole local cloud, wired: enter it, send users, take the traces and the facts."""

import logging
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from coldtrail_testbed.account.account import Account
from coldtrail_testbed.applications.model import Application, Browser, Function
from coldtrail_testbed.clock import shared_clock
from coldtrail_testbed.cloud import moto_hooks
from coldtrail_testbed.cloud.api_gateway import ApiGateway
from coldtrail_testbed.cloud.aws_endpoint import AwsEndpoint
from coldtrail_testbed.cloud.clients import local_client
from coldtrail_testbed.cloud.deployment import clients_at, create_function, deploy
from coldtrail_testbed.cloud.event_bus import EventBus
from coldtrail_testbed.cloud.foundation import Foundation, generator_for, lay_foundation
from coldtrail_testbed.cloud.infection import Infection
from coldtrail_testbed.cloud.intruder import LEAKED, Openings, OutsideIntruder, draw_attacker
from coldtrail_testbed.cloud.lambda_service import Deployment, LambdaService
from coldtrail_testbed.cloud.mail import MAIL_SERVICE, MailService
from coldtrail_testbed.cloud.media_convert import MEDIA_CONVERT, MediaConvert
from coldtrail_testbed.cloud.media_package import MediaPackage
from coldtrail_testbed.cloud.permissions import give_all
from coldtrail_testbed.cloud.ports import Ports, open_ports
from coldtrail_testbed.cloud.queues import QueuePollers
from coldtrail_testbed.cloud.rest_client import RestClient, Sender, draw_visitor
from coldtrail_testbed.cloud.runtime_api import RuntimeApi
from coldtrail_testbed.cloud.service_events import ServiceEvents
from coldtrail_testbed.cloud.state_machines import StateMachineService
from coldtrail_testbed.cloud.traces import Document
from coldtrail_testbed.cloud.uploads import UPLOADER, Uploader
from coldtrail_testbed.cloud.visitors import Means, Visitor
from coldtrail_testbed.cloud.worker_pool import WorkerPool
from coldtrail_testbed.cloud.xray_daemon import XRayDaemon
from coldtrail_testbed.facts import Caller, Facts
from coldtrail_testbed.interrupts import uninterrupted
from coldtrail_testbed.worker.environment import worker_environment

_TESTER = Sender("203.0.113.10", "Mozilla/5.0")
_INFECTED_HANDLER = "coldtrail_testbed.worker.infection.handler"


class LocalCloud:
    """One deployed application; all its processes and ports end with the context."""

    def __init__(
        self,
        application: Application,
        seed: int,
        start: float,
        *,
        infection: Infection | None = None,
        process_limit: int = 20,
    ) -> None:
        self._application = application
        self._seed = seed
        self._start = start
        self._infection = infection or Infection()
        self._process_limit = process_limit
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._build(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with uninterrupted():
            self._stack.close()

    def request(self, api: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The decoded JSON body of a REST API's answer, once everything that it started has happened."""
        with self._ports.failures_raised():
            answer = self._rest.request(_TESTER, api, method, path, body)
            self.foundation.agenda.settle()
        return answer

    def upload(self, bucket: str, key: str, content: bytes) -> None:
        """None; the object is in the bucket, and everything that it started has happened."""
        with self._ports.failures_raised():
            self._uploader.upload(_TESTER, bucket, key, content)
            self.foundation.agenda.settle()

    def open_browser(self) -> Browser:
        """The browser of one more visitor, whose requests start things and do not wait for them."""
        means = Means(self._rest, self._uploader, self._mails, self.now)
        return Visitor(means, draw_visitor(self._visitors))

    def admit_intruder(self, attack: str) -> OutsideIntruder:
        """An attacker outside, whose calls and what they start first belong to `attack`."""
        base = self.foundation
        openings = Openings(
            rest=self._rest,
            make_client=lambda service, key: local_client(service, self._url, access_key=key),
            key_of=base.identities.key_of,
            intrusion=base.running.intrusion,
            now=self.now,
            register=base.identities.register,
        )
        attacker = draw_attacker(generator_for(self._seed, f"attacker of {attack}"))
        return OutsideIntruder(attack, attacker, openings)

    def release(self, function: str, handler: str) -> str:
        """The new version of `function`, which runs `handler` from now on, on cold instances."""
        return self._lambdas.release(function, handler)

    def renew_instances(self) -> None:
        """None; no later invocation finds a warm instance of today's."""
        for function in self._lambdas.deployments:
            self._pool.retire(function)

    def add_function(self, name: str) -> None:
        """None; one of the application's `later` functions is deployed and gets its triggers."""
        function = next(one for one in self._application.later if one.name == name)
        create_function(function, self.client("lambda"))
        self._install(function)

    def step(self) -> bool:
        """Whether something was left to happen: the next activity has run."""
        with self._ports.failures_raised():
            return self.foundation.agenda.run_next()

    def settle(self) -> None:
        """None; everything that was started has happened."""
        with self._ports.failures_raised():
            self.foundation.agenda.settle()

    def wait(self, seconds: float) -> None:
        """None; so much virtual time passes, and what is due in it happens, schedules too."""
        with self._ports.failures_raised():
            self.foundation.agenda.run_until(self.now() + seconds)

    def now(self) -> float:
        """The virtual time."""
        return self.foundation.clock.now()

    def client(self, service: str) -> Any:
        """A boto3 client of `service` for the owner of the account, whose calls are not traced."""
        return self._clients(service)

    def take_traces(self) -> list[Document]:
        """The traces that are complete since the last call, in the order of their start."""
        return self.foundation.traces.take(self.foundation.agenda.is_pending)

    def take_facts(self) -> Facts:
        """The facts since the last call."""
        return self.foundation.facts.take()

    def process_ids(self) -> list[int]:
        """The ids of the worker processes."""
        return self._pool.process_ids()

    @property
    def attacked_flows(self) -> dict[str, str]:
        """The attack of each attacked invocation, by the id of the function's segment."""
        return self._lambdas.attacked_flows

    def _build(self, stack: ExitStack) -> None:
        stack.enter_context(_quiet_logs())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="coldtrail-testbed-")))
        clock = stack.enter_context(shared_clock(folder / "clock", self._start))
        self.foundation = base = lay_foundation(clock, self._seed)
        self._visitors = generator_for(self._seed, "visitors")
        base.identities.register(LEAKED)
        self._ports = ports = open_ports(stack)
        self._lambdas = self._start_lambda(stack, base, ports, folder)
        self.account = Account(base, self._lambdas, self._seed)
        endpoint = AwsEndpoint(base, DomainDispatcherApplication(create_backend_app))
        routes, table_routes = self._application.routes, self._application.table_routes
        gateway = ApiGateway(base, self._lambdas, routes, table_routes, endpoint.answer)
        self._bus = EventBus(base, self._lambdas, moto_hooks.matching_functions)
        machines = StateMachineService(base, self._lambdas)
        pollers = QueuePollers(base, self._lambdas, moto_hooks.take_messages)
        events = ServiceEvents(base, self._lambdas, machines, endpoint, self._bus, pollers)
        self._url = url = f"http://{ports.aws.address}"
        self._add_services(endpoint, url)
        stack.enter_context(moto_hooks.installed(events, url, self._seed))
        ports.aws.serve(endpoint.answer)
        ports.rest.serve(gateway.answer)
        self._deploy(url)
        self._rest = RestClient(ports.rest.address)
        stack.callback(self._rest.close)

    def _add_services(self, endpoint: AwsEndpoint, url: str) -> None:
        base = self.foundation
        convert_s3, mail_s3, upload_s3 = (
            self._client_of(caller, url) for caller in (MEDIA_CONVERT, MAIL_SERVICE, UPLOADER)
        )
        convert = MediaConvert(base, self._bus, convert_s3, generator_for(self._seed, "media convert"))
        endpoint.add_service("mediaconvert", convert.answer)
        endpoint.add_service("mediapackage-vod", MediaPackage(base).answer)
        rules, generator = self._application.mail_rules, generator_for(self._seed, "mail")
        self._mails = MailService(base, rules, mail_s3, generator)
        self._uploader = Uploader(upload_s3)

    def _client_of(self, caller: Caller, url: str) -> Any:
        """An S3 client of a service or of the users, whose calls are known as theirs."""
        self.foundation.identities.register(caller)
        return local_client("s3", url, access_key=caller.access_key)

    def _start_lambda(self, stack: ExitStack, base: Foundation, ports: Ports, folder: Path) -> LambdaService:
        daemon = XRayDaemon(base.traces.add_fragment)
        stack.callback(daemon.close)
        api = RuntimeApi()
        stack.callback(api.close)
        ports.runtime.serve(api.answer, api.hung_up)
        environment = worker_environment(
            clock=base.clock.path,
            aws=ports.aws.address,
            rest=ports.rest.address,
            daemon=daemon.address,
        )
        generator = generator_for(self._seed, "instances")
        self._pool = WorkerPool(
            api, ports.runtime.address, base.identifiers, generator, limit=self._process_limit
        )
        log = stack.enter_context((folder / "workers.log").open("wb"))
        stack.callback(self._pool.close)
        self._pool.open({**environment, "TESTBED_FOLDER": str(folder)}, log)
        return LambdaService(base, self._pool, daemon, self._choose_attack, self._infection.memory_mb)

    def _choose_attack(self, function: str) -> str | None:
        return self._infection.choose(function, self.now())

    def _deploy(self, url: str) -> None:
        self._clients = clients_at(url)
        deploy(self._application, self._clients)
        self.foundation.traces.take()
        self.foundation.facts.take()
        for function in self._application.functions:
            self._install(function)
        self._bus.keep(self._application.schedules)
        give_all(self.foundation.permissions, self._application)

    def _install(self, function: Function) -> None:
        variables, handler = dict(self._application.variables), function.handler
        if function.name in self._infection.functions:
            variables |= {
                "TESTBED_APPLICATION": self._application.name,
                "TESTBED_BEGAN": str(int(self._start)),
                "TESTBED_HANDLER": handler,
            }
            handler = _INFECTED_HANDLER
        self._lambdas.deployments[function.name] = Deployment(function, handler, variables)


@contextmanager
def _quiet_logs() -> Iterator[None]:
    """A context in which libraries do not log: failing executions are part of the plan."""
    previous = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(previous)
