"""One run of a function on one instance: its time, its segment, its fact, and the ways in which it fails."""

import json
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass, replace

from coldtrail_testbed.applications.model import Function
from coldtrail_testbed.cloud.causes import tidy_cause, tidy_error
from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.identifiers import function_arn
from coldtrail_testbed.cloud.identities import function_caller
from coldtrail_testbed.cloud.instances import Slot
from coldtrail_testbed.cloud.resource_use import ResourceModel, Traffic
from coldtrail_testbed.cloud.runtime_api import (
    Invocation,
    Outcome,
    ProcessEndedError,
    ProcessHungError,
    run_invocation,
)
from coldtrail_testbed.cloud.service_segments import Document, function_part, function_segment
from coldtrail_testbed.cloud.tracing import TraceContext
from coldtrail_testbed.cloud.worker_pool import WorkerPool
from coldtrail_testbed.cloud.xray_daemon import XRayDaemon
from coldtrail_testbed.facts import Caller, FunctionRun, Status

_TIMED_OUT = "Sandbox.Timedout"
_EXITED = "Runtime.ExitError"
_NO_TIME_S = 1e-6


@dataclass(frozen=True)
class Deployment:
    """A function as deployed: its handler may be the infected one; `code` stands for its package."""

    function: Function
    handler: str
    variables: Mapping[str, str]
    version: str = "1"
    code: str = ""
    layers: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()

    @property
    def own_handler(self) -> str:
        """The function's own handler, infected or not."""
        return self.variables.get("TESTBED_HANDLER", self.handler)

    def environment(self) -> dict[str, str]:
        """The environment variables of its instances."""
        return {
            **self.variables,
            "AWS_LAMBDA_FUNCTION_VERSION": self.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.function.memory_mb),
        }


@dataclass(frozen=True)
class Job:
    """One invocation to run: the trace and the segment that it belongs to, and what woke the function."""

    deployment: Deployment
    payload: bytes
    context: TraceContext
    request_id: str
    trigger: str
    client: Caller | None = None

    @property
    def name(self) -> str:
        """The function's name."""
        return self.deployment.function.name

    @property
    def arn(self) -> str:
        """The ARN of the version that runs."""
        return function_arn(self.name, self.deployment.version)


@dataclass(frozen=True)
class _Turn:
    """What the handler's turn came to: its `Invocation` part, the outcome, the CPU seconds that it took."""

    part: Document
    outcome: Outcome
    cpu_s: float


