"""The fork server: one process imports everything once and forks a real Lambda runtime client per instance.

It reads one JSON order a line from its standard input and answers each with a line: `{"start": handler,
"environment": {...}}` with the process id, `{"end": process id}` when that process has ended. When its input
closes, because the run ended in whatever way, it ends its children and then itself.
"""

import ctypes
import json
import os
import shutil
import signal
import sys
from pathlib import Path

from coldtrail_testbed.clock import VirtualClock
from coldtrail_testbed.worker import time_source

_PR_SET_PDEATHSIG = 1
_WARM_SERVICES = (
    *("dynamodb", "sns", "stepfunctions", "ssm", "s3", "sqs", "lambda", "ses", "secretsmanager"),
    *("mediaconvert", "mediapackage-vod"),
)


def main() -> None:
    """None; returns when the standard input is closed."""
    clock = VirtualClock(Path(os.environ["TESTBED_CLOCK"]))
    time_source.install(clock)
    _import_everything()
    children: set[int] = set()
    for line in sys.stdin:
        order = json.loads(line)
        if "end" in order:
            children.discard(order["end"])
            answer = _end(order["end"])
        else:
            answer = _start(clock, order["start"], order["environment"])
            children.add(answer)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()
    for child in children:
        _end(child)
    if "TESTBED_FOLDER" in os.environ:
        # A run that was killed cannot clean up after itself.
        shutil.rmtree(os.environ["TESTBED_FOLDER"], ignore_errors=True)


def _start(clock: VirtualClock, handler: str, environment: dict[str, str]) -> int:
    server = os.getpid()
    child = os.fork()
    if child == 0:
        _become_instance(clock, server, handler, environment)
    return child


def _end(child: int) -> int:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return child


def _import_everything() -> None:
    """None; later forks share the modules and the service models that take most of a process's start.

    The runtime client is left out: it reads the address of its Runtime API when it is imported.
    """
    import aws_xray_sdk.core  # noqa: F401
    import boto3
    import requests  # noqa: F401

    boto3.setup_default_session()
    for service in _WARM_SERVICES:
        boto3.client(service).close()


def _become_instance(clock: VirtualClock, server: int, handler: str, environment: dict[str, str]) -> None:
    status = 1
    try:
        _end_with(server)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
        os.environ.update(environment)
        from awslambdaric.__main__ import main as run_runtime

        from coldtrail_testbed.worker.sandbox import Sandbox

        Sandbox(clock, environment["AWS_LAMBDA_LOG_STREAM_NAME"]).install()
        run_runtime([sys.argv[0], handler])
        status = 0
    finally:
        os._exit(status)


def _end_with(server: int) -> None:
    """None; the kernel ends this process when the fork server does (Linux; elsewhere the closed API does)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != server:
            os._exit(1)


if __name__ == "__main__":
    main()
