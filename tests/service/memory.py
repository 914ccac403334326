"""A database that keeps all in memory, for tests of what is around one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from coldtrail.errors import StoreError
from coldtrail.records.case import Case
from coldtrail.records.delivery import Delivery, DeliveryState
from coldtrail.records.silence import Silence
from coldtrail.store.database import AlertRow, Changes, Checkpoint, Decision, Page, VerdictRow


class MemoryDatabase:
    """Keeps what it is given, as long as it lives."""

    def __init__(self) -> None:
        self.last: Checkpoint | None = None
        self.rows: dict[str, VerdictRow] = {}
        self.alert_rows: dict[str, AlertRow] = {}
        self.case_rows: dict[str, Case] = {}
        self.outbox: dict[str, Delivery] = {}
        self.known: dict[str, Silence] = {}
        self.log: list[Decision] = []
        self.counted: Counter[str] = Counter()
        self.commits = 0
        self.fails = ""

    def commit(self, changes: Changes) -> None:
        if self.fails:
            raise StoreError(self.fails)
        self.commits += 1
        self.last = changes.checkpoint or self.last
        self.rows |= {one.id: one for one in changes.verdicts}
        for id in changes.gone_verdicts:
            self.rows.pop(id, None)
        self.alert_rows |= {one.alert.id: one for one in changes.alerts}
        self.case_rows |= {one.id: one for one in changes.cases}
        for id in changes.gone_cases:
            self.case_rows.pop(id, None)
        for one in changes.deliveries:
            self.outbox.setdefault(one.id, one)
        self.known |= {one.id: one for one in changes.silences}
        self.log += changes.decisions
        self.counted.update(changes.counts)

    def checkpoint(self) -> Checkpoint | None:
        return self.last

    def alerts(self, *, states: Sequence[str] = (), page: Page | None = None) -> tuple[list[AlertRow], str]:
        rows = [row for row in self.alert_rows.values() if not states or row.episode.state in states]
        return sorted(rows, key=lambda row: -row.episode.last_seen), ""

    def alert(self, id: str) -> AlertRow | None:
        found = [row for row in self.alert_rows.values() if row.alert.id.startswith(id)]
        return found[0] if len(found) == 1 else None

    def cases(self, *, page: Page | None = None) -> tuple[list[Case], str]:
        return sorted(self.case_rows.values(), key=lambda case: -case.last_seen), ""

    def case(self, id: str) -> Case | None:
        found = [case for case in self.case_rows.values() if case.id.startswith(id)]
        return found[0] if len(found) == 1 else None

    def silences(self, *, at: float | None = None) -> list[Silence]:
        return [one for one in self.known.values() if at is None or one.starts_at <= at < one.ends_at]

    def decisions(self, about: str = "") -> list[Decision]:
        return [one for one in self.log if not about or one.about == about]

    def verdicts(self, *, verdict: str = "") -> Iterable[VerdictRow]:
        rows = [row for row in self.rows.values() if not verdict or row.verdict == verdict]
        return sorted(rows, key=lambda row: (row.start, row.id))

    def verdict(self, id: str) -> VerdictRow | None:
        return self.rows.get(id)

    def due(self, now: float, channel: str, most: int) -> list[Delivery]:
        return [one for one in self.outbox.values() if one.state == "due" and one.channel == channel][:most]

    def waiting(self, channel: str, dedup_key: str) -> list[Delivery]:
        return [one for one in self.outbox.values() if one.message.dedup_key == dedup_key]

    def deliveries(self, state: DeliveryState, page: Page | None = None) -> tuple[list[Delivery], str]:
        return [one for one in self.outbox.values() if one.state == state], ""

    def delivered(self, delivery: Delivery) -> None:
        self.outbox[delivery.id] = delivery

    def counts(self) -> dict[str, int]:
        return dict(self.counted)

    def prune(self, *, before: float, decided_before: float) -> int:
        old = [row.id for row in self.rows.values() if row.start < before]
        for id in old:
            del self.rows[id]
        return len(old)

    def close(self) -> None:
        pass
