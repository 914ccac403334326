"""Processes that have imported one handler and wait for orders to fork instances of it.

Importing a handler makes its clients, which takes longer than most of its invocations; in virtual time it
takes what the model of a cold start says, whoever does it. A handler must not call anybody while it is
imported. One that cannot be imported has no original, and fails in its own instances.
"""

import json
import os
import socket
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from coldtrail_testbed.clock import VirtualClock
from coldtrail_testbed.worker.children import Children, Order, answered, fork
from coldtrail_testbed.worker.preparing import become, share_memory

if TYPE_CHECKING:
    from coldtrail_testbed.worker.sandbox import Sandbox

_OF_ONE_INSTANCE = frozenset(
    {
        "AWS_ACCESS_KEY_ID",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_SESSION_TOKEN",
    }
)
"""Variables that no handler reads while it is imported; an original has some other's."""
MOST = 64


class Originals:
    """Forks of the fork server: an original for each handler and its variables, instances of all of them."""

    def __init__(self, clock: VirtualClock, computed: VirtualClock, most: int = MOST) -> None:
        self._clocks = clock, computed
        self._most = most
        self._without = Children(lambda order: _live(order, *self._clocks))
        self._originals: dict[tuple[str, ...], _Original | None] = {}
        self._owners: dict[int, _Original] = {}

    def start(self, order: Order) -> int:
        """The id of a new process that is an instance."""
        original = self._original(order)
        if original is None:
            return self._without.start(order)
        child = original.answer(order)
        self._owners[child] = original
        return child

    def look(self, child: int) -> int:
        """The wait status of `child`, -1 while it runs."""
        owner = self._owners.get(child)
        return owner.answer({"look": child}) if owner else self._without.look(child)

    def end(self, child: int) -> int:
        """The wait status of `child`, which has been killed if it was still running."""
        owner = self._owners.pop(child, None)
        return owner.answer({"end": child}) if owner else self._without.end(child)

    def end_all(self) -> None:
        """None; no original and no instance runs any more."""
        self._without.end_all()
        for original in self._originals.values():
            if original:
                original.close()

    def _original(self, order: Order) -> "_Original | None":
        key = _key(order["start"], order["environment"])
        if key not in self._originals:
            if len(self._originals) >= self._most:
                return None
            original = _Original(order, *self._clocks)
            if not original.is_able:
                original.close()
            self._originals[key] = original if original.is_able else None
        return self._originals[key]


class _Original:
    """One original, as the fork server speaks to it: a line of JSON there, a number back."""

    def __init__(self, order: Order, clock: VirtualClock, computed: VirtualClock) -> None:
        ours, theirs = socket.socketpair()
        self._process = fork(lambda: _wait_for_orders(theirs, order, clock, computed))
        theirs.close()
        self._lines = ours.makefile("rw", encoding="utf-8")
        ours.close()
        self.is_able = self._lines.readline() == "1\n"

    def answer(self, order: Order) -> int:
        """What the original says to `order`."""
        self._lines.write(json.dumps(order) + "\n")
        self._lines.flush()
        return int(self._lines.readline())

    def close(self) -> None:
        """None; the original has ended, and its instances have before."""
        if self.is_able:
            self.answer({"close": True})
        self._lines.close()
        os.waitpid(self._process, 0)


def _wait_for_orders(
    orders: socket.socket, first: Order, clock: VirtualClock, computed: VirtualClock
) -> None:
    """None; the handler of `first` was imported, and all orders up to the one to close are answered."""
    from coldtrail_testbed.worker.sandbox import Sandbox

    lines = orders.makefile("rw", encoding="utf-8")
    os.environ.update(first["environment"])
    sandbox = Sandbox(clock, computed, "")
    sandbox.install()
    import_module(first["start"].rpartition(".")[0])
    share_memory()
    children = Children(lambda order: _live(order, clock, computed, sandbox))
    lines.write("1\n")
    lines.flush()
    for line in lines:
        order = json.loads(line)
        if "close" in order:
            children.end_all()
        lines.write(f"{0 if 'close' in order else answered(order, children)}\n")
        lines.flush()
        if "close" in order:
            return


def _live(
    order: Order, clock: VirtualClock, computed: VirtualClock, sandbox: "Sandbox | None" = None
) -> None:
    """None; this process was the instance that `order` asks for."""
    from awslambdaric.__main__ import main as run_runtime

    from coldtrail_testbed.worker.sandbox import Sandbox

    environment = order["environment"]
    become(environment)
    if sandbox is None:
        sandbox = Sandbox(clock, computed, "")
        sandbox.install()
    sandbox.belong_to(environment["AWS_LAMBDA_LOG_STREAM_NAME"])
    run_runtime(["", order["start"]])


def _key(handler: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    own = sorted(item for item in environment.items() if item[0] not in _OF_ONE_INSTANCE)
    return (handler, *(f"{name}={value}" for name, value in own))
