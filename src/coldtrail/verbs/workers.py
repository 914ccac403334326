"""Worker processes: how many, their start, what they say, and their end.

They are started anew and not forked, since a program that calls Coldtrail may have threads; and not by
`multiprocessing`, which runs the caller's main script once more in each. What they say is MessagePack, never
pickle.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import NamedTuple

import msgspec

from coldtrail import errors
from coldtrail.config import Settings
from coldtrail.errors import ColdtrailError, ConfigError
from coldtrail.records.tally import Tally
from coldtrail.sources.files import FileSource
from coldtrail.sources.folders import STANDARD_INPUT
from coldtrail.verbs.expecting import is_more_expected
from coldtrail.verbs.shares import MisledError
from coldtrail.verbs.tasks import END, FAILED, MISLED, PROGRESS, Failure, Task

Progress = Callable[[str, int, int], None]
LEAST_BYTES = 64 * 2**20
"""Of telemetry, expanded: with less, the start of workers takes longer than they save."""
_MOST_WAITING = 4
"""Messages of a worker that may wait to be taken."""
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Plan(NamedTuple):
    """How many processes share the work, and how many bytes there are to read."""

    workers: int
    bytes: int = 0


def plan(asked: int | None, paths: Sequence[str | Path], settings: Settings, format_name: str) -> Plan:
    """How many processes are to share the work: as many as are asked for, else one a core; one alone for
    little telemetry, for standard input, and where more than traces is seen, which has to be joined. Raises
    `ConfigError` for fewer than one."""
    if asked is not None and asked < 1:
        raise ConfigError(f"The number of workers is {asked}; give 1 or more.")
    most = cores() if asked is None else asked
    if most == 1 or any(str(path) == STANDARD_INPUT for path in paths) or not _can_start():
        return Plan(1)
    source = FileSource(paths, limits=settings.limits, tally=Tally())
    if source.likely_bytes < LEAST_BYTES or is_more_expected(source, format_name, settings):
        most = 1
    return Plan(most, source.total_bytes)


def cores() -> int:
    """The processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _can_start() -> bool:
    return bool(sys.executable) and not getattr(sys, "frozen", False) and os.name == "posix"


class Workers:
    """Processes that work; what each says is taken in the order in which it says it."""

    def __init__(self, processes: Sequence[subprocess.Popen[bytes]], progress: Progress, total: int) -> None:
        self._processes = processes
        self._heard = {number: _heard(process) for number, process in enumerate(processes)}
        """Those that have more to say."""
        self._waiting: list[deque[bytes]] = [deque() for _ in processes]
        self._progress, self._total, self._read = progress, total, 0

    def __len__(self) -> int:
        return len(self._processes)

    def receive(self, number: int) -> bytes:
        """The next message of a worker; raises `MisledError`, or the error that a worker met."""
        while not self._waiting[number]:
            heard = self._heard.items()
            listening = {
                one: who for who, one in heard if who == number or len(self._waiting[who]) < _MOST_WAITING
            }
            for one in wait(list(listening)):
                assert isinstance(one, Connection)
                self._take(listening[one], one)
        return self._waiting[number].popleft()

    def _take(self, number: int, heard: Connection) -> None:
        try:
            message = heard.recv_bytes()
        except (EOFError, OSError):
            raise self._died(number) from None
        kind = message[:1]
        if kind == MISLED:
            raise MisledError
        if kind == FAILED:
            raise _error(msgspec.json.decode(message[1:], type=Failure))
        if kind == PROGRESS:
            self._read += int(message[1:])
            self._progress("reading", self._read, self._total)
            return
        if kind == END:
            del self._heard[number]
        self._waiting[number].append(message)

    def _died(self, number: int) -> ColdtrailError:
        status = self._processes[number].wait()
        how = f"by signal {-status}" if status < 0 else f"with status {status}"
        return ColdtrailError(
            f"A worker process ended early, {how}; if memory ran out, give fewer --workers, or 1."
        )


def _heard(process: subprocess.Popen[bytes]) -> Connection:
    assert process.stdout is not None
    return Connection(os.dup(process.stdout.fileno()), writable=False)


def _error(failure: Failure) -> ColdtrailError:
    kind = getattr(errors, failure.kind, None)
    if isinstance(kind, type) and issubclass(kind, ColdtrailError):
        return kind(failure.sentence)
    return ColdtrailError(f"A worker process failed ({failure.sentence}); try again with --workers 1.")


@contextmanager
def working(tasks: Sequence[Task], progress: Progress, total: int) -> Iterator[Workers]:
    """Workers at their tasks, one each; when this ends, however it ends, they have ended."""
    with ExitStack() as stack:
        processes = []
        for task in tasks:
            processes.append(_started(task))
            stack.callback(_end, processes[-1])
        yield Workers(processes, progress, total)


def _started(task: Task) -> subprocess.Popen[bytes]:
    path = os.pathsep.join(one for one in sys.path if one)
    # In a process group of its own: what interrupts this process is for this process to tell.
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "coldtrail.verbs.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=_ONE_THREAD | os.environ | {"PYTHONPATH": path},
        process_group=0,
    )
    assert process.stdin is not None
    # A worker that has died already is told of when it is listened to.
    with suppress(BrokenPipeError):
        process.stdin.write(msgspec.json.encode(task) + b"\n")
        process.stdin.flush()
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    with suppress(BrokenPipeError):
        process.communicate()
