"""From what people should hear of to what waits for their channels, and how delivering it goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import msgspec

from coldtrail.alerts.showing.json import in_json
from coldtrail.errors import StoreError
from coldtrail.policy import Told, deliveries
from coldtrail.records.case import Case
from coldtrail.records.delivery import Delivery
from coldtrail.records.episode import Notice
from coldtrail.reports.alert_lines import line_of
from coldtrail.reports.ocsf import finding as finding_of
from coldtrail.service.channels import Channel
from coldtrail.service.committing import Telling
from coldtrail.service.status import Outbox
from coldtrail.store.database import AlertRow, Database, Page

_LOOK_S = 5.0
_MOST = 1_000
"""More messages than these are not counted one by one."""
_encode = msgspec.json.Encoder().encode


def telling_of(channels: Sequence[Channel]) -> Telling:
    """What makes deliveries of a notice, for each channel that is to hear of it."""
    settings = [channel.settings for channel in channels]
    tells_findings = any(one.kind == "ocsf" for one in settings)

    def tell(notice: Notice, row: AlertRow, case: Case | None, now: float) -> list[Delivery]:
        line = in_json(_encode(line_of(row.alert)))
        finding = in_json(_encode(finding_of(row.alert))) if tells_findings else b""
        return deliveries(Told(notice, row.alert, row.episode, case, line, finding), settings, now)

    return tell


class OutboxState:
    """What waits in the outbox, looked up every few seconds."""

    def __init__(
        self, database: Database, failure: Callable[[], str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database, self._failure, self._clock = database, failure, clock
        self._known, self._until = Outbox(), clock()

    def __call__(self) -> Outbox:
        """How it is; for any thread."""
        if self._clock() >= self._until:
            self._until = self._clock() + _LOOK_S
            try:
                self._known = self._looked_up()
            except StoreError as error:
                return Outbox(self._known.due, self._known.dead, str(error))
        return Outbox(self._known.due, self._known.dead, self._failure())

    def _looked_up(self) -> Outbox:
        due, dead = (len(self._database.deliveries(one, Page(_MOST))[0]) for one in ("due", "dead"))
        return Outbox(due, dead)
