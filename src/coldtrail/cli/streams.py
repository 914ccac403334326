"""The standard streams: whatever state they are in at the start, no command fails by accident for it."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import TextIO

_DEVICES = ((0, os.O_RDONLY), (1, os.O_WRONLY), (2, os.O_WRONLY))


def prepare() -> bool:
    """Makes the streams ready, and says whether standard output was closed.

    A closed stream is opened on nothing: else the next file opened would take its number, and what is printed
    would go there. Characters that a terminal cannot show are written out as `\\u2026`.
    """
    was_closed = sys.stdout is None
    for number, how in _DEVICES:
        _open_if_closed(number, how)
    if sys.stdout is None:
        sys.stdout = _text(1)
    if sys.stderr is None:
        sys.stderr = _text(2)
    for stream, original in ((sys.stdout, sys.__stdout__), (sys.stderr, sys.__stderr__)):
        if stream is original and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    return was_closed


def _open_if_closed(number: int, how: int) -> None:
    try:
        os.fstat(number)
    except OSError:
        # The lowest free number is given, and those below are open by now.
        os.open(os.devnull, how)


def _text(number: int) -> TextIO:
    return os.fdopen(number, "w", encoding="utf-8", errors="backslashreplace", closefd=False)


def tell(line: str) -> None:
    """Prints a line on standard error, where that takes any."""
    try:
        print(line, file=sys.stderr, flush=True)
    except (OSError, ValueError):
        leave(sys.stderr)


def leave(stream: TextIO) -> None:
    """Discards what a stream still holds, since it takes no more, or a failure at the end would be told."""
    if stream is not sys.__stdout__ and stream is not sys.__stderr__:
        return
    with suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, stream.fileno())
        os.close(nothing)


def finish() -> None:
    """Writes out what is still to be printed; raises OSError where standard output does not take it."""
    if sys.stdout is not None and not sys.stdout.closed:
        sys.stdout.flush()
