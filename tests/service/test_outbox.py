from __future__ import annotations

from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from coldtrail.notifiers.notifier import DeliveryError
from coldtrail.policy import ChannelSettings, due_at
from coldtrail.records.delivery import Delivery
from coldtrail.service.outbox import GIVE_UP_S, LEAST_ATTEMPTS, Outbox
from coldtrail.verbs.replaying import replay
from tests.notifiers.messages import a_message
from tests.service.outbox_in_memory import OutboxInMemory

NOW = 1_795_000_000.0
LATER = DeliveryError("It is tried again.", retryable=True)
NEVER = DeliveryError("It was refused.", retryable=False)
CHANNEL = ChannelSettings(kind="slack")


def delivery(
    id: str, key: str = "k", at: float = NOW, channel: ChannelSettings = CHANNEL, **of: object
) -> Delivery:
    message = a_message(dedup_key=key, title=id, **of)
    next_at = due_at(channel, message.severity, at)
    return Delivery(id=id, channel=channel.called, message=message, next_at=next_at, made_at=at)


def outbox(database: OutboxInMemory, channel: ChannelSettings = CHANNEL) -> Outbox:
    return Outbox(database, channel, Random(1))  # type: ignore[arg-type]


def told(database: OutboxInMemory, now: float, channel: ChannelSettings = CHANNEL) -> list[str]:
    """The titles of all that a channel without trouble is told now."""
    titles, box = [], outbox(database, channel)
    while (work := box.next(now)) is not None:
        titles.append(work.message.title)
        box.sent(work, now)
    return titles


def test_what_is_due_is_sent_once() -> None:
    database = OutboxInMemory()
    database.put(delivery("a"), delivery("b", key="other", at=NOW + 5))
    assert told(database, NOW) == ["a"]
    assert told(database, NOW + 5) == ["b"]
    assert told(database, NOW + 99) == []
    assert database.rows["a"].sent_at == NOW


def test_an_update_waits_for_a_trigger_that_failed() -> None:
    database = OutboxInMemory()
    database.put(delivery("first"))
    box = outbox(database)
    work = box.next(NOW)
    assert work is not None
    box.failed(work, LATER, NOW)
    database.put(delivery("second", at=NOW + 0.5, what="update"), delivery("other", key="o", at=NOW + 0.5))
    assert told(database, NOW + 0.5) == ["other"]
    assert told(database, NOW + 60) == ["first", "second"]


def test_an_update_goes_on_where_its_trigger_was_refused() -> None:
    database = OutboxInMemory()
    database.put(delivery("first"), delivery("second", at=NOW, what="update"))
    box = outbox(database)
    work = box.next(NOW)
    assert work is not None
    assert work.message.title == "first"
    assert box.failed(work, NEVER, NOW).state == "dead"
    assert told(database, NOW) == ["second"]


def test_what_cannot_be_delivered_is_put_aside_after_three_days_and_can_be_replayed() -> None:
    database = OutboxInMemory()
    database.put(delivery("a"))
    now, attempts, box = NOW, 0, outbox(database)
    while database.states() == {"a": "due"}:
        work = box.next(now)
        if work is not None:
            attempts += 1
            box.failed(work, LATER, now)
        now = max(now + 1, database.rows["a"].next_at)
    assert GIVE_UP_S < now - NOW < GIVE_UP_S + 2 * 3_700
    assert 70 < attempts < 200
    assert database.rows["a"].last_error == "It is tried again."
    tries = 0
    replay(database, ["a"])  # type: ignore[arg-type]
    while database.states() == {"a": "due"}:
        work = box.next(now)
        if work is not None:
            tries += 1
            box.failed(work, LATER, now)
        now = max(now + 1, database.rows["a"].next_at)
    assert tries == LEAST_ATTEMPTS
    replay(database, [], everything=True)  # type: ignore[arg-type]
    assert told(database, now) == ["a"]


NIGHT = msgspec.convert({"kind": "slack", "quiet": {"from": "00:00", "to": "23:59"}}, ChannelSettings)


