"""Printing: results go to standard output, progress and warnings to standard error."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from coldtrail.alerts.showing.json import in_json
from coldtrail.alerts.showing.terminal import Screen, in_terminal
from coldtrail.cli.saying import say
from coldtrail.verbs.reading import Progress as Tell
from coldtrail.verbs.reading import silent

_PATIENCE_S = 1.0
_FILE_WIDTH = 140
_SURROGATE = re.compile("[\ud800-\udfff]")


def output(on_stderr: bool = False) -> Screen:
    """The console for results: as wide as the terminal, and wide enough for ids where there is none."""
    stream = sys.stderr if on_stderr else sys.stdout
    return Screen(stderr=on_stderr, width=None if stream.isatty() else _FILE_WIDTH)


def print_json(result: Any, on_stderr: bool = False) -> None:
    """Prints a result as one JSON document."""
    stream = sys.stderr if on_stderr else sys.stdout
    stream.buffer.write(msgspec.json.format(in_json(_encoded(result)), indent=2) + b"\n")
    stream.buffer.flush()


def _encoded(result: Any) -> bytes:
    """The JSON of a result; bytes of paths that are no UTF-8 are written out as `\\xff`."""
    try:
        return msgspec.json.encode(result)
    except UnicodeEncodeError:
        text = json.dumps(msgspec.to_builtins(result), ensure_ascii=False)
        return _SURROGATE.sub(lambda found: rf"\\x{ord(found[0]) & 0xFF:02x}", text).encode()


def print_losses(sentences: Sequence[str]) -> None:
    """Prints the losses on standard error, a line each."""
    for sentence in sentences:
        say(f"lost: {sentence}")


def print_warnings(sentences: Sequence[str]) -> None:
    """Prints notes on standard error, a line each."""
    for sentence in sentences:
        say(f"note: {sentence}")


@contextmanager
def progress() -> Iterator[Tell]:
    """Gives a function to report progress with; on a terminal, a bar appears after a second."""
    if not sys.stderr.isatty():
        yield silent
        return
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
        console=Screen(stderr=True),
        transient=True,
    )
    shown = _Shown(bar)
    try:
        yield shown
    finally:
        bar.stop()


class _Shown:
    """A bar that starts once the work has taken a while."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._task: TaskID | None = None
        self._started = time.monotonic()

    def __call__(self, stage: str, done: int, total: int) -> None:
        if time.monotonic() - self._started < _PATIENCE_S:
            return
        if self._task is None:
            self._task = self._bar.add_task(in_terminal(stage))
            self._bar.start()
        self._bar.update(self._task, description=in_terminal(stage), completed=done, total=total or None)
