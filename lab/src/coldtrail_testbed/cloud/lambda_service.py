"""The Lambda service: what is deployed, who may be invoked how, and the service's own segments."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from coldtrail_testbed.applications.model import Function
from coldtrail_testbed.cloud.foundation import Foundation, generator_for
from coldtrail_testbed.cloud.function_runs import Deployment, FunctionRunner, Job
from coldtrail_testbed.cloud.runtime_api import Outcome
from coldtrail_testbed.cloud.service_segments import (
    Document,
    attempt_subsegment,
    dwell_subsegment,
    lambda_segment,
    whole_ms,
)
from coldtrail_testbed.cloud.tracing import TraceContext
from coldtrail_testbed.cloud.worker_pool import WorkerPool
from coldtrail_testbed.cloud.xray_daemon import XRayDaemon
from coldtrail_testbed.facts import Caller

__all__ = ["ChooseAttack", "Deployment", "LambdaService"]

ChooseAttack = Callable[[str], str | None]

_ACCEPTANCE_S = 0.005
# "How Lambda handles errors and retries with asynchronous invocation": two more attempts, a minute after the
# first one and two minutes after the second one. That they are not exact to the second is our assumption.
_RETRIES_AFTER_S = (60.0, 120.0)
_RETRY_SPREAD = 0.1


@dataclass
class _Queued:
    """An asynchronous invocation, from its acceptance to its last attempt."""

    job: Job
    arrival: float
    segment: Document
    attempts: int = 0
    subsegments: list[Document] = field(default_factory=list)


class LambdaService:
    """All deployed functions; one invocation runs at a time, nested ones inside their caller's."""

    def __init__(
        self,
        foundation: Foundation,
        pool: WorkerPool,
        daemon: XRayDaemon,
        choose_attack: ChooseAttack,
        attack_memory_mb: Mapping[str, float] | None = None,
    ) -> None:
        self._base = foundation
        self._pool = pool
        self._runner = FunctionRunner(foundation, pool, daemon, attack_memory_mb)
        self._choose_attack = choose_attack
        self._retries = generator_for(foundation.seed, "retries")
        self.deployments: dict[str, Deployment] = {}
        self.attacked_flows: dict[str, str] = {}

    def add(
        self, function: Function, variables: Mapping[str, str] | None = None, handler: str | None = None
    ) -> None:
        """None; `function` is deployed, with `handler` in the place of its own one where one is given."""
        self.deployments[function.name] = Deployment(function, handler or function.handler, variables or {})

    def release(self, function: str, handler: str) -> str:
        """The new version of `function`: it runs `handler` from now on, on new instances.

        An infected function stays infected.
        """
        old = self.deployments[function]
        if "TESTBED_HANDLER" in old.variables:
            return self.replace(replace(old, variables={**old.variables, "TESTBED_HANDLER": handler}))
        return self.replace(replace(old, handler=handler))

    def replace(self, deployment: Deployment) -> str:
        """The version as which `deployment` takes the place of the one before, on new instances."""
        name = deployment.function.name
        version = str(int(self.deployments[name].version) + 1)
        self.deployments[name] = replace(deployment, version=version)
        self._pool.retire(name)
        return version

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
        outcome = self._run(Job(self.deployments[name], payload, inner, request_id, trigger, client))
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
    ) -> str:
        """The request id of a queued invocation; `trigger` is `sns`, `s3`, `events`, or `lambda` for its API.

        One that fails is tried again twice, as Lambda does.
        """
        arrival = self._base.clock.now() + self._base.latency.delivery(trigger)
        identifiers = self._base.identifiers
        request_id, segment_id = identifiers.request(), identifiers.segment()
        accepted = whole_ms(arrival, arrival + _ACCEPTANCE_S)
        segment = lambda_segment(segment_id, name, context, request_id, accepted, 202)
        job = Job(self.deployments[name], payload, context, request_id, trigger, client)
        self._queue(_Queued(job, arrival, segment), arrival + self._base.latency.dwell())
        return request_id

    def _queue(self, queued: _Queued, begin: float) -> None:
        self._base.agenda.add(begin, lambda: self._attempt(queued), root=queued.job.context.root)

    def _attempt(self, queued: _Queued) -> None:
        base, job = self._base, queued.job
        begin, attempt_id = base.clock.now(), base.identifiers.segment()
        if not queued.attempts:
            queued.subsegments.append(dwell_subsegment(base.identifiers.segment(), queued.arrival, begin))
        queued.attempts += 1
        # A version that was released since the last attempt serves this one.
        now = replace(
            job, deployment=self.deployments[job.name], context=TraceContext(job.context.root, attempt_id)
        )
        outcome = self._run(now)
        end = base.clock.advance(base.latency.service_tail())
        attempt = attempt_subsegment(attempt_id, queued.attempts, begin, end, failed=outcome.failed)
        queued.subsegments.append(attempt)
        if outcome.failed and queued.attempts <= len(_RETRIES_AFTER_S):
            wait = _RETRIES_AFTER_S[queued.attempts - 1]
            self._queue(queued, end + wait * self._retries.uniform(1 - _RETRY_SPREAD, 1 + _RETRY_SPREAD))
        else:
            self._keep({**queued.segment, "subsegments": queued.subsegments}, outcome)

    def _run(self, job: Job) -> Outcome:
        flow_id = self._base.identifiers.segment()
        intrusion = self._base.running.intruding
        attack = None if intrusion else self._choose_attack(job.name)
        if label := intrusion or attack:
            self.attacked_flows[flow_id] = label
        return self._runner.run(job, flow_id, attack)

    def _keep(self, segment: Document, outcome: Outcome) -> None:
        self._base.traces.add_segment({**segment, "error": True} if outcome.failed else segment)
