"""`/health`: whether each stage moves, and the sentence why not."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from coldtrail.alerts.showing.json import in_json
from coldtrail.service.status import Status, troubles

OK, BAD = 200, 503


class Health(Struct, frozen=True):
    """What `/health` answers."""

    ok: bool
    why: tuple[str, ...]
    """What is wrong, a sentence each."""
    up_s: float
    committed_s: float
    event_time: float | None
    sources: dict[str, str]
    """How each source is."""
    open_alerts: int


def health(status: Status) -> tuple[int, bytes]:
    """The status of the answer, and its JSON."""
    why = tuple(troubles(status))
    told = Health(
        not why,
        why,
        round(status.up_s, 3),
        round(status.committed_s, 3),
        status.event_time,
        {one.name: one.condition.value for one in status.sources},
        sum(status.open_alerts.values()),
    )
    return BAD if why else OK, in_json(msgspec.json.encode(told)) + b"\n"
