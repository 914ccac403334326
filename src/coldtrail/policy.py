"""Who hears of what, and when: notices of alerts to messages for channels. Nothing is sent here.

A channel hears of an alert when it is new, severer, ten times as often, back after a rest, or over; never of
a plain repeat. In quiet hours a message waits for their end, and in a digest for that of the hour or the day,
but for what is severe enough to break through.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from coldtrail.alerts.matching import matches
from coldtrail.alerts.showing.plain import short
from coldtrail.alerts.wording import messages
from coldtrail.alerts.wording.amounts import counted, moment
from coldtrail.errors import ConfigError
from coldtrail.records.alert import Alert, Severity
from coldtrail.records.case import Case
from coldtrail.records.delivery import Delivery, Message, What
from coldtrail.records.episode import Episode, Event, Notice
from coldtrail.records.silence import Matcher

SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high", "critical")
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EVENTS: tuple[Event, ...] = ("new", "severity_up", "grown", "reopened", "resolved")
_WHAT: dict[Event, What] = {
    "new": "trigger",
    "reopened": "trigger",
    "severity_up": "update",
    "grown": "update",
    "resolved": "resolve",
}
_TELL_LINES = frozenset(("webhook", "sns", "eventbridge"))
"""Kinds of channels that programs read, which get the alert's own line as well."""
_LONGEST_NAME = 256
_MOST_TOLD = 40
"""Alerts that a digest names; the rest is counted."""


class QuietHours(Struct, frozen=True, forbid_unknown_fields=True, rename={"starts": "from", "ends": "to"}):
    """When a channel is told only of what breaks through."""

    starts: str = "22:00"
    """Time of day at which they begin, in the channel's time zone."""
    ends: str = "07:00"
    """Time of day at which they end, on the next day where it is earlier."""
    whole_days: tuple[Day, ...] = ()
    """Days that are quiet from midnight to midnight."""


class ChannelSettings(
    Struct, frozen=True, forbid_unknown_fields=True, rename={"excluded": "except"}, kw_only=True
):
    """What all channels have in common; the keys of its kind stand beside them in `[[notify]]`."""

    kind: str
    """`slack`, `teams`, `pagerduty`, `webhook`, `smtp`, `sns`, `eventbridge`, `security-hub`, `ocsf`,
    `syslog` or `apprise`."""
    name: str = ""
    """What it is called in lists and metrics; its kind where nothing is said. Two never share one."""
    from_severity: Severity = "medium"
    """The least severity that is told."""
    events: tuple[Event, ...] = _EVENTS
    """What is told: first times, rises of severity (with `new` in any case, since they may be the first that
    passes `from_severity`), ten times as many, returns after a rest, and ends."""
    only: tuple[Matcher, ...] = ()
    """Told is only what all of these mean, in the shape of a silence's: `{field, op, value}`."""
    excluded: tuple[Matcher, ...] = ()
    """`except`: what all of these mean is not told."""
    time_zone: str = "UTC"
    """Of quiet hours and digests: `Europe/Vienna`."""
    quiet: QuietHours | None = None
    """Hours in which messages wait for their end."""
    digest: Literal["none", "hourly", "daily"] = "none"
    """Whether messages are collected, and told as one at the end of an hour or of a day."""
    digest_at: str = "08:00"
    """Time of day of a daily digest."""
    through: Severity = "critical"
    """From this severity on, neither quiet hours nor a digest holds a message back."""
    link: str = ""
    """Address of the service's own page, which messages link to: `https://coldtrail.example`."""

    @property
    def called(self) -> str:
        """Its name, or its kind."""
        return self.name or self.kind


class Told(Struct, frozen=True):
    """A notice with what it is about."""

    notice: Notice
    alert: Alert
    episode: Episode
    case: Case | None = None
    line: bytes = b""
    """The alert's line, as `score --alerts` writes it."""
    finding: bytes = b""
    """The alert as an OCSF finding."""


