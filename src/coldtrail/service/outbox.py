"""What of the outbox goes next to a channel, and what becomes of it; nothing is sent here.

Of one dedup key a message goes after those made before it: a trigger before its update, that before the end.
What waits for the end of quiet hours or for a digest is not told any more once a later message of its key
was.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from coldtrail.notifiers.notifier import DeliveryError
from coldtrail.policy import ChannelSettings, collected, digest, digest_end, due_at
from coldtrail.records.delivery import Delivery, Message
from coldtrail.service.backoff import pause_s
from coldtrail.store.database import Database

GIVE_UP_S = 3 * 86_400.0
"""What cannot be delivered for so long is put aside."""
LEAST_ATTEMPTS = 12
"""But not before so many attempts, some two hours: old is, too, what waited while the service was down, and
what is replayed."""
_MOST_LOOKED_AT = 10
_MOST_COLLECTED = 2_000
_STEPS = {"trigger": 0, "update": 1, "resolve": 2, "digest": 3}
_LONGEST_ERROR = 400


class Work(NamedTuple):
    """One message to send, the deliveries that it delivers, and those that need not be told after it."""

    message: Message
    deliveries: tuple[Delivery, ...]
    needless: tuple[Delivery, ...] = ()


class Outcome(Struct, frozen=True):
    """What became of one attempt."""

    state: str
    """`sent`, `due` where it is tried again, or `dead`."""
    number: int
    """Of deliveries."""
    needless: int = 0
    retry_after_s: float | None = None


class Outbox:
    """The outbox of one channel; used from one thread."""

    def __init__(self, database: Database, channel: ChannelSettings, random: Random) -> None:
        self._database, self._channel, self._random = database, channel, random

    def next(self, now: float) -> Work | None:
        """What is to be sent now; None where nothing is due."""
        is_digest = self._channel.digest != "none"
        due = self._database.due(now, self._channel.called, _MOST_COLLECTED if is_digest else _MOST_LOOKED_AT)
        for delivery in due:
            if self._is_collected(delivery):
                return self._digest(delivery, due)
            if (work := self._first_of_its_key(delivery, now)) is not None:
                return work
        return None

    def _is_collected(self, delivery: Delivery) -> bool:
        return collected(self._channel, delivery.message.severity)

    def _digest(self, first: Delivery, due: Sequence[Delivery]) -> Work:
        end = digest_end(self._channel, first.made_at)
        told = [one for one in due if self._is_collected(one)]
        same = tuple(one for one in told if digest_end(self._channel, one.made_at) == end)
        return Work(digest(self._channel, [one.message for one in same], end), same)

    def _first_of_its_key(self, delivery: Delivery, now: float) -> Work | None:
        """The delivery or one that has to go before it; None where it has to wait for that."""
        waiting = self._database.waiting(delivery.channel, delivery.message.dedup_key)
        before = sorted((one for one in waiting if _order(one) < _order(delivery)), key=_order)
        tried = [one for one in before if one.attempts and one.next_at > now]
        if tried:
            self._database.delivered(replace(delivery, next_at=max(one.next_at for one in tried) + 0.001))
            return None
        ready = [one for one in before if one.next_at <= now and not self._is_collected(one)]
        first = ready[0] if ready else delivery
        held = (one for one in before if one.next_at > now or self._is_collected(one))
        return Work(first.message, (first,), tuple(one for one in held if _order(one) < _order(first)))

    def sent(self, work: Work, now: float) -> Outcome:
        """Notes that the channel took a message."""
        for delivery in work.deliveries:
            attempts = delivery.attempts + 1
            done = replace(delivery, state="sent", sent_at=now, attempts=attempts, last_error="")
            self._database.delivered(done)
        for delivery in work.needless:
            done = replace(delivery, state="sent", sent_at=now, last_error="A later message told it.")
            self._database.delivered(done)
        return Outcome("sent", len(work.deliveries), len(work.needless))

    def failed(self, work: Work, error: DeliveryError, now: float) -> Outcome:
        """Notes that a message was not delivered, and when it is tried again, if ever."""
        told = str(error)[:_LONGEST_ERROR]
        tried = [replace(one, attempts=one.attempts + 1, last_error=told) for one in work.deliveries]
        gives_up = not error.retryable or all(self._is_hopeless(one, now) for one in tried)
        next_at = now + pause_s(max(one.attempts for one in tried), self._random, error.retry_after_s)
        for one in tried:
            done = replace(one, state="dead") if gives_up else replace(one, next_at=next_at)
            self._database.delivered(done)
        return Outcome("dead" if gives_up else "due", len(tried), retry_after_s=error.retry_after_s)

    def _is_hopeless(self, delivery: Delivery, now: float) -> bool:
        since = due_at(self._channel, delivery.message.severity, delivery.made_at)
        return now - since > GIVE_UP_S and delivery.attempts >= LEAST_ATTEMPTS


def _order(delivery: Delivery) -> tuple[float, int, str]:
    return delivery.made_at, _STEPS[delivery.message.what], delivery.id
