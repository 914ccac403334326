"""The Lambda service: invocations on warm or cold instances, and the segments that the service writes."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from coldtrail_testbed.applications.model import Function
from coldtrail_testbed.cloud.causes import tidy_cause
from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.identifiers import function_arn
from coldtrail_testbed.cloud.resource_use import ResourceModel, Traffic
from coldtrail_testbed.cloud.runtime_api import Invocation, Outcome, run_invocation
from coldtrail_testbed.cloud.service_segments import (
    Document,
    attempt_subsegments,
    function_part,
    function_segment,
    lambda_segment,
    whole_ms,
)
from coldtrail_testbed.cloud.tracing import TraceContext
from coldtrail_testbed.cloud.worker_pool import Slot, WorkerPool
from coldtrail_testbed.cloud.xray_daemon import XRayDaemon
from coldtrail_testbed.facts import Caller, FunctionRun

ChooseAttack = Callable[[str], str | None]

_ACCEPTANCE_S = 0.005


@dataclass(frozen=True)
class Deployment:
    """A function as deployed: its handler may be the infected one."""

    function: Function
    handler: str
    variables: Mapping[str, str]
    version: str = "1"


@dataclass(frozen=True)
class _Job:
    """One invocation to run: the trace and the segment that it belongs to."""

    deployment: Deployment
    payload: bytes
    context: TraceContext
    request_id: str
    trigger: str
    client: Caller | None = None

    @property
    def name(self) -> str:
        return self.deployment.function.name


class LambdaService:
    """All deployed functions; one invocation runs at a time, nested ones inside their caller's."""

    def __init__(
        self, foundation: Foundation, pool: WorkerPool, daemon: XRayDaemon, choose_attack: ChooseAttack
    ) -> None:
        self._base = foundation
        self._pool = pool
        self._daemon = daemon
        self._choose_attack = choose_attack
        self._resources = ResourceModel(foundation.seed)
        self.deployments: dict[str, Deployment] = {}
        self.attacked_flows: dict[str, str] = {}

    def invoke(
        self,
        name: str,
        payload: bytes,
        context: TraceContext,
        trigger: str = "lambda",
        client: Caller | None = None,
    ) -> tuple[Outcome, str]:
        """The outcome of a synchronous invocation, and its request id; `trigger` as in `FunctionRun`."""
        start = self._base.clock.now()
        request_id, segment_id = self._base.identifiers.request(), self._base.identifiers.segment()
        inner = TraceContext(context.root, segment_id)
        outcome = self._run(_Job(self.deployments[name], payload, inner, request_id, trigger, client))
        end = self._base.clock.advance(self._base.latency.service_tail())
        self._keep(lambda_segment(segment_id, name, context, request_id, whole_ms(start, end), 200), outcome)
        return outcome, request_id

    def invoke_later(
        self,
        name: str,
        payload: bytes,
        context: TraceContext,
        trigger: str,
        client: Caller | None = None,
    ) -> None:
        """None; `trigger` (`sns`, `s3`, `events`, or `lambda` for its API) queues an invocation."""
        arrival = self._base.clock.now() + self._base.latency.delivery(trigger)
        begin = arrival + self._base.latency.dwell()
        request_id = self._base.identifiers.request()
        job = _Job(self.deployments[name], payload, context, request_id, trigger, client)
        self._base.agenda.add(begin, lambda: self._attempt(job, arrival), root=context.root)

    def _attempt(self, job: _Job, arrival: float) -> None:
        identifiers = self._base.identifiers
        begin = self._base.clock.now()
        segment_id, attempt_id, dwell_id = (identifiers.segment() for _ in range(3))
        outcome = self._run(replace(job, context=TraceContext(job.context.root, attempt_id)))
        end = self._base.clock.advance(self._base.latency.service_tail())
        accepted = whole_ms(arrival, arrival + _ACCEPTANCE_S)
        segment = lambda_segment(segment_id, job.name, job.context, job.request_id, accepted, 202)
        segment["subsegments"] = attempt_subsegments(dwell_id, attempt_id, arrival, begin, end)
        self._keep(segment, outcome)

    def _keep(self, segment: Document, outcome: Outcome) -> None:
        self._base.traces.add_segment({**segment, "error": True} if outcome.failed else segment)

    def _run(self, job: _Job) -> Outcome:
        deployment, clock = job.deployment, self._base.clock
        slot, cold = self._pool.acquire(job.name, deployment.handler, deployment.variables, clock.now())
        segment_id = self._base.identifiers.segment()
        parts = [self._initialize(job.name)] if cold else []
        if not cold:
            clock.advance(self._base.latency.warm_start())
        slot.traffic = Traffic(received=len(job.payload))
        invocation, outcome = self._invocation(segment_id, job, slot)
        slot.traffic.count(sent=len(outcome.body))
        parts += [invocation, self._overhead(job.name)]
        slot.busy_until = clock.now()
        segment = function_segment(segment_id, job.name, job.context, parts, failed=outcome.failed)
        if outcome.cause:
            segment["cause"] = tidy_cause(json.loads(outcome.cause))
        self._base.traces.add_segment(segment)
        self._base.facts.runs.append(self._facts(segment, job, slot, outcome))
        return outcome

    def _facts(self, segment: Document, job: _Job, slot: Slot, outcome: Outcome) -> FunctionRun:
        parts = {part["name"]: part for part in segment["subsegments"]}
        start, end = parts["Invocation"]["start_time"], parts["Invocation"]["end_time"]
        init = parts.get("Initialization")
        slot.peak_mb = self._resources.peak_memory_mb(job.name, slot.peak_mb, slot.traffic)
        return FunctionRun(
            flow_id=segment["id"],
            trace_id=job.context.root,
            request_id=job.request_id,
            function=job.name,
            version=job.deployment.version,
            memory_mb=job.deployment.function.memory_mb,
            log_stream=slot.instance.id,
            trigger=job.trigger,
            start=start,
            end=end,
            init_s=init["end_time"] - init["start_time"] if init else None,
            status="error" if outcome.failed else "success",
            error_type=json.loads(outcome.body)["errorType"] if outcome.failed else None,
            memory_used_mb=round(slot.peak_mb),
            cpu_s=end - start,
            received_bytes=slot.traffic.received,
            sent_bytes=slot.traffic.sent,
            tmp_used_bytes=self._resources.tmp_bytes(job.name),
            client=job.client,
        )

    def _initialize(self, name: str) -> Document:
        clock, latency = self._base.clock, self._base.latency
        start = clock.advance(latency.placement())
        end = clock.advance(latency.initialization())
        clock.advance(latency.after_initialization())
        return function_part(self._base.identifiers.segment(), "Initialization", name, start, end)

    def _invocation(self, segment_id: str, job: _Job, slot: Slot) -> tuple[Document, Outcome]:
        clock, latency = self._base.clock, self._base.latency
        part_id = self._base.identifiers.segment()
        intrusion = self._base.running.intruding
        attack = None if intrusion else self._choose_attack(job.name)
        if label := intrusion or attack:
            self.attacked_flows[segment_id] = label
        start = clock.advance(latency.runtime_turn())
        invocation = Invocation(
            request_id=job.request_id,
            trace_header=TraceContext(job.context.root, part_id).header(),
            payload=job.payload,
            deadline=start + job.deployment.function.timeout_s,
            function_arn=function_arn(job.name),
            client_context=json.dumps({"custom": {"attack": attack}}) if attack else None,
        )
        with self._base.running.inside(slot):
            outcome = run_invocation(slot.instance, invocation)
        self._daemon.settle()
        end = clock.advance(latency.handler_end())
        part = function_part(part_id, "Invocation", job.name, start, end)
        return ({**part, "error": True} if outcome.failed else part), outcome

    def _overhead(self, name: str) -> Document:
        start = self._base.clock.advance(self._base.latency.runtime_turn())
        end = self._base.clock.advance(self._base.latency.runtime_overhead())
        return function_part(self._base.identifiers.segment(), "Overhead", name, start, end)
