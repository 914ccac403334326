"""The capped pool of processes that stand for Lambda instances."""

import json
import subprocess
import sys
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from random import Random
from typing import IO

from coldtrail_testbed.clock import VirtualClock
from coldtrail_testbed.cloud.identifiers import Identifiers
from coldtrail_testbed.cloud.instances import Fleet, Slot
from coldtrail_testbed.cloud.runtime_api import Instance, RuntimeApi
from coldtrail_testbed.errors import RunFailedError

_START_TIMEOUT_S = 60.0
_LOOK_EVERY_S = 0.25
_STILL_RUNNING = -1


class WorkerPool:
    """Real `awslambdaric` processes, at most `limit` at a time.

    When they are too many, the process that was used least recently ends, and its instance gets a new one
    when it works again: still warm in virtual time, but without what its handler kept in memory. An instance
    at work keeps its process, whatever the limit. `computed` counts the virtual CPU seconds of all handlers.
    """

    computed: VirtualClock

    def __init__(
        self, api: RuntimeApi, api_address: str, identifiers: Identifiers, generator: Random, *, limit: int
    ) -> None:
        self._api = api
        self._api_address = api_address
        self._identifiers = identifiers
        self._limit = limit
        self._fleet = Fleet(generator)
        self._turns = count(1)
        self._server: subprocess.Popen[str] | None = None

    def open(self, environment: Mapping[str, str], log: IO[bytes]) -> None:
        """None; the fork server starts, and writes what its instances print to `log`."""
        self.computed = VirtualClock.create(Path(environment["TESTBED_COMPUTED"]), 0.0)
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
        """An instance for one invocation, in use until `release` or `end`, and whether it is cold."""
        for gone in self._fleet.gone(function, now):
            self.end(gone)
        warm = self._fleet.find(function, now)
        slot = warm or self._fleet.add(self._identifiers.segment(), function, handler, variables, now)
        slot.in_use = True
        slot.last_turn = next(self._turns)
        if not slot.pid:
            self._start(slot)
        return slot, warm is None

    def release(self, slot: Slot, begin: float, end: float) -> None:
        """None; `slot` worked from `begin` to `end` and is free again."""
        self._fleet.worked(slot, begin, end)

    def end(self, slot: Slot) -> int:
        """The wait status of the instance's process (`os.waitpid`); the instance is gone."""
        self._fleet.remove(slot)
        slot.in_use = False
        return self._stop(slot)

    def retire(self, function: str) -> None:
        """None; no later invocation of `function` finds a warm instance of today's."""
        for slot in self._fleet.of(function):
            if slot.in_use:
                slot.expires = slot.born
            else:
                self.end(slot)

    def process_ids(self) -> list[int]:
        """The ids of all processes of this pool, the fork server first."""
        server = [self._server.pid] if self._server else []
        return server + [slot.pid for slot in self._fleet.with_process()]

    def close(self) -> None:
        """None; every process of the pool has ended."""
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
        self._server = None

    def _start(self, slot: Slot) -> None:
        self._make_room()
        # A process of its own number: what an earlier one did late does not reach this one.
        slot.starts += 1
        slot.instance = Instance(f"{slot.id}-{slot.starts}", slot.function)
        self._api.register(slot.instance)
        environment = {**slot.variables, **self._runtime_variables(slot, slot.instance)}
        slot.pid = self._order({"start": slot.handler, "environment": environment})
        self._await(slot, slot.instance)

    def _await(self, slot: Slot, instance: Instance) -> None:
        for _ in range(int(_START_TIMEOUT_S / _LOOK_EVERY_S)):
            if instance.ready.wait(_LOOK_EVERY_S):
                return
            if self._order({"look": slot.pid}) != _STILL_RUNNING:
                return
        raise RunFailedError(f"the process of {slot.function} did not connect in time; record again")

    def _make_room(self) -> None:
        while len(working := self._fleet.with_process()) >= self._limit:
            idle = [slot for slot in working if not slot.in_use]
            if not idle:
                return
            self._stop(min(idle, key=lambda slot: slot.last_turn))

    def _stop(self, slot: Slot) -> int:
        if slot.instance is None or not slot.pid:
            return 0
        status = self._order({"end": slot.pid})
        self._api.forget(slot.instance)
        slot.instance, slot.pid = None, 0
        return status

    def _order(self, order: Mapping[str, object]) -> int:
        if self._server is None or self._server.stdin is None or self._server.stdout is None:
            raise RunFailedError("the worker processes cannot be reached; record again")
        self._server.stdin.write(json.dumps(order) + "\n")
        self._server.stdin.flush()
        answer = self._server.stdout.readline()
        if not answer:
            raise RunFailedError("the server of the worker processes ended early; record again")
        return int(answer)

    def _runtime_variables(self, slot: Slot, instance: Instance) -> dict[str, str]:
        return {
            "AWS_LAMBDA_RUNTIME_API": f"{self._api_address}/{instance.id}",
            "AWS_LAMBDA_FUNCTION_NAME": slot.function,
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{slot.function}",
            "AWS_LAMBDA_LOG_STREAM_NAME": slot.log_stream,
            "AWS_ACCESS_KEY_ID": slot.access_key,
            "AWS_SESSION_TOKEN": slot.session_token,
        }
