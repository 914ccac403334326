from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from threading import Event, Lock

import pytest

from coldtrail.notifiers.notifier import DeliveryError
from coldtrail.policy import ChannelSettings
from coldtrail.records.delivery import Delivery, Message
from coldtrail.service.channels import Channel
from coldtrail.service.delivering import Clock, Delivering
from tests.notifiers.messages import a_message
from tests.service.outbox_in_memory import OutboxInMemory


class Scripted:
    """A notifier that does as it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.trouble: list[Exception] = []
        self.open = Event()
        self.open.set()
        self.entered = Event()

    def send(self, message: Message) -> None:
        self.entered.set()
        self.open.wait()
        if self.trouble:
            raise self.trouble.pop(0)
        self.told.append(message.title)

    def needs(self) -> tuple[()]:
        return ()


class Moving:
    """A clock that goes on by itself, faster than the wall's."""

    def __init__(self, speed: float) -> None:
        self._begin, self._speed, self._lock = time.monotonic(), speed, Lock()

    def __call__(self) -> float:
        with self._lock:
            return 1_795_000_000.0 + (time.monotonic() - self._begin) * self._speed


def put(database: OutboxInMemory, channel: str, id: str, at: float, key: str = "") -> None:
    message = a_message(title=id, dedup_key=key or id)
    database.put(Delivery(id=f"{channel} {id}", channel=channel, message=message, next_at=at, made_at=at))


def eventually(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)


@contextmanager
def delivering(
    database: OutboxInMemory, speed: float = 1.0, **notifiers: Scripted
) -> Iterator[tuple[Delivering, Moving]]:
    channels = [Channel(ChannelSettings(kind="slack", name=name), one) for name, one in notifiers.items()]  # type: ignore[arg-type]
    clock = Moving(speed)
    running = Delivering(lambda: database, channels, clock=clock, random=Random(1))  # type: ignore[arg-type,return-value]
    running.start()
    try:
        yield running, clock
    finally:
        for one in notifiers.values():
            one.open.set()
        assert running.stop(30.0)
        assert database.is_closed


def test_what_is_put_in_is_sent_when_it_is_woken() -> None:
    database, slack = OutboxInMemory(), Scripted()
    with delivering(database, slack=slack) as (running, clock):
        put(database, "slack", "a", clock())
        running.wake()
        eventually(lambda: slack.told == ["a"])
        eventually(lambda: running.state().channels[0].sent == 1)
        assert database.states() == {"slack a": "sent"}


def test_a_channel_that_stalls_holds_up_no_other() -> None:
    database, stuck, good = OutboxInMemory(), Scripted(), Scripted()
    stuck.open.clear()
    with delivering(database, stuck=stuck, good=good) as (running, clock):
        for number in range(100):
            put(database, "stuck", str(number), clock())
        for number in range(20):
            put(database, "good", str(number), clock())
        running.wake()
        eventually(lambda: len(good.told) == 20)
        assert stuck.told == []
        assert running.state().channels[0].sending_since is not None
        stuck.open.set()
        eventually(lambda: len(stuck.told) == 100)


def test_a_channel_that_comes_back_is_told_everything_once_and_in_order() -> None:
    database, slack = OutboxInMemory(), Scripted()
    slack.trouble = [DeliveryError("Down; it is tried again.", retryable=True) for _ in range(9)]
    with delivering(database, speed=2_000, slack=slack) as (running, clock):
        for number in range(5):
            put(database, "slack", str(number), clock(), key="one key")
        running.wake()
        eventually(lambda: len(slack.told) == 5)
        eventually(lambda: running.state().channels[0].sent == 5)
    assert slack.told == ["0", "1", "2", "3", "4"]
    state = running.state().channels[0]
    assert (state.failed, state.dead, state.failures_in_a_row, state.last_error) == (9, 0, 0, "")


