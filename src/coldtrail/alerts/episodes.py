"""Alerts as the line tells them now, and what is stored of them → how they live on, and what to tell.

An alert that comes again within a day of its last run adds to its episode; after such a rest it begins
another under the same id. People are told of what is new, has become severer, is ten times as often, has come
again after a rest, or is over; never of plain repeats. Following the same alerts twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import NamedTuple

from msgspec.structs import replace

from coldtrail.alerts.severity import level_of
from coldtrail.alerts.silencing import silencing
from coldtrail.records.alert import Alert
from coldtrail.records.episode import Episode, Event, Notice
from coldtrail.records.silence import Silence

QUIET_FOR_S = 86_400.0
"""After so long without a strange run the next one begins another episode."""
GROWN = 10
"""People are told again at so many times the count that they were told last."""
BREAKS_THROUGH = 2
"""A silenced alert is told all the same once it is so many severities above what it was silenced at."""


class Followed(NamedTuple):
    """What became of alerts."""

    episodes: list[Episode]
    """Those that are new or have changed."""
    notices: list[Notice]
    suppressed: list[str]
    """Ids of silences, one for each notice that was kept back."""


def followed(
    alerts: Iterable[Alert],
    stored: Mapping[str, Episode],
    silences: Sequence[Silence] = (),
    *,
    cases: Mapping[str, str] | None = None,
    bundle: str = "",
    certain: float = inf,
) -> Followed:
    """The episodes of all alerts that the line tells now; one that it told and tells no more is withdrawn.

    `silences` are those in force; `cases` gives the case of an alert; `bundle` is the identity of the line's:
    what a line with another bundle told is not withdrawn by this one. Nor is what was seen at or after
    `certain` (event time), of which more may still come: a line that goes on tells it again in time.
    """
    result = Followed([], [], [])
    cases, left = cases or {}, dict(stored)
    for alert in alerts:
        before = left.pop(alert.id, None)
        after, event = _grown(alert, before, _elsewhere(before, bundle))
        after = replace(after, case_id=cases.get(alert.id), bundle=bundle)
        if event is not None or (before is not None and before.suppressed_by):
            after = _told(alert, before, after, event, silencing(alert, silences), result)
        _over(before, after, result)
    for before in left.values():
        stands = before.bundle not in ("", bundle) or max(before.last_seen, before.told_at) >= certain
        _over(before, before if stands else replace(before, withdrawn=True), result)
    return result


def _elsewhere(before: Episode | None, bundle: str) -> int:
    """How often lines with other bundles told an alert: this one counts from where it began."""
    if before is None:
        return 0
    return before.count_elsewhere if before.bundle in ("", bundle) else before.count


def _grown(alert: Alert, before: Episode | None, elsewhere: int) -> tuple[Episode, Event | None]:
    """The episode with what the alert tells now, and why people should hear of that."""
    if before is None:
        return _begun(alert, None, 0), "new"
    if before.withdrawn or alert.last_seen > before.last_seen + QUIET_FOR_S:
        return _begun(alert, before, elsewhere), "reopened"
    severest = max(before.severity, alert.severity, key=level_of)
    last = max(before.last_seen, alert.last_seen)
    count = elsewhere + alert.count
    after = replace(before, severity=severest, count=count, last_seen=last, count_elsewhere=elsewhere)
    if severest != before.severity:
        # Whoever closed it closed something less severe.
        if before.state == "closed":
            after = replace(after, state="open", resolved=False)
        return after, "severity_up"
    told, now = before.told_count - before.count_before, after.count - before.count_before
    return after, "grown" if now >= GROWN * max(told, 1) else None


def _begun(alert: Alert, before: Episode | None, elsewhere: int) -> Episode:
    """The first episode of an alert, or the one after another."""
    count = elsewhere + alert.count
    return Episode(
        alert_id=alert.id,
        episode=1 if before is None else before.episode + 1,
        state="open",
        severity=alert.severity,
        count=count,
        first_seen=alert.first_seen if before is None else alert.last_seen,
        last_seen=alert.last_seen,
        told_at=alert.told_at,
        told_count=count,
        told_severity=alert.severity,
        count_before=0 if before is None else min(before.count, count - 1),
        count_elsewhere=elsewhere,
        assignee="" if before is None else before.assignee,
        accepted=before is not None and before.accepted,
    )


def _told(
    alert: Alert,
    before: Episode | None,
    after: Episode,
    event: Event | None,
    silence: str | None,
    result: Followed,
) -> Episode:
    """The episode once its event was told, or kept back by the silence."""
    if silence is not None and not _breaks_through(after):
        if event is None:
            return after
        result.suppressed.append(silence)
        return replace(after, suppressed_by=silence, told_count=after.count)
    if event is None:
        if before is not None and after.count == before.count and silence is None:
            return after
        # It was silenced, nobody has heard of it, and it goes on after the end of its silence.
        event = "new" if after.episode == 1 else "reopened"
    at = max(alert.told_at, after.last_seen if event != "new" else alert.told_at)
    result.notices.append(Notice(alert.id, after.episode, event, after.severity, after.count, at))
    return replace(
        after, suppressed_by=None, told_at=at, told_count=after.count, told_severity=after.severity
    )


def _breaks_through(after: Episode) -> bool:
    return level_of(after.severity) >= level_of(after.told_severity) + BREAKS_THROUGH


def _over(before: Episode | None, after: Episode, result: Followed) -> None:
    """Keeps the episode if it has changed; where it is over, that is told once."""
    if (after.state == "closed" or after.withdrawn) and not after.resolved:
        after = replace(after, resolved=True)
        if after.suppressed_by is None:
            at = after.last_seen
            notice = Notice(after.alert_id, after.episode, "resolved", after.severity, after.count, at)
            result.notices.append(notice)
    if after != before:
        result.episodes.append(after)