def test_what_broke_through_is_not_told_again_when_the_night_is_over() -> None:
    database = OutboxInMemory()
    database.put(
        delivery("quiet", channel=NIGHT), delivery("loud", at=NOW + 9, severity="critical", what="update")
    )
    assert told(database, NOW + 9, NIGHT) == ["loud"]
    assert database.states() == {"quiet": "sent", "loud": "sent"}
    assert told(database, NOW + 99_999, NIGHT) == []


def test_what_waits_for_the_morning_is_told_where_the_louder_one_was_refused() -> None:
    database = OutboxInMemory()
    database.put(delivery("quiet", channel=NIGHT), delivery("loud", at=NOW + 9, severity="critical"))
    box = outbox(database, NIGHT)
    work = box.next(NOW + 9)
    assert work is not None
    box.failed(work, NEVER, NOW + 9)
    assert told(database, NOW + 99_999, NIGHT) == ["quiet"]


DAILY = ChannelSettings(kind="smtp", digest="daily")


def test_a_digest_collects_a_day_and_has_the_same_key_when_it_is_sent_again() -> None:
    database = OutboxInMemory()
    some = [delivery(str(number), str(number), NOW + number, DAILY) for number in range(5)]
    database.put(*some, delivery("next day", "n", NOW + 86_400, DAILY))
    box = outbox(database, DAILY)
    assert box.next(NOW + 100) is None
    end = some[0].next_at
    work = box.next(end)
    assert work is not None
    assert len(work.deliveries) == work.message.count == 5
    box.failed(work, LATER, end)
    assert box.next(end) is None
    again = box.next(end + 60)
    assert again is not None
    assert again.message == work.message
    assert box.sent(again, end + 60).number == 5
    assert database.states()["next day"] == "due"


def test_what_is_critical_passes_a_digest_and_takes_its_alert_out_of_it() -> None:
    database = OutboxInMemory()
    database.put(delivery("collected", "k", NOW, DAILY), delivery("other", "o", NOW, DAILY))
    database.put(delivery("loud", "k", NOW + 5, DAILY, severity="critical", what="update"))
    assert told(database, NOW + 5, DAILY) == ["loud"]
    (title,) = told(database, NOW + 90_000, DAILY)
    assert title.startswith("1 alert until ")


STEPS = ("trigger", "update", "update", "resolve")


@pytest.mark.parametrize("most", [1, 3])
@given(
    order=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(STEPS)), min_size=1, max_size=12),
    troubles=st.lists(st.sampled_from(["ok", "later", "never"]), max_size=40),
)
def test_of_one_key_everything_comes_in_order_and_once(
    most: int, order: list[tuple[str, str]], troubles: list[str]
) -> None:
    database, box = OutboxInMemory(), None
    for place, (key, what) in enumerate(order):
        database.put(delivery(f"{place:02d}", key, NOW + place // most, what=what))
    box, now, sent, tries = outbox(database), NOW, [], list(troubles)
    while "due" in database.states().values():
        work = box.next(now)
        if work is None:
            now += 1.0
            continue
        trouble = tries.pop() if tries else "ok"
        if trouble == "ok":
            box.sent(work, now)
            sent.append(work.message)
        else:
            box.failed(work, LATER if trouble == "later" else NEVER, now)
    for key in "abc":
        of_key = [int(one.title) for one in sent if one.dedup_key == key]
        made = {place: (place // most, STEPS.index(what)) for place, (_, what) in enumerate(order)}
        assert of_key == sorted(of_key, key=lambda place: (*made[place], place))
        assert len(of_key) == len(set(of_key))
    assert len(sent) + sum(one == "dead" for one in database.states().values()) == len(order)


def test_what_is_replayed_goes_in_the_order_in_which_it_was_made() -> None:
    database = OutboxInMemory()
    database.put(*(replace(delivery(str(n), "k", NOW + n), state="dead") for n in (2, 0, 1)))
    assert len(replay(database, [], everything=True)) == 3  # type: ignore[arg-type]
    assert told(database, NOW + 9) == ["0", "1", "2"]