class FunctionRunner:
    """Runs invocations, nested ones inside their caller's, and writes what X-Ray and Lambda know of them."""

    def __init__(
        self,
        foundation: Foundation,
        pool: WorkerPool,
        daemon: XRayDaemon,
        attack_memory_mb: Mapping[str, float] | None = None,
    ) -> None:
        self._base = foundation
        self._pool = pool
        self._daemon = daemon
        self._resources = ResourceModel(foundation.seed)
        self._attack_memory_mb = attack_memory_mb or {}
        self._nested_cpu: list[float] = []

    def run(self, job: Job, flow_id: str, attack: str | None) -> Outcome:
        """The outcome of `job`, whose flow gets the id `flow_id`; `attack` is what the invocation carries."""
        begin = self._base.clock.now()
        slot, cold = self._acquire(job, begin)
        parts = [self._initialization(job, slot)] if cold else []
        if not cold:
            self._base.clock.advance(self._base.latency.warm_start())
        slot.traffic = Traffic(received=len(job.payload))
        turn = self._turn(job, slot, attack)
        slot.traffic.count(sent=len(turn.outcome.body))
        parts += [turn.part, self._overhead(job)]
        if slot.in_use:
            self._pool.release(slot, begin, self._base.clock.now())
        segment = function_segment(flow_id, job.arn, job.context, parts, failed=turn.outcome.failed)
        if turn.outcome.cause:
            segment["cause"] = tidy_cause(json.loads(turn.outcome.cause), job.deployment.own_handler)
        self._base.traces.add_segment(segment)
        extra_mb = self._attack_memory_mb.get(attack or "", 0.0)
        self._base.facts.runs.append(self._fact(segment, job, slot, turn, extra_mb))
        return turn.outcome

    def _acquire(self, job: Job, now: float) -> tuple[Slot, bool]:
        deployment = job.deployment
        slot, cold = self._pool.acquire(job.name, deployment.handler, deployment.environment(), now)
        if cold:
            self._base.identities.register(function_caller(job.name, slot.access_key))
        return slot, cold

    def _initialization(self, job: Job, slot: Slot) -> Document:
        clock, latency = self._base.clock, self._base.latency
        start = clock.advance(latency.placement())
        end = clock.advance(latency.initialization())
        clock.advance(latency.after_initialization())
        part = function_part(self._base.identifiers.segment(), "Initialization", job.arn, start, end)
        return part if slot.instance and slot.instance.is_ready else {**part, "error": True}

    def _turn(self, job: Job, slot: Slot, attack: str | None) -> _Turn:
        clock = self._base.clock
        part_id = self._base.identifiers.segment()
        start = clock.advance(self._base.latency.runtime_turn())
        # The runtime is told whole milliseconds.
        deadline = int((start + job.deployment.function.timeout_s) * 1000) / 1000
        invocation = Invocation(
            request_id=job.request_id,
            trace_header=TraceContext(job.context.root, part_id).header(),
            payload=job.payload,
            deadline=deadline,
            function_arn=function_arn(job.name),
            client_context=json.dumps({"custom": {"attack": attack}}) if attack else None,
        )
        computed, outcome = self._computing(slot, invocation)
        if outcome.failed:
            outcome = replace(outcome, body=tidy_error(outcome.body, job.deployment.own_handler))
        self._daemon.settle()
        tail = self._base.latency.handler_end()
        if outcome.error_type == _TIMED_OUT or clock.now() > deadline - _NO_TIME_S:
            outcome = self._timed_out(job, slot)
            clock.set(deadline)
        else:
            clock.advance(min(tail, deadline - clock.now()))
        part = function_part(part_id, "Invocation", job.arn, start, clock.now())
        return _Turn({**part, "error": True} if outcome.failed else part, outcome, computed + tail)

    def _computing(self, slot: Slot, invocation: Invocation) -> tuple[float, Outcome]:
        """The CPU seconds that the handler itself computed, without those of nested runs, and its outcome."""
        meter = self._pool.computed
        before = meter.now()
        self._nested_cpu.append(0.0)
        outcome = self._answer(slot, invocation)
        total = meter.now() - before
        own = total - self._nested_cpu.pop()
        if self._nested_cpu:
            self._nested_cpu[-1] += total
        return own, outcome

    def _answer(self, slot: Slot, invocation: Invocation) -> Outcome:
        instance = slot.instance
        if instance is None or not instance.is_ready:
            status = self._pool.end(slot)
            failed = instance.initialization_error if instance else None
            return failed or _exited(invocation.request_id, status)
        try:
            with self._base.running.inside(slot):
                return run_invocation(instance, invocation, progress=self._base.running.progress)
        except ProcessEndedError:
            return _exited(invocation.request_id, self._pool.end(slot))
        except ProcessHungError:
            self._pool.end(slot)
            return _failure(_TIMED_OUT, invocation.request_id, "")

    def _timed_out(self, job: Job, slot: Slot) -> Outcome:
        if slot.pid:
            self._pool.end(slot)
        seconds = job.deployment.function.timeout_s
        return _failure(_TIMED_OUT, job.request_id, f"Task timed out after {seconds:.2f} seconds")

    def _overhead(self, job: Job) -> Document:
        start = self._base.clock.advance(self._base.latency.runtime_turn())
        end = self._base.clock.advance(self._base.latency.runtime_overhead())
        return function_part(self._base.identifiers.segment(), "Overhead", job.arn, start, end)

    def _fact(self, segment: Document, job: Job, slot: Slot, turn: _Turn, extra_mb: float) -> FunctionRun:
        parts = {part["name"]: part for part in segment["subsegments"]}
        init = parts.get("Initialization")
        memory_mb = job.deployment.function.memory_mb
        slot.peak_mb = self._resources.peak_memory_mb(job.name, slot.peak_mb, slot.traffic)
        slot.peak_mb = max(slot.peak_mb, min(slot.peak_mb, memory_mb) + extra_mb)
        return FunctionRun(
            flow_id=segment["id"],
            trace_id=job.context.root,
            request_id=job.request_id,
            function=job.name,
            version=job.deployment.version,
            memory_mb=memory_mb,
            log_stream=slot.log_stream,
            trigger=job.trigger,
            start=turn.part["start_time"],
            end=turn.part["end_time"],
            init_s=init["end_time"] - init["start_time"] if init else None,
            status=_status(turn.outcome),
            error_type=turn.outcome.error_type,
            memory_used_mb=min(memory_mb, round(slot.peak_mb)),
            cpu_s=turn.cpu_s,
            received_bytes=slot.traffic.received,
            sent_bytes=slot.traffic.sent,
            tmp_used_bytes=self._resources.tmp_bytes(job.name),
            client=job.client,
            extensions=job.deployment.extensions,
        )


def _status(outcome: Outcome) -> Status:
    if not outcome.failed:
        return "success"
    return "timeout" if outcome.error_type == _TIMED_OUT else "error"


def _exited(request_id: str, status: int) -> Outcome:
    """The outcome of a run whose process went away with wait status `status`, in Lambda's words."""
    code = os.waitstatus_to_exitcode(status)
    if code == 0:
        return _failure(_EXITED, request_id, "Runtime exited without providing a reason")
    reason = f"exit status {code}" if code > 0 else f"signal: {_signal(-code)}"
    return _failure(_EXITED, request_id, f"Runtime exited with error: {reason}")


def _signal(number: int) -> str:
    return (signal.strsignal(number) or str(number)).lower()


def _failure(kind: str, request_id: str, message: str) -> Outcome:
    body = {"errorType": kind, "errorMessage": f"RequestId: {request_id} Error: {message}"}
    return Outcome(json.dumps(body).encode(), failed=True)
