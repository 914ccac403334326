"""The database that the service keeps, in SQL: the same queries by name on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf
from typing import Any, TypeVar

import msgspec

from coldtrail.errors import StoreError
from coldtrail.records.alert import Alert
from coldtrail.records.case import Case
from coldtrail.records.delivery import Delivery, DeliveryState
from coldtrail.records.episode import Episode
from coldtrail.records.silence import Silence
from coldtrail.store.database import AlertRow, Changes, Checkpoint, Decision, Page, VerdictRow
from coldtrail.store.engine import Engine, Values
from coldtrail.store.rows import (
    after,
    as_json,
    checkpoint_of,
    cut,
    decoded,
    delivery_row,
    is_storable,
    key_of,
    range_of,
    rows_of,
    verdict_of,
)

_VERDICTS_AT_ONCE = 200
_PRUNED_AT_ONCE = 1_000
_PRUNES = ("verdicts", "sent", "dead", "alerts", "cases", "silences")
Found = TypeVar("Found")
_alert = msgspec.json.Decoder(Alert)
_episode = msgspec.json.Decoder(Episode)
_case = msgspec.json.Decoder(Case)
_delivery = msgspec.json.Decoder(Delivery)
_silence = msgspec.json.Decoder(Silence)
_decision = msgspec.json.Decoder(Decision)


class SqlDatabase:
    """A `Database` on an engine; threads may share it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def commit(self, changes: Changes) -> None:
        """Writes all of it, on disk when it returns."""
        try:
            made = [(name, rows) for name, rows in rows_of(changes) if rows]
        except UnicodeEncodeError:
            raise StoreError("What is to be stored holds text that is no Unicode; write it anew.") from None
        with self._engine.writing() as session:
            for name, rows in made:
                session.run_all(self._engine.sql.queries[name], rows)
        if changes.checkpoint is not None:
            self._engine.wrote_state(len(changes.checkpoint.state))

    def checkpoint(self) -> Checkpoint | None:
        """The latest."""
        rows = self._rows("checkpoint")
        return checkpoint_of(rows[0]) if rows else None

    def alerts(self, *, states: Sequence[str] = (), page: Page | None = None) -> tuple[list[AlertRow], str]:
        """Alerts in these states, the latest seen first, and where the next page begins."""
        page = page or Page()
        query = "alerts_in_states" if states else "alerts"
        named = {"states": as_json(list(states)).decode()} if states else {}
        found = [_alert_row(row) for row in self._rows(query, after(page) | named)]
        return cut([(one.alert.last_seen, one.alert.id, one) for one in found], page)

    def alert(self, id: str) -> AlertRow | None:
        """The alert with an id, or with the only one that begins so."""
        found = [_alert_row(row) for row in self._beginning("alerts_from", id)]
        return _only([(one.alert.id, one) for one in found], id)

    def cases(self, *, page: Page | None = None) -> tuple[list[Case], str]:
        """Cases, the latest seen first, and where the next page begins."""
        page = page or Page()
        found = [decoded(_case, row[0]) for row in self._rows("cases", after(page))]
        return cut([(one.last_seen, one.id, one) for one in found], page)

    def case(self, id: str) -> Case | None:
        """The case with an id, or with the only one that begins so."""
        found = [decoded(_case, row[0]) for row in self._beginning("cases_from", id)]
        return _only([(one.id, one) for one in found], id)

    def silences(self, *, at: float | None = None) -> list[Silence]:
        """All, or those in force at a moment; by their start."""
        rows = self._rows("silences") if at is None else self._rows("silences_at", {"at": at})
        return [decoded(_silence, row[0]) for row in rows]

    def decisions(self, about: str = "") -> list[Decision]:
        """All, or those on one thing, as they were made."""
        if not is_storable(about):
            return []
        rows = self._rows("decisions_about", {"about": about}) if about else self._rows("decisions")
        return [decoded(_decision, row[0]) for row in rows]

    def verdicts(self, *, verdict: str = "") -> Iterator[VerdictRow]:
        """Those that are kept, by start of the flow and id; nothing is locked between them."""
        query = "verdicts_of" if verdict else "verdicts"
        named = {"verdict": verdict} if verdict else {}
        start, last = -inf, b""
        while True:
            place = {"start": start, "id": last, "limit": _VERDICTS_AT_ONCE}
            rows = self._rows(query, place | named)
            yield from map(verdict_of, rows)
            if len(rows) < _VERDICTS_AT_ONCE:
                return
            last, _, start = rows[-1][:3]

    def verdict(self, id: str) -> VerdictRow | None:
        """The one that is kept under an id."""
        rows = self._rows("verdict", {"id": key_of(id)})
        return verdict_of(rows[0]) if rows else None

    def due(self, now: float, channel: str, most: int) -> list[Delivery]:
        """Deliveries of a channel whose time has come, the longest waiting first."""
        rows = self._rows("due", {"now": now, "channel": channel, "limit": max(0, most)})
        return [decoded(_delivery, row[0]) for row in rows]

    def waiting(self, channel: str, dedup_key: str) -> list[Delivery]:
        """All deliveries of a channel and of one key that are to be sent, in the order they were made."""
        rows = self._rows("waiting", {"channel": channel, "dedup_key": dedup_key})
        return [decoded(_delivery, row[0]) for row in rows]

    def deliveries(self, state: DeliveryState, page: Page | None = None) -> tuple[list[Delivery], str]:
        """Those in a state, the latest made first, and where the next page begins."""
        page = page or Page()
        rows = self._rows("deliveries", {"state": state, **after(page)})
        found = [decoded(_delivery, row[0]) for row in rows]
        return cut([(one.made_at, one.id, one) for one in found], page)

    def delivered(self, delivery: Delivery) -> None:
        """Puts the delivery, with its new state, in the place of the old one."""
        with self._engine.writing() as session:
            session.run(self._engine.sql.queries["set_delivery"], delivery_row(delivery))

    def counts(self) -> dict[str, int]:
        """All counts so far."""
        return dict(self._rows("counts"))

    def prune(self, *, before: float, decided_before: float) -> int:
        """Removes what is past its time, some at a time so that commits come between; the number of rows."""
        values = {"before": before, "decided_before": decided_before, "limit": _PRUNED_AT_ONCE}
        gone = sum(self._pruned(self._engine.sql.queries[f"prune_{name}"], values) for name in _PRUNES)
        self._engine.tidy()
        return gone

    def close(self) -> None:
        """Lets go of the database."""
        self._engine.close()

    def _rows(self, query: str, values: Values | None = None) -> list[tuple[Any, ...]]:
        with self._engine.reading() as session:
            return session.rows(self._engine.sql.queries[query], values)

    def _beginning(self, query: str, start: str) -> list[tuple[Any, ...]]:
        return self._rows(query, range_of(start)) if start and is_storable(start) else []

    def _pruned(self, query: str, values: Values) -> int:
        gone = 0
        while True:
            with self._engine.writing() as session:
                some = session.run(query, values)
            gone += some
            if some < _PRUNED_AT_ONCE:
                return gone


def _alert_row(row: tuple[Any, ...]) -> AlertRow:
    return AlertRow(decoded(_alert, row[0]), decoded(_episode, row[1]))


def _only(found: list[tuple[str, Found]], id_: str) -> Found | None:
    """The one with the id itself, or the only one."""
    if found and (found[0][0] == id_ or len(found) == 1):
        return found[0][1]
    return None
