"""The thread around a pull source: it fetches, pauses after errors, waits for room, and says how it is."""

from __future__ import annotations

import threading
import time
import traceback
from enum import Enum
from pathlib import Path
from random import Random

from msgspec import Struct
from msgspec.structs import replace

from coldtrail.errors import SourceError
from coldtrail.records.intake import Batch, PullSource
from coldtrail.records.tally import Tally
from coldtrail.sources.batch_queue import BatchQueue

STOP_S = 2.0
"""A source that has not ended by then is left to end by itself: what it fetched comes again."""
_TEND_S = 5.0
_ROOM_S = 0.5


class Pauses(Struct, frozen=True):
    """How long a source is left alone, in seconds."""

    idle_s: float = 0.5
    """After it had nothing."""
    first_s: float = 1.0
    """After the first error; twice as long after each further one."""
    most_s: float = 60.0
    stopped_s: float = 300.0
    """After an error that does not pass by itself: a permission, or what was deleted, may come back."""

    def after(self, error: SourceError, failures: int, random: Random) -> float:
        """The pause after so many errors in a row, with jitter, and no shorter than the other side asked."""
        if not error.retryable:
            pause = self.stopped_s
        else:
            pause = min(self.most_s, self.first_s * 2.0 ** min(failures - 1, 30))
        return max(pause * random.uniform(0.5, 1.0), error.retry_after_s or 0.0)


class Condition(Enum):
    """How a source is."""

    STARTING = "starting"
    RUNNING = "running"
    FULL = "waiting for room"
    RETRYING = "retrying"
    STOPPED = "stopped by an error"
    """It is tried again every few minutes."""
    ENDED = "ended"


class SourceState(Struct, frozen=True):
    """What a source says of itself; times are UTC epoch seconds."""

    name: str
    condition: Condition = Condition.STARTING
    last_success: float | None = None
    """When it last answered, with telemetry or without."""
    last_error: str = ""
    """The sentence of the latest error, empty if there was none yet."""
    last_error_at: float | None = None
    failures: int = 0
    """Errors in a row; none after a success."""
    retry_at: float | None = None
    """When it is tried again, while it is left alone."""
    newest: float | None = None
    """When the newest that it gave was recorded."""
    lag_s: float | None = None
    """How old the newest of the latest batch was when it was fetched; 0 where nothing more waited."""
    batches: int = 0
    documents: int = 0
    bytes: int = 0
    counts: dict[str, int] = {}
    """The source's own counts, of its tally."""
    losses: dict[str, int] = {}


class Polling:
    """Runs a pull source in a thread of its own, from `start` to `stop`."""

    def __init__(
        self,
        source: PullSource,
        queue: BatchQueue,
        *,
        position: bytes | None = None,
        tally: Tally | None = None,
        pauses: Pauses | None = None,
        random: Random | None = None,
    ) -> None:
        """`position` is the last one that was committed; `tally` that of the source's context."""
        self._source, self._queue, self._tally = source, queue, tally or Tally()
        self._resume = position
        self._pauses, self._random = pauses or Pauses(), random or Random()  # noqa: S311 - jitter
        self._lock = threading.Lock()
        self._committed: bytes | None = None
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._tended = time.monotonic()
        self._state = SourceState(source.name)
        self._thread = threading.Thread(target=self._run, name=f"source {source.name}", daemon=True)

    @property
    def state(self) -> SourceState:
        """How the source is now; for any thread."""
        return self._state

    def start(self) -> None:
        """Begins to fetch."""
        self._thread.start()

    def committed(self, position: bytes) -> None:
        """Tells the source, in its own thread, that all up to this position is stored for good."""
        with self._lock:
            self._committed = position
        self._wake.set()

    def stop(self, timeout_s: float = STOP_S) -> bool:
        """Ends after what was committed is told to the source; whether it has ended within the time."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._pause(self._round())
        try:
            self._tell_committed()
        except SourceError as error:
            self._say(last_error=str(error), last_error_at=time.time())
        finally:
            self._source.close()
            self._say(condition=Condition.ENDED, retry_at=None)

    def _round(self) -> float:
        """Fetches once; how long to pause after it."""
        try:
            if self._resume is not None:
                self._source.resume(self._resume)
                self._resume = None
            self._tend()
            batch = self._source.fetch()
        except SourceError as error:
            return self._failed(error)
        except Exception as error:  # noqa: BLE001 - one source at fault stops no other; health tells of it
            return self._failed(_own_fault(self._source.name, error))
        return self._succeeded(batch)

    def _succeeded(self, batch: Batch | None) -> float:
        now = time.time()
        told = replace(self._state, condition=Condition.RUNNING, last_success=now, failures=0, retry_at=None)
        if batch is None:
            self._say_of(replace(told, lag_s=None if told.newest is None else 0.0))
            return self._pauses.idle_s
        newest = batch.newest if batch.newest is not None else told.newest
        self._say_of(replace(told, newest=newest, lag_s=None if newest is None else max(0.0, now - newest)))
        self._hand_over(batch)
        return 0.0

    def _failed(self, error: SourceError) -> float:
        failures = self._state.failures + 1
        pause = self._pauses.after(error, failures, self._random)
        now = time.time()
        self._say(
            condition=Condition.RETRYING if error.retryable else Condition.STOPPED,
            last_error=str(error),
            last_error_at=now,
            failures=failures,
            retry_at=now + pause,
        )
        return pause

    def _hand_over(self, batch: Batch) -> None:
        """Puts the batch into the queue once there is room; one that waits when all ends comes again."""
        while not self._queue.put(self._source.name, batch, timeout_s=_ROOM_S):
            if self._stopping.is_set():
                return
            self._say(condition=Condition.FULL)
            self._tend_or_tell()
        state = self._state
        self._say(
            condition=Condition.RUNNING,
            batches=state.batches + 1,
            documents=state.documents + len(batch.documents),
            bytes=state.bytes + sum([len(document.payload) for document in batch.documents]),
        )

    def _pause(self, pause_s: float) -> None:
        """Waits, but for what is committed and what has to be tended meanwhile."""
        until = time.monotonic() + pause_s
        while not self._stopping.is_set():
            self._wake.clear()
            self._tend_or_tell()
            left = until - time.monotonic()
            if left <= 0:
                return
            self._wake.wait(min(left, _TEND_S))

    def _tend_or_tell(self) -> None:
        try:
            self._tend()
        except SourceError as error:
            self._say(last_error=str(error), last_error_at=time.time())

    def _tend(self) -> None:
        self._tell_committed()
        if time.monotonic() - self._tended >= _TEND_S and self._resume is None:
            self._tended = time.monotonic()
            self._source.tend()

    def _tell_committed(self) -> None:
        with self._lock:
            position, self._committed = self._committed, None
        if position is None:
            return
        try:
            self._source.committed(position)
        except SourceError:
            with self._lock:
                self._committed = position if self._committed is None else self._committed
            raise

    def _say(self, **changed: object) -> None:
        self._say_of(replace(self._state, **changed))

    def _say_of(self, state: SourceState) -> None:
        self._state = replace(state, counts=dict(self._tally.counts), losses=dict(self._tally.losses))


def _own_fault(name: str, error: Exception) -> SourceError:
    """An error that no source should raise, without what it says: that may quote a payload."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(frame.filename).name}, line {frame.lineno}"
    return SourceError(f"{name}: {type(error).__name__} in {where}: a fault of Coldtrail, please report it.")
