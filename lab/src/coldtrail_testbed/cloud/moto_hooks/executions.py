"""Step Functions: executions from their start to their end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import moto.stepfunctions.parser.asl.utils.json_path as moto_json_path
from moto.core.config import default_user_config
from moto.moto_api._internal import mock_random
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker
from moto.stepfunctions.parser.models import StepFunctionsParserBackend, stepfunctions_parser_backends
from moto.stepfunctions.parser.utils import TMP_THREADS

from coldtrail_testbed.cloud.moto_hooks.events import CloudEvents
from coldtrail_testbed.cloud.moto_hooks.replacing import Replace
from coldtrail_testbed.cloud.state_machines import PendingExecution


def install(replace: Replace, events: CloudEvents) -> None:
    """None; executions wait for their turn, and what they are made of is parsed once."""
    backend, parser = StepFunctionsParserBackend, AmazonStateLanguageParser
    replace(backend, "start_execution", _named(backend.start_execution))
    replace(ExecutionWorker, "start", _start_execution(events))
    # The parsed program does not change, nor does a path into a state's data.
    replace(parser, "parse", staticmethod(cache(parser.parse)))
    replace(moto_json_path, "parse", cache(vars(moto_json_path)["parse"]))


@contextmanager
def executed() -> Iterator[None]:
    """A context in which moto interprets state machines instead of only storing them."""
    previous = default_user_config["stepfunctions"]
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    try:
        yield
    finally:
        default_user_config["stepfunctions"] = previous
        TMP_THREADS.clear()


def _named(original: Callable[..., Any]) -> Callable[..., Any]:
    """Moto gives no name to an execution whose caller gave none: Step Functions draws a UUID."""

    def start_execution(
        backend: Any, state_machine_arn: str, name: str | None = None, *arguments: Any, **options: Any
    ) -> Any:
        return original(backend, state_machine_arn, name or str(mock_random.uuid4()), *arguments, **options)

    return start_execution


def _start_execution(events: CloudEvents) -> Callable[[Any], None]:
    """Executions wait for their turn on the agenda instead of running in a thread of their own."""

    def start(worker: Any) -> None:
        details = worker._evaluation_details
        machine_arn, execution_arn = details.state_machine_details.arn, details.execution_details.arn

        def run() -> bool:
            worker._execution_logic()
            TMP_THREADS.clear()
            ended = worker.env.program_state()
            _forget_execution(machine_arn, execution_arn)
            return type(ended).__name__ == "ProgramEnded"

        events.execution_started(PendingExecution(machine_arn, execution_arn, run))

    return start


def _forget_execution(machine_arn: str, execution_arn: str) -> None:
    """None; the history of an execution that ended is dropped."""
    _, _, _, region, account, *_ = machine_arn.split(":")
    machine = stepfunctions_parser_backends[account][region].describe_state_machine(machine_arn)
    machine.executions[:] = [run for run in machine.executions if run.execution_arn != execution_arn]
