"""The capped pool of processes that stand for Lambda instances: warm ones serve again, idle ones expire."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import IO

from coldtrail_testbed.cloud.identifiers import Identifiers
from coldtrail_testbed.cloud.resource_use import Traffic
from coldtrail_testbed.cloud.runtime_api import Instance, RuntimeApi
from coldtrail_testbed.errors import TestbedError

# AWS documents neither limit: measurements see instances kept for about 5 to 15 idle minutes, and
# recycled after an hour or two.
_IDLE_LIMIT_S = (240.0, 900.0)
_AGE_LIMIT_S = (2700.0, 9000.0)
_START_TIMEOUT_S = 60.0


@dataclass
class Slot:
    """An instance and the virtual times that decide whether it is warm."""

    instance: Instance
    pid: int
    idle_limit: float
    expires: float
    busy_until: float
    calls: int = 0
    traffic: Traffic = field(default_factory=Traffic)
    peak_mb: float = 0.0

    def is_warm(self, now: float) -> bool:
        """Whether this instance can take an invocation at virtual time `now`."""
        return self.busy_until <= now < min(self.expires, self.busy_until + self.idle_limit)


class WorkerPool:
    """Real `awslambdaric` processes, at most `limit` at a time."""

    def __init__(
        self, api: RuntimeApi, api_address: str, identifiers: Identifiers, generator: Random, *, limit: int
    ) -> None:
        self._api = api
        self._api_address = api_address
        self._identifiers = identifiers
        self._generator = generator
        self._limit = limit
        self._slots: list[Slot] = []
        self._server: subprocess.Popen[str] | None = None

    def open(self, environment: Mapping[str, str], log: IO[bytes]) -> None:
        """None; the fork server starts, and writes what its instances print to `log`."""
        self._server = subprocess.Popen(
            [sys.executable, "-m", "coldtrail_testbed.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=dict(environment),
            text=True,
            start_new_session=True,
        )

    def acquire(
        self, function: str, handler: str, variables: Mapping[str, str], now: float
    ) -> tuple[Slot, bool]:
        """A slot for one invocation, and whether its instance is cold."""
        for slot in [slot for slot in self._slots if slot.instance.function == function]:
            if slot.is_warm(now):
                return slot, False
            if slot.busy_until <= now:
                self._end(slot)
        return self._start(function, handler, variables, now), True

    def process_ids(self) -> list[int]:
        """The ids of all processes of this pool, the fork server first."""
        server = [self._server.pid] if self._server else []
        return server + [slot.pid for slot in self._slots]

    def close(self) -> None:
        """None; every process of the pool has ended."""
        self._slots.clear()
        if self._server is None:
            return
        for pipe in (self._server.stdin, self._server.stdout):
            if pipe:
                pipe.close()
        try:
            self._server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()

    def _start(self, function: str, handler: str, variables: Mapping[str, str], now: float) -> Slot:
        while len(self._slots) >= self._limit:
            self._end(min(self._slots, key=lambda slot: slot.busy_until))
        instance = Instance(self._identifiers.segment(), function)
        self._api.register(instance)
        environment = {**variables, **self._runtime_variables(instance)}
        pid = self._order({"start": handler, "environment": environment})
        idle_limit = self._generator.uniform(*_IDLE_LIMIT_S)
        expires = now + self._generator.uniform(*_AGE_LIMIT_S)
        slot = Slot(instance, pid, idle_limit, expires, busy_until=now)
        self._slots.append(slot)
        if not instance.ready.wait(_START_TIMEOUT_S) or instance.initialization_error:
            reason = instance.initialization_error or "it did not connect in time"
            raise TestbedError(f"the process of {function} did not start: {reason}")
        return slot

    def _order(self, order: Mapping[str, object]) -> int:
        if self._server is None or self._server.stdin is None or self._server.stdout is None:
            raise TestbedError("the worker processes cannot be reached; record again")
        self._server.stdin.write(json.dumps(order) + "\n")
        self._server.stdin.flush()
        answer = self._server.stdout.readline()
        if not answer:
            raise TestbedError("the server of the worker processes ended early; record again")
        return int(answer)

    def _runtime_variables(self, instance: Instance) -> dict[str, str]:
        name = instance.function
        return {
            "AWS_LAMBDA_RUNTIME_API": f"{self._api_address}/{instance.id}",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": instance.id,
        }

    def _end(self, slot: Slot) -> None:
        self._slots.remove(slot)
        self._order({"end": slot.pid})
        self._api.forget(slot.instance)