def check_channel(channel: ChannelSettings) -> None:
    """Raises `ConfigError` for a time zone or a time of day that is none, and for quiet without an end."""
    try:
        ZoneInfo(channel.time_zone)
    except (KeyError, ValueError, OSError):
        raise ConfigError(
            f"time_zone: there is no time zone {channel.time_zone!r} here; give one such as Europe/Vienna, "
            "and where no zone is known, install the package tzdata."
        ) from None
    _time_of_day("digest_at", channel.digest_at)
    if channel.link and not channel.link.startswith(("https://", "http://")):
        raise ConfigError("link: give the address of the service's page, beginning with https://.")
    if channel.quiet is None:
        return
    starts, ends = (_time_of_day(f"quiet.{one}", getattr(channel.quiet, name)) for one, name in _QUIET)
    if starts == ends:
        raise ConfigError("quiet: from and to are the same time of day; let them differ.")
    if set(channel.quiet.whole_days) == set(_DAYS):
        raise ConfigError("quiet.whole_days: not all days may be quiet, or nothing would ever be told.")


_QUIET = (("from", "starts"), ("to", "ends"))


def _time_of_day(key: str, text: str) -> tuple[int, int]:
    hour, _, minute = text.partition(":")
    if len(hour) == len(minute) == 2 and (hour + minute).isascii() and (hour + minute).isdigit():
        told = int(hour), int(minute)
        if told < (24, 0) and told[1] < 60:
            return told
    raise ConfigError(f"{key}: {text!r} is no time of day; give one such as 07:30.")


def wants(channel: ChannelSettings, told: Told) -> bool:
    """Whether a channel is to hear of it at all."""
    notice, events = told.notice, channel.events
    listens = notice.event in events or (notice.event == "severity_up" and "new" in events)
    severe = SEVERITIES.index(notice.severity) >= SEVERITIES.index(channel.from_severity)
    if not listens or not severe or not matches(channel.only, told.alert):
        return False
    return not (channel.excluded and matches(channel.excluded, told.alert))


def deliveries(told: Told, channels: Iterable[ChannelSettings], now: float) -> list[Delivery]:
    """A delivery for each channel that is to hear of it; the same notice gives the same ids.

    `now` is by the wall clock, as quiet hours are."""
    return [_delivery(told, channel, now) for channel in channels if wants(channel, told)]


def _delivery(told: Told, channel: ChannelSettings, now: float) -> Delivery:
    notice = told.notice
    parts = (channel.called, notice.alert_id, str(notice.episode), notice.event, _step(told))
    return Delivery(
        id=_digest_of("cn-", parts),
        channel=channel.called,
        message=message_of(told, channel),
        next_at=due_at(channel, notice.severity, now),
        made_at=now,
    )


def _step(told: Told) -> str:
    """What tells several notices of one episode and event apart, the same wherever telemetry was cut."""
    notice = told.notice
    match notice.event:
        case "new":
            return ""
        case "severity_up":
            return notice.severity
        case "grown":
            return str(int(math.log10(max(notice.count - told.episode.count_before, 1))))
        case _:
            return f"{notice.at:.3f} {notice.severity}"


def _digest_of(prefix: str, parts: Sequence[str]) -> str:
    return prefix + hashlib.sha256("\0".join(parts).encode(errors="backslashreplace")).hexdigest()[:32]


def message_of(told: Told, channel: ChannelSettings) -> Message:
    """What the channel's notifier is given."""
    notice, alert = told.notice, told.alert
    account, region, application, function = (short(one, _LONGEST_NAME) for one in alert.key)
    is_collected = collected(channel, notice.severity)
    return Message(
        what=_WHAT[notice.event],
        event=notice.event,
        dedup_key=f"{notice.alert_id}-{notice.episode}",
        alert_id=notice.alert_id,
        case_id=told.episode.case_id if told.case is None else told.case.id,
        severity=notice.severity,
        title=messages.title(alert, notice),
        lines=messages.lines(alert, notice, told.episode, told.case),
        function=function,
        application=application,
        account=account,
        region=region,
        at=notice.at,
        first_seen=told.episode.first_seen,
        count=notice.count,
        link=f"{channel.link.rstrip('/')}/alerts/{notice.alert_id}" if channel.link else "",
        alert=told.line if channel.kind in _TELL_LINES and not is_collected else b"",
        finding=told.finding if channel.kind == "ocsf" else b"",
    )


