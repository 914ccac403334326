"""One deadline for a whole conversation: time limits of sockets hold for each of its steps only."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Timer

from coldtrail.errors import ConfigError

DEADLINE_S = 20.0
MOST_DEADLINE_S = 25.0
STEP_S = 10.0
"""For connecting, and for each part of an answer."""


def allowed_time(timeout_s: float) -> float:
    """The setting, where it is within bounds; raises `ConfigError`."""
    if not 0 < timeout_s <= MOST_DEADLINE_S:
        raise ConfigError(f"timeout_s: {timeout_s} is not above 0 and at most {MOST_DEADLINE_S:g}.")
    return timeout_s


@contextmanager
def deadline(seconds: float, connected: Callable[[], socket.socket | None]) -> Iterator[Event]:
    """Shuts the socket of the conversation once the time is over; the event tells that it was."""
    is_over = Event()
    timer = Timer(seconds, _cut, (connected, is_over))
    timer.daemon = True
    timer.start()
    try:
        yield is_over
    finally:
        timer.cancel()


def _cut(connected: Callable[[], socket.socket | None], is_over: Event) -> None:
    is_over.set()
    found = connected()
    if found is None:
        return
    try:
        found.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
