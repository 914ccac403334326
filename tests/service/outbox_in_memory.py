"""The part of a database that an outbox needs, in memory."""

from __future__ import annotations

from coldtrail.errors import StoreError
from coldtrail.records.delivery import Delivery, DeliveryState
from coldtrail.store.database import Page


class OutboxInMemory:
    """Deliveries by id."""

    def __init__(self) -> None:
        self.rows: dict[str, Delivery] = {}
        self.broken = False
        self.is_closed = False

    def put(self, *deliveries: Delivery) -> None:
        """As a commit would: what is there already stays as it is."""
        for one in deliveries:
            self.rows.setdefault(one.id, one)

    def due(self, now: float, channel: str, most: int) -> list[Delivery]:
        """As the contract says."""
        if self.broken:
            raise StoreError("The database is gone; bring it back.")
        found = [one for one in self.rows.values() if one.channel == channel and one.state == "due"]
        ready = [one for one in found if one.next_at <= now]
        return sorted(ready, key=lambda one: (one.next_at, one.made_at))[:most]

    def waiting(self, channel: str, dedup_key: str) -> list[Delivery]:
        """As the contract says."""
        found = [one for one in self.rows.values() if one.channel == channel and one.state == "due"]
        same = [one for one in found if one.message.dedup_key == dedup_key]
        return sorted(same, key=lambda one: one.made_at)

    def deliveries(self, state: DeliveryState, page: Page | None = None) -> tuple[list[Delivery], str]:
        """As the contract says, in one page."""
        return [one for one in self.rows.values() if one.state == state], ""

    def delivered(self, delivery: Delivery) -> None:
        """As the contract says."""
        assert delivery.id in self.rows
        self.rows[delivery.id] = delivery

    def close(self) -> None:
        """Notes it."""
        self.is_closed = True

    def states(self) -> dict[str, str]:
        """The state of each delivery."""
        return {id: one.state for id, one in self.rows.items()}
