"""Sends what the outbox holds: one thread that knows the database, and one for each channel.

A channel that stands still holds up no other. After a failure it rests, longer each time, and takes what
waits for it one message at a time. What was sent and not yet noted when the process died is sent again, with
the same dedup key.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from random import Random
from threading import Event, Lock, Thread
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from coldtrail.errors import ColdtrailError
from coldtrail.notifiers.notifier import DeliveryError
from coldtrail.service.backoff import pause_s
from coldtrail.service.channels import Channel
from coldtrail.service.outbox import Outbox, Outcome, Work
from coldtrail.store.database import Database

STOP_S = 3.0
_FOR_SENDING = 0.6
"""Of the time to stop in, for what is under way; the rest is for noting it."""
_LOOK_EVERY_S = 1.0
_LONGEST_REST_S = 300.0
"""A channel that fails is tried again this often at least; a message by itself rests up to an hour."""


class ChannelState(Struct, frozen=True):
    """How a channel does, since the service began."""

    name: str
    kind: str
    sent: int = 0
    """Deliveries that the channel took, those of a digest each."""
    failed: int = 0
    """Attempts."""
    dead: int = 0
    """Deliveries that were put aside."""
    needless: int = 0
    """Deliveries that a later message told before their time."""
    failures_in_a_row: int = 0
    rests_until: float | None = None
    last_sent_at: float | None = None
    last_error: str = ""
    """Empty again once something was sent."""
    sending_since: float | None = None
    """When the attempt that runs now began."""


class DeliveringState(Struct, frozen=True):
    """How delivering does; times are by the wall clock."""

    channels: tuple[ChannelState, ...]
    looked_at: float
    """When the outbox was looked at last."""
    failure: str = ""
    """Why it has stopped, where the database failed it."""


class Clock:
    """The wall clock, but for being set back, which would make what is due wait."""

    def __init__(self) -> None:
        self._ahead = time.time() - time.monotonic()

    def __call__(self) -> float:
        """UTC epoch seconds."""
        return max(time.time(), time.monotonic() + self._ahead)


class _Result(NamedTuple):
    place: int
    work: Work
    error: DeliveryError | None


class Delivering:
    """The delivering part of the service; `start`, then `wake` after each commit that put something in."""

    def __init__(
        self,
        opened: Callable[[], Database],
        channels: Sequence[Channel],
        *,
        clock: Callable[[], float] | None = None,
        random: Random | None = None,
    ) -> None:
        """`opened` gives a database of its own, which is closed at the end: it is called, and the database
        used, in the delivering thread alone."""
        self._opened, self._channels = opened, tuple(channels)
        self._clock, self._random = clock or Clock(), random or Random()  # noqa: S311 (jitter is no secret)
        self._results: SimpleQueue[_Result | None] = SimpleQueue()
        self._work: list[SimpleQueue[Work | None]] = [SimpleQueue() for _ in self._channels]
        self._stopping, self._lock, self._stop_by = Event(), Lock(), 0.0
        states = (ChannelState(one.settings.called, one.settings.kind) for one in self._channels)
        self._state = DeliveringState(tuple(states), self._clock())
        self._thread = Thread(target=self._run, name="delivering", daemon=True)

    def start(self) -> None:
        """Begins to send."""
        for place, channel in enumerate(self._channels):
            name = f"notify {channel.settings.called}"
            Thread(target=self._send, args=(place, channel), name=name, daemon=True).start()
        self._thread.start()

    def wake(self) -> None:
        """Looks at the outbox at once; from any thread."""
        self._results.put(None)

    def stop(self, within_s: float = STOP_S) -> bool:
        """Ends in an orderly way, what is under way noted if it comes back in time; whether it did."""
        self._stop_by = time.monotonic() + within_s * _FOR_SENDING
        self._stopping.set()
        self.wake()
        if self._thread.ident is not None:
            self._thread.join(within_s)
        return not self._thread.is_alive()

    def state(self) -> DeliveringState:
        """How it does, for health and metrics; from any thread."""
        with self._lock:
            return self._state

    def _run(self) -> None:
        try:
            database = self._opened()
            try:
                self._deliver(database)
            finally:
                database.close()
        except ColdtrailError as error:
            self._note_failure(str(error))
        except BaseException as error:
            self._note_failure(f"Delivering has stopped by itself ({type(error).__name__}).")
            raise
        finally:
            for queue in self._work:
                queue.put(None)

    def _note_failure(self, told: str) -> None:
        with self._lock:
            self._state = replace(self._state, failure=told)

    def _deliver(self, database: Database) -> None:
        outboxes = [Outbox(database, one.settings, self._random) for one in self._channels]
        while not self._stopping.is_set():
            self._hand_out(outboxes)
            self._take_in(outboxes, _LOOK_EVERY_S)
        while self._is_sending() and (left := self._stop_by - time.monotonic()) > 0:
            self._take_in(outboxes, left)

    def _hand_out(self, outboxes: Sequence[Outbox]) -> None:
        """Gives each channel that is free its next message."""
        now = self._clock()
        for place, outbox in enumerate(outboxes):
            state = self._state.channels[place]
            if state.sending_since is None and (state.rests_until is None or state.rests_until <= now):
                work = outbox.next(now)
                if work is not None:
                    self._note(place, replace(state, sending_since=now))
                    self._work[place].put(work)
        with self._lock:
            self._state = replace(self._state, looked_at=now)

    def _take_in(self, outboxes: Sequence[Outbox], wait_s: float) -> None:
        """Waits for what became of messages, and notes it."""
        try:
            result = self._results.get(timeout=wait_s)
        except Empty:
            return
        while True:
            if result is not None:
                self._note_result(outboxes[result.place], result)
            try:
                result = self._results.get_nowait()
            except Empty:
                return

    def _note_result(self, outbox: Outbox, result: _Result) -> None:
        now = self._clock()
        if result.error is None:
            outcome = outbox.sent(result.work, now)
        else:
            outcome = outbox.failed(result.work, result.error, now)
        state = self._state.channels[result.place]
        self._note(result.place, self._after(state, outcome, now, str(result.error or "")))

    def _after(self, state: ChannelState, outcome: Outcome, now: float, error: str) -> ChannelState:
        state = replace(state, sending_since=None, needless=state.needless + outcome.needless)
        if outcome.state == "sent":
            sent = state.sent + outcome.number
            return replace(
                state, sent=sent, last_sent_at=now, failures_in_a_row=0, rests_until=None, last_error=""
            )
        dead = outcome.number if outcome.state == "dead" else 0
        failures = state.failures_in_a_row + 1
        state = replace(state, failed=state.failed + 1, dead=state.dead + dead, last_error=error)
        if dead:
            return state
        own = min(pause_s(failures, self._random), _LONGEST_REST_S)
        rest = max(own, min(outcome.retry_after_s or 0.0, 3_600.0))
        return replace(state, failures_in_a_row=failures, rests_until=now + rest)

    def _note(self, place: int, state: ChannelState) -> None:
        with self._lock:
            channels = self._state.channels
            changed = (*channels[:place], state, *channels[place + 1 :])
            self._state = replace(self._state, channels=changed)

    def _is_sending(self) -> bool:
        return any(one.sending_since is not None for one in self._state.channels)

    def _send(self, place: int, channel: Channel) -> None:
        """The thread of a channel."""
        while (work := self._work[place].get()) is not None:
            self._results.put(_Result(place, work, _attempt(channel, work)))


def _attempt(channel: Channel, work: Work) -> DeliveryError | None:
    try:
        channel.notifier.send(work.message)
    except DeliveryError as error:
        return error
    except Exception as error:  # noqa: BLE001 (a notifier that is wrong stops no other)
        told = f"The channel {channel.settings.called} failed by itself ({type(error).__name__})."
        return DeliveryError(told, retryable=True)
    return None
