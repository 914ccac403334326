"""Processes that are forked here, ended and looked at by their ids."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from typing import Any, Protocol

_PR_SET_PDEATHSIG = 1

Order = dict[str, Any]


class Forks(Protocol):
    """Whoever keeps the processes of instances."""

    def start(self, order: Order) -> int:
        """The id of a new process that is an instance."""

    def look(self, child: int) -> int:
        """The wait status of `child`, -1 while it runs."""

    def end(self, child: int) -> int:
        """The wait status of `child`, which has been killed if it was still running."""


class Children:
    """The processes that were forked here, and the wait status of those that ended by themselves.

    `live` is what a new process does with its order; it does not come back.
    """

    def __init__(self, live: Callable[[Order], None]) -> None:
        self._live = live
        self._alive: set[int] = set()
        self._ended: dict[int, int] = {}

    def start(self, order: Order) -> int:
        """The id of a new process that is an instance; the new process does not come back."""
        child = fork(lambda: self._live(order))
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


def answered(order: Order, forks: Forks) -> int:
    """What `forks` say to an order: `start`, `look` or `end`."""
    if "end" in order:
        return forks.end(order["end"])
    if "look" in order:
        return forks.look(order["look"])
    return forks.start(order)


def fork(live: Callable[[], None]) -> int:
    """The id of a new process that does `live` and ends; it neither reads nor writes what this one does."""
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            _end_with(parent)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(2, 1)
            live()
            status = 0
        finally:
            os._exit(status)
    return child


def _end_with(parent: int) -> None:
    """None; the kernel ends this process when its parent ends (Linux; elsewhere the closed API does)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
