"""What waits to be delivered is told to who asks, and a database that is away does not end the asking."""

from __future__ import annotations

from coldtrail.alerts.episodes import followed
from coldtrail.errors import StoreError
from coldtrail.policy import ChannelSettings
from coldtrail.records.delivery import Delivery, DeliveryState
from coldtrail.service.channels import Channel
from coldtrail.service.status import Outbox
from coldtrail.service.telling import OutboxState, telling_of
from coldtrail.store.database import AlertRow, Page
from tests.alerts.live_alerts import make_alert
from tests.service.members import ListNotifier
from tests.service.memory import MemoryDatabase


class Away(MemoryDatabase):
    """A database that is away."""

    def deliveries(self, state: DeliveryState, page: Page | None = None) -> tuple[list[Delivery], str]:
        raise StoreError("the database is away.")


def test_a_notice_becomes_a_delivery_for_each_channel_that_wants_it() -> None:
    notifier = ListNotifier(ListNotifier.Settings("URL"), {"URL": "/dev/null"})
    channels = [
        Channel(ChannelSettings(kind="list", name=name, from_severity=severity), notifier)  # type: ignore[arg-type]
        for name, severity in (("all", "low"), ("grave", "critical"))
    ]
    alert = make_alert("ct-a")
    result = followed([alert], {})
    (notice,), (episode,) = result.notices, result.episodes
    tell = telling_of(channels)
    (made,) = tell(notice, AlertRow(alert, episode), None, 7.0)
    assert (made.channel, made.message.alert_id, made.made_at) == ("all", "ct-a", 7.0)
    assert tell(notice, AlertRow(alert, episode), None, 9.0)[0].id == made.id


def test_what_waits_is_counted_now_and_then() -> None:
    now = [0.0]
    database = MemoryDatabase()
    state = OutboxState(database, lambda: "", lambda: now[0])
    assert state() == Outbox()
    now[0] = 60.0
    assert OutboxState(Away(), lambda: "", lambda: now[0])() == Outbox(error="the database is away.")
