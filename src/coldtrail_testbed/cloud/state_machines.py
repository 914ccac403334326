"""Executions of state machines: moto interprets them, this module times and traces them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from coldtrail_testbed.clock import VirtualClock
from coldtrail_testbed.cloud.agenda import Agenda
from coldtrail_testbed.cloud.identifiers import ACCOUNT, REGION, Identifiers, function_arn
from coldtrail_testbed.cloud.lambda_service import LambdaService
from coldtrail_testbed.cloud.latency import LatencyModel
from coldtrail_testbed.cloud.runtime_api import Outcome
from coldtrail_testbed.cloud.service_segments import Document, parent_of, state_call_subsegment, whole_ms
from coldtrail_testbed.cloud.traces import TraceStore
from coldtrail_testbed.cloud.tracing import TraceContext


@dataclass
class _Execution:
    root: str
    states: list[Document] = field(default_factory=list)
    failed: bool = False


class StateMachineService:
    """Starts executions on the agenda and writes their segments; moto's interpreter calls back into it."""

    def __init__(
        self,
        clock: VirtualClock,
        lambdas: LambdaService,
        traces: TraceStore,
        identifiers: Identifiers,
        latency: LatencyModel,
        agenda: Agenda,
    ) -> None:
        self._clock = clock
        self._lambdas = lambdas
        self._traces = traces
        self._identifiers = identifiers
        self._latency = latency
        self._agenda = agenda
        self._current: _Execution | None = None

    def start(self, context: TraceContext, machine_arn: str, execution_arn: str, run: Callable[[], bool]) -> None:
        """None; `run`, which returns whether the execution succeeded, is on the agenda."""
        begin = self._clock.now() + self._latency.state_transition()
        self._agenda.add(begin, lambda: self._execute(context, machine_arn, execution_arn, run))

    def _execute(
        self, context: TraceContext, machine_arn: str, execution_arn: str, run: Callable[[], bool]
    ) -> None:
        start = self._clock.now()
        execution = self._current = _Execution(context.root)
        succeeded = run()
        self._current = None
        end = self._clock.advance(self._latency.state_transition())
        self._traces.add_segment(
            {
                "id": self._identifiers.segment(),
                "name": machine_arn.rsplit(":", 1)[-1],
                **whole_ms(start, end),
                "trace_id": context.root,
                **parent_of(context),
                **({} if succeeded else {"fault": True}),
                "aws": {"resource_arn": execution_arn},
                "origin": "AWS::StepFunctions::StateMachine",
                "resource_arn": machine_arn,
                "cause": {},
                "subsegments": execution.states,
            }
        )

    @contextmanager
    def state(self, name: str) -> Iterator[None]:
        """The time in which the interpreter is in state `name`."""
        start = self._clock.advance(self._latency.state_transition())
        document: Document = {"id": self._identifiers.segment(), "name": name, "cause": {}}
        document["subsegments"] = []
        if self._current:
            self._current.states.append(document)
        try:
            yield
        except Exception:
            document["fault"] = True
            raise
        finally:
            document.update(whole_ms(start, self._clock.now()))
            if any(call.get("fault") for call in document["subsegments"]):
                document["fault"] = True
            if not document["subsegments"]:
                del document["subsegments"]

    def invoke_function(self, name: str, payload: bytes) -> Outcome:
        """The outcome of a Lambda task of the current state."""
        execution = self._require()
        start, identifier = self._clock.now(), self._identifiers.segment()
        context = TraceContext(execution.root, identifier)
        outcome, request_id = self._lambdas.invoke(name, payload, context)
        aws = {
            "retries": 0,
            "log_type": "Tail",
            "status_code": 200,
            "account_id": ACCOUNT,
            "function_name": function_arn(name),
            "invocation_type": "RequestResponse",
            "region": REGION,
            "operation": "Invoke",
            "request_id": request_id,
            "resource_names": [name],
        }
        response = {"status": 200, "content_length": len(outcome.body)}
        times = whole_ms(start, self._clock.now())
        call = state_call_subsegment(identifier, "Lambda", times, aws, response)
        self._add_call({**call, "fault": True} if outcome.failed else call)
        return outcome

    def call_context(self) -> tuple[str, TraceContext]:
        """A new subsegment id for a service call of the current state, and the context it passes on."""
        identifier = self._identifiers.segment()
        return identifier, TraceContext(self._require().root, identifier)

    def service_called(self, identifier: str, call: dict[str, Any], start: float, status: int) -> None:
        """None; the current state called another service. `call` holds its name, operation and resource."""
        aws: dict[str, Any] = {"retries": 0, "region": REGION, "operation": call["operation"]}
        aws |= {"request_id": call["request_id"], **call["resource"]}
        aws["resource_names"] = list(call["resource"].values())
        times = whole_ms(start, self._clock.now())
        document = state_call_subsegment(identifier, call["service"], times, aws, {"status": status})
        self._add_call({**document, "fault": True} if status >= 400 else document)

    def _add_call(self, call: Document) -> None:
        self._require().states[-1]["subsegments"].append(call)

    def _require(self) -> _Execution:
        if self._current is None:
            raise RuntimeError("a state machine's task ran outside of an execution")
        return self._current