def breaks_through(channel: ChannelSettings, severity: Severity) -> bool:
    """Whether nothing holds back a message of this severity."""
    return SEVERITIES.index(severity) >= SEVERITIES.index(channel.through)


def due_at(channel: ChannelSettings, severity: Severity, now: float) -> float:
    """When a message that is made now may be sent."""
    if breaks_through(channel, severity):
        return now
    at = now if channel.digest == "none" else digest_end(channel, now)
    return at if channel.quiet is None else _end_of_quiet(channel.quiet, ZoneInfo(channel.time_zone), at)


def collected(channel: ChannelSettings, severity: Severity) -> bool:
    """Whether a message of this severity is told in a digest."""
    return channel.digest != "none" and not breaks_through(channel, severity)


def digest_end(channel: ChannelSettings, at: float) -> float:
    """The end of the hour or the day of a digest in which a moment lies."""
    if channel.digest == "hourly":
        return (at // 3600 + 1) * 3600
    local = datetime.fromtimestamp(at, ZoneInfo(channel.time_zone))
    return _next(local, *_time_of_day("digest_at", channel.digest_at)).timestamp()


def _next(local: datetime, hour: int, minute: int) -> datetime:
    """The next time that it is so late, after a moment."""
    today = local.replace(hour=hour, minute=minute, second=0, microsecond=0, fold=0)
    return today if today.timestamp() > local.timestamp() else today + timedelta(days=1)


def _end_of_quiet(quiet: QuietHours, zone: ZoneInfo, at: float) -> float:
    """The end of the quiet hours in which a moment lies, and of those that follow; else the moment."""
    for _ in range(2 * len(_DAYS)):
        local = datetime.fromtimestamp(at, zone)
        if _DAYS[local.weekday()] in quiet.whole_days:
            at = max(_next(local, 0, 0).timestamp(), at + 1)
        elif _lies_between(local, quiet):
            at = max(_next(local, *_time_of_day("to", quiet.ends)).timestamp(), at + 1)
        else:
            break
    return at


def _lies_between(local: datetime, quiet: QuietHours) -> bool:
    time, starts, ends = f"{local:%H:%M}", quiet.starts, quiet.ends
    return starts <= time < ends if starts < ends else not ends <= time < starts


def digest(channel: ChannelSettings, collected: Sequence[Message], end: float) -> Message:
    """Messages that a channel collected until the end of an hour or of a day, as one: of each alert the last
    word; the most severe first."""
    last = {one.dedup_key: one for one in sorted(collected, key=lambda one: one.at)}
    told = sorted(last.values(), key=lambda one: (-SEVERITIES.index(one.severity), one.at, one.dedup_key))
    lines = [f"{one.severity.capitalize()}: {one.title}" for one in told[:_MOST_TOLD]]
    if len(told) > _MOST_TOLD:
        lines.append(f"And {len(told) - _MOST_TOLD:,} more.")
    first = told[0]
    return Message(
        what="digest",
        dedup_key=_digest_of("cd-", (channel.called, f"{end:.0f}")),
        alert_id="",
        case_id=None,
        severity=first.severity,
        title=f"{counted(len(told), 'alert')} until {moment(end)} UTC",
        lines=tuple(lines),
        function=_shared(one.function for one in told),
        application=_shared(one.application for one in told),
        account=_shared(one.account for one in told),
        region=_shared(one.region for one in told),
        at=max(one.at for one in told),
        first_seen=min(one.first_seen for one in told),
        count=len(told),
        link=f"{channel.link.rstrip('/')}/alerts" if channel.link else "",
    )


def _shared(values: Iterable[str]) -> str:
    """The value that all have; empty where they differ."""
    found = set(values)
    return found.pop() if len(found) == 1 else ""
