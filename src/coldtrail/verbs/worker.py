"""A worker: a process of its own that does a share of the work, and tells its parent by messages.

It is started as `python -m coldtrail.verbs.worker`, gets its task as a line of JSON, and ends when its parent
does.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from multiprocessing.connection import Connection
from threading import Thread

import msgspec

from coldtrail.errors import ColdtrailError
from coldtrail.registry import DETECTORS, FORMATS, SIGNAL_DETECTORS
from coldtrail.verbs import shared_flows, shared_judging
from coldtrail.verbs.collecting import rare_collections
from coldtrail.verbs.shares import MisledError
from coldtrail.verbs.tasks import FAILED, MISLED, PROGRESS, Failure, Make, Task, Tell

JOBS: dict[str, Make] = {"flows": shared_flows.make, "judged": shared_judging.make}


def main() -> int:
    """Does the one task that is given, and returns the exit status."""
    parent = Connection(os.dup(1), readable=False)
    # What anything else prints must not come between the messages.
    os.dup2(2, 1)
    task = msgspec.json.decode(sys.stdin.buffer.readline(), type=Task)
    Thread(target=_end_with_parent, daemon=True).start()
    try:
        with rare_collections():
            for message in messages(task, lambda more: parent.send_bytes(PROGRESS + b"%d" % more)):
                parent.send_bytes(message)
    except OSError:
        # The parent listens no more.
        return 1
    return 0


def _end_with_parent() -> None:
    # Not through `sys.stdin`, whose lock is wanted when Python ends.
    while os.read(0, 1):
        pass
    os._exit(1)


def messages(task: Task, tell: Tell) -> Iterator[bytes]:
    """The messages on the result of a task; an error is one of them, and the last."""
    FORMATS.update(task.formats)
    DETECTORS.update(task.detectors)
    SIGNAL_DETECTORS.update(task.signal_detectors)
    try:
        yield from JOBS[task.job](task, tell)
    except MisledError:
        yield MISLED
    except ColdtrailError as error:
        yield FAILED + msgspec.json.encode(Failure(type(error).__name__, str(error)))
    except Exception as error:  # noqa: BLE001 - the parent tells of it
        yield FAILED + msgspec.json.encode(Failure("", f"{type(error).__name__}: {error}"))


if __name__ == "__main__":
    # Not `sys.exit`: to take apart all that is held takes seconds.
    os._exit(main())
