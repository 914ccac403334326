"""Executions of state machines: moto interprets them, this module times and traces them."""

import heapq
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace

from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.identifiers import REGION
from coldtrail_testbed.cloud.lambda_service import LambdaService
from coldtrail_testbed.cloud.permissions import machine_role
from coldtrail_testbed.cloud.runtime_api import Outcome
from coldtrail_testbed.cloud.service_segments import (
    Document,
    state_call_subsegment,
    state_invocation,
    state_machine_segment,
    whole_ms,
)
from coldtrail_testbed.cloud.tracing import TraceContext


@dataclass(frozen=True)
class PendingExecution:
    """An execution that was started: `run` interprets it and returns whether it succeeded."""

    machine_arn: str
    arn: str
    run: Callable[[], bool]


@dataclass(frozen=True)
class StateCall:
    """A call that a state makes to a service other than Lambda."""

    service: str
    operation: str
    resource: dict[str, str]
    identifier: str
    start: float
    context: TraceContext


@dataclass
class _Lanes:
    """The branches of a Parallel or the iterations of a Map: when each lane is free again."""

    free: list[float]
    latest: float

    def begin(self) -> float:
        return heapq.heappop(self.free)

    def end(self, time: float) -> None:
        heapq.heappush(self.free, time)
        self.latest = max(self.latest, time)


@dataclass
class _Current:
    """The execution in progress: what it holds so far, and what is open in it, the innermost last."""

    root: str
    role: str
    states: list[Document] = field(default_factory=list)
    open: list[Document] = field(default_factory=list)
    lanes: list[_Lanes] = field(default_factory=list)

    def add(self, document: Document) -> None:
        siblings = self.open[-1]["subsegments"] if self.open else self.states
        siblings.append(document)


class StateMachineService:
    """Puts executions on the agenda and writes their segments; the interpreter calls back into it."""

    def __init__(self, foundation: Foundation, lambdas: LambdaService) -> None:
        self._base = foundation
        self._lambdas = lambdas
        self._current: _Current | None = None

    def start(self, context: TraceContext, execution: PendingExecution) -> None:
        """None; `execution` is on the agenda."""
        begin = self._base.clock.now() + self._base.latency.state_transition()
        self._base.agenda.add(begin, lambda: self._execute(context, execution), root=context.root)

    def _execute(self, context: TraceContext, execution: PendingExecution) -> None:
        start = self._base.clock.now()
        current = self._current = _Current(context.root, machine_role(execution.machine_arn))
        succeeded = execution.run()
        self._current = None
        times = whole_ms(start, self._base.clock.advance(self._base.latency.state_transition()))
        identifier = self._base.identifiers.segment()
        segment = state_machine_segment(identifier, execution.machine_arn, execution.arn, context, times)
        if not succeeded:
            segment["fault"] = True
        self._base.traces.add_segment({**segment, "subsegments": current.states})

    @property
    def role(self) -> str:
        """The role under which the current execution calls."""
        return self._require().role

    def state(self, name: str) -> AbstractContextManager[None]:
        """The time in which the interpreter is in state `name`."""
        self._base.clock.advance(self._base.latency.state_transition())
        return self._inside(name)

    @contextmanager
    def side_by_side(self, lanes: int) -> Iterator[None]:
        """The time of branches of which `lanes` run at once; it ends when the last of them does."""
        now, current = self._base.clock.now(), self._require()
        current.lanes.append(_Lanes([now] * lanes, now))
        try:
            yield
        finally:
            self._base.clock.set(current.lanes.pop().latest)

    @contextmanager
    def branch(self, name: str) -> Iterator[None]:
        """The time of one branch: it starts as soon as a lane is free, be others still running or not."""
        lanes = self._require().lanes[-1]
        self._base.clock.set(lanes.begin())
        try:
            with self._inside(name):
                yield
        finally:
            lanes.end(self._base.clock.now())

    @contextmanager
    def _inside(self, name: str) -> Iterator[None]:
        start, current = self._base.clock.now(), self._require()
        document: Document = {"id": self._base.identifiers.segment(), "name": name, "cause": {}}
        document["subsegments"] = []
        current.add(document)
        current.open.append(document)
        try:
            yield
        except Exception:
            document["fault"] = True
            raise
        finally:
            current.open.pop()
            _close(document, whole_ms(start, self._base.clock.now()))

    def invoke_function(self, name: str, payload: bytes) -> Outcome:
        """The outcome of a Lambda task of the current state."""
        start, identifier = self._base.clock.now(), self._base.identifiers.segment()
        context = TraceContext(self._require().root, identifier)
        outcome, request_id = self._lambdas.invoke(name, payload, context, "states")
        times = whole_ms(start, self._base.clock.now())
        response = {"status": 200, "content_length": len(outcome.body)}
        aws = state_invocation(name, request_id)
        self._add_call(state_call_subsegment(identifier, "Lambda", times, aws, response), outcome.failed)
        return replace(outcome, version=self._lambdas.deployments[name].version)

    def begin_call(self, service: str, operation: str, resource: dict[str, str]) -> StateCall:
        """A call that the current state begins now."""
        identifier = self._base.identifiers.segment()
        context = TraceContext(self._require().root, identifier)
        return StateCall(service, operation, resource, identifier, self._base.clock.now(), context)

    def end_call(self, call: StateCall, answer: dict[str, str], status: int) -> None:
        """None; `call` of the current state ends now; `answer` is what its trace keeps of the response."""
        aws: Document = {"retries": 0, "region": REGION, "operation": call.operation}
        aws |= {**answer, **call.resource, "resource_names": list(call.resource.values())}
        times = whole_ms(call.start, self._base.clock.now())
        document = state_call_subsegment(call.identifier, call.service, times, aws, {"status": status})
        self._add_call(document, status >= 400)

    def _add_call(self, call: Document, failed: bool) -> None:
        self._require().add({**call, "fault": True} if failed else call)

    def _require(self) -> _Current:
        if self._current is None:
            raise RuntimeError("a state was evaluated outside of an execution")
        return self._current


def _close(document: Document, times: dict[str, float]) -> None:
    """None; a state, a branch or an iteration has ended, at fault when the last thing in it was."""
    document |= times
    parts = document["subsegments"]
    if parts and parts[-1].get("fault"):
        document["fault"] = True
    if not parts:
        del document["subsegments"]
