"""The verbs `alerts` and `cases`: what the service keeps of them, and what people decide on it."""

from __future__ import annotations

import getpass
import os
from collections.abc import Sequence

from msgspec import Struct

from coldtrail.alerts.deciding import decided
from coldtrail.errors import ConfigError
from coldtrail.records.case import Case
from coldtrail.records.episode import Episode
from coldtrail.reports.alert_lines import AlertLine, line_of
from coldtrail.store.database import AlertRow, Changes, Database, Decision, Page

OPEN = ("open", "acknowledged")


class LiveAlert(Struct, frozen=True):
    """An alert with what became of it, as `--json` prints it."""

    alert: AlertLine
    episode: Episode
    decisions: tuple[Decision, ...] = ()


class AlertPage(Struct, frozen=True):
    """Some alerts, the latest seen first."""

    alerts: tuple[LiveAlert, ...]
    next: str
    """What `--after` takes for the alerts after these; empty after the last."""


class CasePage(Struct, frozen=True):
    """Some cases, the latest seen first."""

    cases: tuple[Case, ...]
    next: str


def list_alerts(
    database: Database, states: Sequence[str] = OPEN, limit: int = 50, after: str = ""
) -> tuple[list[AlertRow], str]:
    """Alerts in these states, the latest seen first, and where the next page begins."""
    return database.alerts(states=states, page=Page(limit, after))


def page_of(rows: Sequence[AlertRow], after: str) -> AlertPage:
    """The same for `--json`."""
    return AlertPage(tuple(LiveAlert(line_of(row.alert), row.episode) for row in rows), after)


def find_alert(database: Database, id: str) -> AlertRow:
    """The alert with an id, or with the only one that begins so; raises `ConfigError`."""
    row = database.alert(id) if id else None
    if row is None:
        raise ConfigError(
            f"There is no alert {id!r}, or several begin so; `coldtrail alerts list --all` names all."
        )
    return row


def show_alert(database: Database, id: str) -> tuple[AlertRow, list[Decision]]:
    """An alert, and what people decided on it; raises `ConfigError`."""
    row = find_alert(database, id)
    return row, database.decisions(row.alert.id)


def live_alert(row: AlertRow, decisions: Sequence[Decision]) -> LiveAlert:
    """The same for `--json`."""
    return LiveAlert(line_of(row.alert), row.episode, tuple(decisions))


def decide(database: Database, id: str, what: str, *, by: str, at: float, detail: str = "") -> AlertRow:
    """The alert once a person has decided something on it, while the service may be running.

    Raises `ConfigError` where there is no such alert."""
    row = find_alert(database, id)
    after = AlertRow(row.alert, decided(row.episode, what, detail))
    decision = Decision(at, by, what, row.alert.id, detail)
    database.commit(Changes(alerts=(after,), decisions=(decision,)))
    return after


def list_cases(database: Database, limit: int = 50, after: str = "") -> CasePage:
    """Cases, the latest seen first."""
    cases, following = database.cases(page=Page(limit, after))
    return CasePage(tuple(cases), following)


def find_case(database: Database, id: str) -> Case:
    """The case with an id, or with the only one that begins so; raises `ConfigError`."""
    case = database.case(id) if id else None
    if case is None:
        raise ConfigError(f"There is no case {id!r}, or several begin so; `coldtrail cases list` names all.")
    return case


def who(given: str | None) -> str:
    """Who decides: the name given, else that of the login; raises `ConfigError` where there is neither."""
    if given:
        return given
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise ConfigError(f"User {os.getuid()} has no name; say who decides with --by.") from None
