"""The Lambda service: invocations on warm or cold instances, and the segments that the service writes."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from coldtrail_testbed.applications.model import Function
from coldtrail_testbed.clock import VirtualClock
from coldtrail_testbed.cloud.agenda import Agenda
from coldtrail_testbed.cloud.causes import tidy_cause
from coldtrail_testbed.cloud.identifiers import Identifiers, function_arn
from coldtrail_testbed.cloud.latency import LatencyModel
from coldtrail_testbed.cloud.runtime_api import Invocation, Outcome, run_invocation
from coldtrail_testbed.cloud.service_segments import (
    Document,
    function_part,
    function_segment,
    lambda_segment,
    whole_ms,
)
from coldtrail_testbed.cloud.traces import TraceStore
from coldtrail_testbed.cloud.tracing import TraceContext
from coldtrail_testbed.cloud.worker_pool import Slot, WorkerPool
from coldtrail_testbed.cloud.xray_daemon import XRayDaemon

ChooseAttack = Callable[[str], str | None]


@dataclass(frozen=True)
class Deployment:
    """A function as deployed: its handler may be the infected one."""

    function: Function
    handler: str
    variables: Mapping[str, str]


class LambdaService:
    """All deployed functions; one invocation runs at a time, nested ones inside their caller's."""

    def __init__(
        self,
        clock: VirtualClock,
        pool: WorkerPool,
        daemon: XRayDaemon,
        traces: TraceStore,
        identifiers: Identifiers,
        latency: LatencyModel,
        agenda: Agenda,
        choose_attack: ChooseAttack,
    ) -> None:
        self._clock = clock
        self._pool = pool
        self._daemon = daemon
        self._traces = traces
        self._identifiers = identifiers
        self._latency = latency
        self._agenda = agenda
        self._choose_attack = choose_attack
        self._running: list[Slot] = []
        self.deployments: dict[str, Deployment] = {}
        self.attacked_flows: dict[str, str] = {}

    def first_call_of_instance(self) -> bool:
        """Whether the call that a function makes now is the first one of its instance."""
        if not self._running:
            return False
        slot = self._running[-1]
        slot.calls += 1
        return slot.calls == 1

    def invoke(
        self, name: str, payload: bytes, context: TraceContext, request_id: str | None = None
    ) -> tuple[Outcome, str]:
        """The outcome of a synchronous invocation, and its request id."""
        start = self._clock.now()
        request_id = request_id or self._identifiers.request()
        segment_id = self._identifiers.segment()
        outcome = self._run(name, payload, TraceContext(context.root, segment_id), request_id)
        end = self._clock.advance(self._latency.service_tail())
        segment = lambda_segment(segment_id, name, context, request_id, whole_ms(start, end), 200)
        self._keep(segment, outcome)
        return outcome, request_id

    def invoke_later(self, name: str, payload: bytes, context: TraceContext) -> None:
        """None; an asynchronous invocation is queued, as SNS and S3 do."""
        arrival = self._clock.now() + self._latency.delivery()
        begin = arrival + self._latency.dwell()
        self._agenda.add(begin, lambda: self._attempt(name, payload, context, arrival))

    def _attempt(self, name: str, payload: bytes, context: TraceContext, arrival: float) -> None:
        begin = self._clock.now()
        segment_id, attempt_id = self._identifiers.segment(), self._identifiers.segment()
        request_id = self._identifiers.request()
        outcome = self._run(name, payload, TraceContext(context.root, attempt_id), request_id)
        end = self._clock.advance(self._latency.service_tail())
        dwell = {"id": self._identifiers.segment(), "name": "Dwell Time", **whole_ms(arrival, begin)}
        attempt = {
            "id": attempt_id,
            "name": "Attempt #1",
            **whole_ms(begin, end),
            "http": {"response": {"status": 200}},
        }
        accepted = whole_ms(arrival, arrival + 0.005)
        segment = lambda_segment(segment_id, name, context, request_id, accepted, 202)
        segment["subsegments"] = [dwell, attempt]
        self._keep(segment, outcome)

    def _keep(self, segment: Document, outcome: Outcome) -> None:
        if outcome.failed:
            segment["error"] = True
        self._traces.add_segment(segment)

    def _run(self, name: str, payload: bytes, context: TraceContext, request_id: str) -> Outcome:
        deployment = self.deployments[name]
        slot, cold = self._pool.acquire(name, deployment.handler, deployment.variables, self._clock.now())
        parts = [self._initialize(name)] if cold else []
        if not cold:
            self._clock.advance(self._latency.warm_start())
        segment_id = self._identifiers.segment()
        invocation, outcome = self._invocation(segment_id, deployment, slot, payload, context.root, request_id)
        parts += [invocation, self._overhead(name)]
        slot.busy_until = self._clock.now()
        segment = function_segment(segment_id, name, context, parts, failed=outcome.failed)
        if outcome.cause:
            segment["cause"] = tidy_cause(json.loads(outcome.cause))
        self._traces.add_segment(segment)
        return outcome

    def _initialize(self, name: str) -> Document:
        start = self._clock.advance(self._latency.placement())
        end = self._clock.advance(self._latency.initialization())
        self._clock.advance(self._latency.after_initialization())
        return function_part(self._identifiers.segment(), "Initialization", name, start, end)

    def _invocation(
        self,
        segment_id: str,
        deployment: Deployment,
        slot: Slot,
        payload: bytes,
        root: str,
        request_id: str,
    ) -> tuple[Document, Outcome]:
        name = deployment.function.name
        part_id = self._identifiers.segment()
        attack = self._choose_attack(name)
        start = self._clock.advance(self._latency.runtime_turn())
        invocation = Invocation(
            request_id=request_id,
            trace_header=TraceContext(root, part_id).header(),
            payload=payload,
            deadline=start + deployment.function.timeout_s,
            function_arn=function_arn(name),
            client_context=json.dumps({"custom": {"attack": attack}}) if attack else None,
        )
        self._running.append(slot)
        outcome = run_invocation(slot.instance, invocation)
        self._running.pop()
        self._daemon.settle()
        if attack:
            self.attacked_flows[segment_id] = attack
        end = self._clock.advance(self._latency.handler_end())
        part = function_part(part_id, "Invocation", name, start, end)
        return ({**part, "error": True} if outcome.failed else part), outcome

    def _overhead(self, name: str) -> Document:
        start = self._clock.advance(self._latency.runtime_turn())
        end = self._clock.advance(self._latency.runtime_overhead())
        return function_part(self._identifiers.segment(), "Overhead", name, start, end)