def test_what_is_refused_is_put_aside_and_the_rest_goes_on() -> None:
    database, slack = OutboxInMemory(), Scripted()
    slack.trouble = [DeliveryError("Refused.", retryable=False)]
    with delivering(database, slack=slack) as (running, clock):
        put(database, "slack", "a", clock())
        put(database, "slack", "b", clock() + 0.01)
        running.wake()
        eventually(lambda: slack.told == ["b"])
        eventually(lambda: running.state().channels[0].sent == 1)
    assert database.states() == {"slack a": "dead", "slack b": "sent"}
    assert running.state().channels[0].dead == 1


def test_a_pause_that_the_channel_asks_for_holds_all_of_it() -> None:
    database, slack = OutboxInMemory(), Scripted()
    slack.trouble = [DeliveryError("Slow down.", retryable=True, retry_after_s=1_000.0)]
    with delivering(database, slack=slack) as (running, clock):
        put(database, "slack", "a", clock())
        put(database, "slack", "b", clock())
        running.wake()
        eventually(lambda: running.state().channels[0].failed == 1)
        rests = running.state().channels[0].rests_until
        assert rests is not None
        assert rests - clock() > 900
        running.wake()
        assert slack.told == []


def test_a_notifier_that_is_wrong_is_tried_again_and_its_words_are_not_kept() -> None:
    database, slack = OutboxInMemory(), Scripted()
    slack.trouble = [KeyError("https://hush.example/secret")]
    with delivering(database, speed=1_000, slack=slack) as (running, clock):
        put(database, "slack", "a", clock())
        running.wake()
        eventually(lambda: running.state().channels[0].failed == 1)
        assert "hush" not in running.state().channels[0].last_error + database.rows["slack a"].last_error
        eventually(lambda: slack.told == ["a"])


def test_stopping_waits_for_what_is_under_way_and_no_longer_than_it_may() -> None:
    database, slack = OutboxInMemory(), Scripted()
    slack.open.clear()
    with delivering(database, slack=slack) as (running, clock):
        put(database, "slack", "a", clock())
        put(database, "slack", "b", clock() + 1)
        running.wake()
        assert slack.entered.wait(10)
        assert running.stop(4.0)
        assert database.states() == {"slack a": "due", "slack b": "due"}
    again = Scripted()
    with delivering(database, speed=100, slack=again):
        eventually(lambda: again.told == ["a", "b"])


def test_what_is_taken_while_it_stops_is_noted() -> None:
    database, slack = OutboxInMemory(), Scripted()
    slack.open.clear()
    with delivering(database, slack=slack) as (running, clock):
        put(database, "slack", "a", clock())
        running.wake()
        assert slack.entered.wait(10)
        slack.open.set()
        assert running.stop(30.0)
        assert database.states() == {"slack a": "sent"}


def test_a_database_that_fails_stops_it_visibly() -> None:
    database, slack = OutboxInMemory(), Scripted()
    with delivering(database, slack=slack) as (running, _):
        database.broken = True
        running.wake()
        eventually(lambda: running.state().failure != "")
        assert running.state().failure == "The database is gone; bring it back."


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_is_wrong_with_itself_is_visible_too() -> None:
    database, slack = OutboxInMemory(), Scripted()
    with delivering(database, slack=slack) as (running, clock):
        put(database, "slack", "a", clock())
        del database.rows["slack a"]
        database.rows["odd"] = None  # type: ignore[assignment]
        running.wake()
        eventually(lambda: running.state().failure == "Delivering has stopped by itself (AttributeError).")


def test_what_never_began_can_be_stopped() -> None:
    assert Delivering(OutboxInMemory, []).stop()  # type: ignore[arg-type,type-abstract]


def test_a_clock_that_is_set_back_makes_nothing_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, wall = Clock(), time.time()
    monkeypatch.setattr(time, "time", lambda: wall - 86_400)
    assert clock() >= wall - 1
    monkeypatch.setattr(time, "time", lambda: wall + 86_400)
    assert clock() == wall + 86_400
