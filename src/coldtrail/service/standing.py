"""What is stored of alerts, cases and silences, held in memory: a commit writes only what differs from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf
from typing import NamedTuple, TypeVar

from msgspec.structs import replace

from coldtrail.alerts.deciding import EXPIRE, decided, expired
from coldtrail.alerts.episodes import followed
from coldtrail.records.alert import Alert
from coldtrail.records.case import Case
from coldtrail.records.episode import Episode, Notice
from coldtrail.records.silence import Silence
from coldtrail.store.database import AlertRow, Database, Decision, Page

_PAGE = 500
T = TypeVar("T")


class Told(NamedTuple):
    """What a commit has to write, and what people should hear of."""

    alerts: tuple[AlertRow, ...]
    cases: tuple[Case, ...]
    gone_cases: tuple[str, ...]
    silences: tuple[Silence, ...]
    notices: tuple[Notice, ...]


class Standing:
    """Alerts and cases as they stand, against what the database holds of them."""

    def __init__(self, database: Database, bundle: str) -> None:
        self._database, self._bundle = database, bundle
        self.alerts: dict[str, Alert] = {}
        self.episodes: dict[str, Episode] = {}
        self.cases: dict[str, Case] = {}
        self._decided = 0
        self.read()

    def read(self) -> None:
        """Takes all from the database anew."""
        rows = list(all_alerts(self._database))
        self.alerts = {row.alert.id: row.alert for row in rows}
        self.episodes = {row.alert.id: row.episode for row in rows}
        self.cases = {case.id: case for case in all_cases(self._database)}
        self._decided = len(self._database.decisions())

    @property
    def has_decisions(self) -> bool:
        """Whether people decided something since the last commit."""
        return len(self._database.decisions()) != self._decided

    def told(
        self,
        alerts: Sequence[Alert],
        cases: Sequence[Case],
        now: float,
        forgotten: float = -inf,
        certain: float = inf,
    ) -> Told:
        """What has changed since the last commit; `now` is by the wall clock, as the ends of silences are.
        What was last seen before `forgotten` and is not stored was removed, and is no news; what was seen at
        or after `certain` (event time) and is not told now may still be, and stands."""
        alerts = [one for one in alerts if one.last_seen >= forgotten or one.id in self.alerts]
        episodes, ended = self._with_decisions()
        silences = self._database.silences(at=now)
        of_case = {one.alert_id: case.id for case in cases for one in case.members if one.alert_id}
        result = followed(alerts, episodes, silences, cases=of_case, bundle=self._bundle, certain=certain)
        changed = {one.alert_id: one for one in result.episodes}
        changed |= {id: one for id, one in episodes.items() if id not in changed and one != self.episodes[id]}
        latest = self.alerts | {one.id: one for one in alerts}
        grown = [one.id for one in alerts if self.alerts.get(one.id) != one]
        episodes |= changed
        rows = tuple(AlertRow(latest[id], episodes[id]) for id in dict.fromkeys([*grown, *changed]))
        now_cases = {one.id: one for one in cases}
        new = tuple(one for one in cases if self.cases.get(one.id) != one)
        missing = (one for id, one in self.cases.items() if id not in now_cases and one.last_seen < certain)
        gone = tuple(one.id for one in missing if self._is_mine(one))
        hit = tuple(_hit(one, result.suppressed, now) for one in silences if one.id in result.suppressed)
        return Told(rows, new, gone, (*ended, *hit), tuple(result.notices))

    def written(self, told: Told) -> None:
        """Takes in what was committed."""
        for row in told.alerts:
            self.alerts[row.alert.id], self.episodes[row.alert.id] = row.alert, row.episode
        self.cases |= {one.id: one for one in told.cases}
        for id in told.gone_cases:
            del self.cases[id]

    def row(self, id: str, told: Told) -> AlertRow:
        """An alert as it is after a commit."""
        rows = {row.alert.id: row for row in told.alerts}
        return rows.get(id) or AlertRow(self.alerts[id], self.episodes[id])

    def _with_decisions(self) -> tuple[dict[str, Episode], list[Silence]]:
        """Episodes with what people decided meanwhile, and silences that they ended: who writes both at once
        with us might have been written over."""
        decisions = self._database.decisions()
        news, self._decided = decisions[self._decided :], len(decisions)
        episodes = dict(self.episodes)
        for one in news:
            if one.about in episodes:
                episodes[one.about] = decided(episodes[one.about], one.what, one.detail)
        return episodes, self._ended(news)

    def _ended(self, news: Sequence[Decision]) -> list[Silence]:
        ends = {one.about: one.at for one in news if one.what == EXPIRE}
        known = {one.id: one for one in self._database.silences()} if ends else {}
        return [expired(known[id], at) for id, at in ends.items() if id in known]

    def _is_mine(self, case: Case) -> bool:
        """Whether a line with this bundle told the case."""
        ids = [one.alert_id for one in case.members if one.alert_id in self.episodes]
        return any(self.episodes[id].bundle == self._bundle for id in ids if id is not None)


def _hit(silence: Silence, suppressed: Sequence[str], now: float) -> Silence:
    return replace(silence, hits=silence.hits + suppressed.count(silence.id), last_hit=now)


def all_alerts(database: Database, states: Sequence[str] = ()) -> Iterator[AlertRow]:
    """All alerts in these states (all where none is named), the latest seen first."""
    after = ""
    while True:
        rows, after = database.alerts(states=states, page=Page(_PAGE, after))
        yield from rows
        if not after:
            return


def all_cases(database: Database) -> Iterator[Case]:
    """All cases, the latest seen first."""
    after = ""
    while True:
        cases, after = database.cases(page=Page(_PAGE, after))
        yield from cases
        if not after:
            return
