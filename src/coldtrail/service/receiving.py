"""The service's side of the receiver process: starts it, listens to it, starts it again, stops it."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Event, Lock, Thread

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from coldtrail.service.receiver_report import ReceiverSettings, Report, SourceReport

_COMMAND = (sys.executable, "-m", "coldtrail.service.receiver")
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 30.0
_STEADY_S = 60.0
"""After so long a life the next pause is the shortest again."""
_SILENT_S = 5.0
"""A receiver that says nothing for so long stands still."""
STOP_S = 2.0
_decode = msgspec.json.Decoder(Report).decode


class ReceiverStatus(Struct, frozen=True):
    """The receiver as the service sees it."""

    is_running: bool
    is_moving: bool
    """Whether it has spoken lately."""
    starts: int
    error: str
    """Why it ended last, as one sentence; empty while all is well."""
    sources: dict[str, SourceReport]
    """Counted since the service started, over all lives of the process."""
    spool: dict[str, int]
    """What the process that runs now counts."""


class Receiving:
    """One receiver process at a time, watched by a thread."""

    def __init__(
        self,
        settings: ReceiverSettings,
        *,
        command: Sequence[str] = _COMMAND,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._line = msgspec.json.encode(settings) + b"\n"
        self._command = tuple(command)
        self._clock = clock
        self._lock = Lock()
        self._stopping = Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._report = Report(0.0)
        self._before: dict[str, SourceReport] = {}
        self._heard = -_SILENT_S
        self._starts = 0
        self._error = ""
        self._thread = Thread(target=self._watch, name="coldtrail-receiving", daemon=True)

    def start(self) -> None:
        """Starts the process; it is started again whenever it ends, after pauses that grow."""
        self._thread.start()

    def status(self) -> ReceiverStatus:
        """How it is now; any thread may ask."""
        with self._lock:
            is_running = self._process is not None and self._process.poll() is None
            now = self._report.sources
            sources = {
                name: _together(self._before.get(name), now.get(name)) for name in {**self._before, **now}
            }
            return ReceiverStatus(
                is_running,
                is_running and self._clock() - self._heard < _SILENT_S,
                self._starts,
                "" if is_running and not self._report.error else self._error,
                sources,
                dict(self._report.spool),
            )

    def stop(self, within_s: float = STOP_S) -> None:
        """Ends the process in order, or by force where that takes too long."""
        self._stopping.set()
        with self._lock:
            process = self._process
        if process is not None:
            with suppress(OSError):
                process.terminate()
            try:
                process.wait(within_s)
            except subprocess.TimeoutExpired:
                process.kill()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while not self._stopping.is_set():
            started = self._clock()
            self._live()
            if self._clock() - started > _STEADY_S:
                pause_s = _FIRST_PAUSE_S
            self._stopping.wait(random.uniform(pause_s / 2, pause_s))  # noqa: S311
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def _live(self) -> None:
        """One life of the process."""
        try:
            process = subprocess.Popen(  # noqa: S603
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
            )
        except OSError as error:
            self._error = f"The receiver cannot be started: {error.strerror}; it is tried again."
            return
        with self._lock:
            self._process = process
            self._starts += 1
            self._heard = self._clock()
        if self._stopping.is_set():
            process.terminate()
        # Standard input stays open: its end tells the receiver that this process has died.
        with suppress(OSError), process:
            _tell(process, self._line)
            for line in process.stdout or ():
                self._hear(line)
        self._ended(process.wait())

    def _hear(self, line: bytes) -> None:
        try:
            report = _decode(line)
        except msgspec.DecodeError:
            return
        with self._lock:
            self._report = report
            self._heard = self._clock()
            self._error = report.error

    def _ended(self, status: int) -> None:
        """What the process counted is kept; what it held open is gone."""
        with self._lock:
            for name, one in self._report.sources.items():
                self._before[name] = replace(_together(self._before.get(name), one), listening=())
            if not self._stopping.is_set():
                self._error = self._report.error or (
                    f"The receiver ended with status {status}; standard error says why; it is started again."
                )
            self._report = Report(self._report.at)
            self._process = None


def _tell(process: subprocess.Popen[bytes], line: bytes) -> None:
    if process.stdin is not None:
        process.stdin.write(line)
        process.stdin.flush()


def _together(before: SourceReport | None, now: SourceReport | None) -> SourceReport:
    """What a source counted in this life of the process and in those before."""
    if before is None or now is None:
        return before or now or SourceReport()
    counts, losses = Counter(before.counts), Counter(before.losses)
    counts.update(now.counts)
    losses.update(now.losses)
    return SourceReport(
        now.listening, now.error, dict(counts), dict(losses), now.sentences or before.sentences
    )
