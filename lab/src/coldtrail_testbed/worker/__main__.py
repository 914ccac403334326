"""The fork server: one process imports everything once and forks a real Lambda runtime client per instance.

It reads one JSON order a line from its standard input and answers each with a line: `{"start": handler,
"environment": {...}}` with the process id; `{"look": process id}` with the wait status of a process that has
ended, -1 while it runs; `{"end": process id}` with the wait status, once the process has been ended. When its
input closes, because the run ended in whatever way, it ends its children and then itself.
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
    clock, computed = (VirtualClock(Path(os.environ[f"TESTBED_{name}"])) for name in ("CLOCK", "COMPUTED"))
    time_source.install(clock)
    _import_everything()
    children = Children()
    for line in sys.stdin:
        order = json.loads(line)
        if "end" in order:
            answer = children.end(order["end"])
        elif "look" in order:
            answer = children.look(order["look"])
        else:
            answer = children.start(clock, computed, order["start"], order["environment"])
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()
    children.end_all()
    if "TESTBED_FOLDER" in os.environ:
        # A run that was killed cannot clean up after itself.
        shutil.rmtree(os.environ["TESTBED_FOLDER"], ignore_errors=True)


class Children:
    """The processes that were forked here, and the wait status of those that ended by themselves."""

    def __init__(self) -> None:
        self._alive: set[int] = set()
        self._ended: dict[int, int] = {}

    def start(
        self, clock: VirtualClock, computed: VirtualClock, handler: str, environment: dict[str, str]
    ) -> int:
        """The id of a new process that is an instance; the new process does not come back."""
        server = os.getpid()
        child = os.fork()
        if child == 0:
            _become_instance(clock, computed, server, handler, environment)
        self._alive.add(child)
        return child

    def look(self, child: int) -> int:
        """The wait status of `child`, -1 while it runs."""
        if child in self._alive:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                self._alive.remove(child)
                self._ended[child] = status
        return self._ended.get(child, -1)

    def end(self, child: int) -> int:
        """The wait status of `child`, which has been killed if it was still running."""
        if child not in self._alive:
            return self._ended.pop(child, 0)
        self._alive.remove(child)
        os.kill(child, signal.SIGKILL)
        return os.waitpid(child, 0)[1]

    def end_all(self) -> None:
        """None; no child runs any more."""
        for child in list(self._alive):
            self.end(child)


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


def _become_instance(
    clock: VirtualClock, computed: VirtualClock, server: int, handler: str, environment: dict[str, str]
) -> None:
    status = 1
    try:
        _end_with(server)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
        os.environ.update(environment)
        from awslambdaric.__main__ import main as run_runtime

        from coldtrail_testbed.worker.sandbox import Sandbox

        Sandbox(clock, computed, environment["AWS_LAMBDA_LOG_STREAM_NAME"]).install()
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
