"""Step Functions: the interpreter's way through the states of an execution."""

import json
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import moto.stepfunctions.parser.asl.component.common.retry.retrier_decl as moto_retry
import moto.stepfunctions.parser.asl.component.state.exec.state_task.lambda_eval_utils as moto_lambda_task
import moto.stepfunctions.parser.asl.utils.boto_client as moto_boto_client
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.inline_iteration_component import (  # noqa: E501 - its name
    InlineIterationComponent,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.iteration_worker import (
    IterationWorker,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.branch_worker import BranchWorker
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.branches_decl import BranchesDecl
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction

from coldtrail_testbed.cloud.clients import local_client
from coldtrail_testbed.cloud.identifiers import function_of
from coldtrail_testbed.cloud.identities import STATE_MACHINES
from coldtrail_testbed.cloud.moto_hooks.events import CloudEvents
from coldtrail_testbed.cloud.moto_hooks.replacing import Replace


def install(replace: Replace, events: CloudEvents, endpoint: str) -> None:
    """None; states call services at `endpoint`, one after the other and in virtual time."""
    component = InlineIterationComponent
    replace(CommonStateField, "_eval_body", _state(events, CommonStateField._eval_body))
    replace(moto_retry, "time", SimpleNamespace(sleep=events.sleep))
    replace(WaitFunction, "_wait_interval", _wait(events))
    replace(moto_lambda_task, "execute_lambda_function_integration", _lambda_task(events))
    replace(moto_boto_client, "boto3", _CachedClients(events, endpoint))
    replace(BranchesDecl, "_eval_body", _branches(events, BranchesDecl._eval_body))
    replace(BranchWorker, "start", _run_branch(events))
    replace(component, "_eval_body", _iterations(events, component._eval_body))
    replace(component, "_launch_worker", _run_iterations)
    replace(IterationWorker, "_eval_job", _iteration(events, IterationWorker._eval_job))


def _state(events: CloudEvents, original: Callable[..., None]) -> Callable[..., None]:
    """The interpreter's step from state to state, seen from outside."""

    def evaluate(state: Any, env: Any) -> None:
        with events.state(state.name):
            original(state, env)

    return evaluate


def _wait(events: CloudEvents) -> Callable[..., None]:
    """Wait states pass in virtual time."""

    def wait_interval(_wait_function: Any, _env: Any = None, **options: Any) -> None:
        events.sleep(max(options["wait_seconds"], 0))

    return wait_interval


def _lambda_task(events: CloudEvents) -> Callable[..., None]:
    """A Lambda task goes straight to the Lambda service, with its trace context."""

    def execute(env: Any, parameters: Mapping[str, Any], region: str, state_credentials: Any) -> None:
        function = function_of(parameters["FunctionName"])
        outcome = events.invoke_from_state(function, parameters.get("Payload") or b"{}")
        if outcome.failed:
            raise moto_lambda_task.LambdaFunctionErrorException("Unhandled", outcome.body.decode())
        payload = json.loads(outcome.body)
        env.stack.append({"StatusCode": 200, "Payload": payload, "ExecutedVersion": outcome.version})

    return execute


class _CachedClients:
    """Stands for `boto3` where states make their clients: each client is made once, and observed."""

    def __init__(self, events: CloudEvents, endpoint: str) -> None:
        self._events = events
        self._endpoint = endpoint
        self._clients: dict[str, Any] = {}

    def client(self, service_name: str, **_: Any) -> Any:
        """The client of `service_name`."""
        if service_name not in self._clients:
            client = local_client(service_name, self._endpoint, access_key=STATE_MACHINES.access_key)
            self._clients[service_name] = client
            self._events.observe_client(service_name, self._clients[service_name])
        return self._clients[service_name]


def _branches(events: CloudEvents, original: Callable[..., None]) -> Callable[..., None]:
    """The branches of a Parallel state, which moto runs in threads of their own."""

    def evaluate(branches: Any, env: Any) -> None:
        with events.side_by_side(len(branches.programs)):
            original(branches, env)

    return evaluate


def _run_branch(events: CloudEvents) -> Callable[[Any], None]:
    """One branch after the other; X-Ray names them by their number, from 0."""

    def start(worker: Any) -> None:
        pool = worker._branch_worker_comm
        number = pool.branches_begun = getattr(pool, "branches_begun", -1) + 1
        with events.branch(f"Branch {number}"):
            worker._program.eval(worker.env)
        pool.on_terminated(env=worker.env)

    return start


def _iterations(events: CloudEvents, original: Callable[..., None]) -> Callable[..., None]:
    """The iterations of an inline Map state, of which moto runs `MaxConcurrency` at once, 0 meaning all."""

    def evaluate(component: Any, env: Any) -> None:
        chosen = env.stack[-1]
        with events.side_by_side(chosen.max_concurrency or max(len(chosen.input_items), 1)):
            original(component, env)

    return evaluate


def _run_iterations(component: Any, env: Any, eval_input: Any, job_pool: Any) -> Any:
    """The worker, which has done every iteration that was left."""
    worker = component._create_worker(env=env, eval_input=eval_input, job_pool=job_pool)
    worker.eval()
    return worker


def _iteration(events: CloudEvents, original: Callable[..., None]) -> Callable[..., None]:
    def evaluate(worker: Any, env: Any, job: Any) -> None:
        with events.branch(f"Iteration {job.job_index}"):
            original(worker, env, job)

    return evaluate
