"""One commit for all that belongs together: positions, what the line holds, what it told, whom to tell."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from math import isfinite

from coldtrail.records.case import Case
from coldtrail.records.delivery import Delivery
from coldtrail.records.episode import Notice
from coldtrail.records.stage import State
from coldtrail.service.line import Line
from coldtrail.service.pace import Clock, Pace
from coldtrail.service.settings import ServiceSettings
from coldtrail.service.standing import Standing, Told
from coldtrail.service.verdict_rows import VerdictRows
from coldtrail.store.database import AlertRow, Changes, Checkpoint, Database
from coldtrail.store.packed_state import pack_state

SHARE = 0.1
"""Of the time that commits may take; so what they cost says how often there may be one."""
LEAST_S = 0.25
_PRUNE_S = 3_600.0
_DAY_S = 86_400.0
_LOOK_S = 2.0
"""Between looks at what people decided."""
SINCE = "since the checkpoint: "
"""Before the name of a source, in the stored counts: how many of its documents had been taken when something
was told without a checkpoint."""
Telling = Callable[[Notice, AlertRow, Case | None, float], Sequence[Delivery]]
"""The deliveries of a notice; the same notice gives the same ids. The time is by the wall clock."""


def nobody(notice: Notice, row: AlertRow, case: Case | None, now: float) -> Sequence[Delivery]:
    """Tells nobody."""
    return ()


class Commits:
    """Commits what the line has come to since the last commit."""

    def __init__(
        self,
        database: Database,
        line: Line,
        rows: VerdictRows,
        settings: ServiceSettings,
        telling: Telling = nobody,
        *,
        clock: Clock = time.monotonic,
        wall: Clock = time.time,
    ) -> None:
        self._database, self._line, self._rows, self._telling = database, line, rows, telling
        self._keep_s = settings.keep_flows_days * _DAY_S
        self._keep_decided_s = settings.keep_decided_days * _DAY_S
        self._standing = Standing(database, line.making.bundle)
        self._wall = wall
        self.wake: Callable[[], object] = bool
        """Called after a commit that gave somebody something to deliver."""
        self._counted = _counts(line)
        self._ahead = Counter(told_since(database))
        self.pace, self.telling_pace = Pace(SHARE, LEAST_S, clock), Pace(SHARE, LEAST_S, clock)
        """Of checkpoints, and of commits without a snapshot."""
        self._looking = Pace(SHARE, _LOOK_S, clock)
        self._pruning = Pace(SHARE, _PRUNE_S, clock)
        self.state_bytes = 0
        self.notices = self.commits = 0

    @property
    def standing(self) -> Standing:
        """Alerts and cases as they were committed last."""
        return self._standing

    @property
    def waiting_bytes(self) -> int:
        """What the verdicts take that wait for the next commit."""
        return self._rows.bytes

    @property
    def has_decisions(self) -> bool:
        """Whether people decided something since the last commit; looked up every few seconds."""
        if not self._looking.may_begin:
            return False
        with self._looking.measured():
            return self._standing.has_decisions

    def checkpoint(
        self, positions: Mapping[str, bytes], since: Mapping[str, int], state: State | None = None
    ) -> None:
        """Writes all of it; raises `StoreError`, and then nothing of it is written.

        `since` is how many documents of each source were taken since the last checkpoint. `state` is what the
        line held when the positions were reached, where it holds that no more."""
        with self.pace.measured():
            line, counts = self._line, _counts(self._line)
            packed = pack_state(line.snapshot() if state is None else state)
            at = line.now if isfinite(line.now) else 0.0
            counted = counts - self._counted
            counted.update({f"{SINCE}{name}": -number for name, number in self._ahead.items()})
            self._write(Checkpoint(dict(positions), packed, line.making.bundle, at), counted)
            self._counted, self._ahead, self.state_bytes = counts, Counter(), len(packed)

    def tell(self, since: Mapping[str, int]) -> None:
        """Writes what the line came to, and how many documents since the last checkpoint that took: whoever
        goes on from there takes as many before it writes anything. Raises `StoreError`."""
        with self.telling_pace.measured():
            more = Counter(since)
            more.subtract(self._ahead)
            self._write(None, Counter({f"{SINCE}{name}": number for name, number in more.items()}))
            self._ahead = Counter(since)

    def _write(self, checkpoint: Checkpoint | None, counted: Counter[str]) -> None:
        line, now = self._line, self._wall()
        cases = line.cases
        told = self._standing.told(
            line.alerts, cases, now, line.now - self._keep_decided_s, line.certain_before
        )
        verdicts, gone = self._rows.taken()
        self._database.commit(
            Changes(
                checkpoint=checkpoint,
                verdicts=verdicts,
                gone_verdicts=gone,
                alerts=told.alerts,
                cases=told.cases,
                gone_cases=told.gone_cases,
                silences=told.silences,
                deliveries=self._deliveries(told, cases, now),
                counts={key: number for key, number in counted.items() if number},
            )
        )
        self._standing.written(told)
        self.commits += 1
        self.notices += len(told.notices)
        if told.notices:
            self.wake()

    def prune_if_due(self) -> None:
        """Removes what has been kept for long enough, now and then; raises `StoreError`."""
        at = self._line.now
        if not self._pruning.may_begin or not isfinite(at):
            return
        with self._pruning.measured():
            gone = self._database.prune(before=at - self._keep_s, decided_before=at - self._keep_decided_s)
            if gone:
                self._standing.read()

    def _deliveries(self, told: Told, cases: Sequence[Case], now: float) -> tuple[Delivery, ...]:
        by_id = {case.id: case for case in cases}
        found: list[Delivery] = []
        for notice in told.notices:
            row = self._standing.row(notice.alert_id, told)
            found += self._telling(notice, row, by_id.get(row.episode.case_id or ""), now)
        return tuple(found)


def told_since(database: Database) -> dict[str, int]:
    """How many documents of each source have to be taken again until all stands that was told."""
    stored = database.counts()
    return {
        name.removeprefix(SINCE): number
        for name, number in stored.items()
        if name.startswith(SINCE) and number > 0
    }


def _counts(line: Line) -> Counter[str]:
    """What passed each stage so far, and what was lost."""
    tally = line.tally
    return tally.counts + Counter({f"lost: {kind}": number for kind, number in tally.losses.items()})
