"""The source `cloudwatch-logs`: events of log groups: spans of `aws/spans`, reports of functions, Insights.

Events become visible late and not in order: a moment is asked for again a few times, and what was given is
remembered by its id.
"""

from __future__ import annotations

import io
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any

import msgspec
from msgspec import Struct

from coldtrail.errors import ConfigError, SourceError
from coldtrail.records.intake import Batch, Permission
from coldtrail.records.telemetry import Document
from coldtrail.sources.aws.account import Account, AwsSettings
from coldtrail.sources.aws.log_groups import LogGroup, groups_of
from coldtrail.sources.aws.looking_back import LookingBack, Reached
from coldtrail.sources.aws.refusals import asking, checked
from coldtrail.sources.context import SourceContext
from coldtrail.sources.documents import documents_of

MOST_IDS = 20_000
"""Of events of one group that are remembered."""
_DEEP_S = 60.0
_GROUPS_S = 300.0
_PACE_S = 0.2
"""Between calls: an account may ask five times a second."""
_FETCH_S = 1.0


class LogsSettings(AwsSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Log groups of CloudWatch Logs."""

    groups: tuple[str, ...]
    """Their names; `*` stands for anything: `aws/spans`, `/aws/lambda/*`, `/aws/lambda-insights`."""
    filter: str = ""
    """A filter pattern of CloudWatch Logs, so that only some events are fetched."""
    every_s: float = 10.0
    """How often each group is asked, in seconds."""
    since_s: float = 3_600.0
    """How far back to begin at first, in seconds."""
    overlap_s: float = 600.0
    """How late an event may become visible, in seconds."""


class LogsPosition(Struct):
    """Where the source goes on."""

    groups: dict[str, Reached] = {}


class _Window(Struct):
    """What is being asked of a group."""

    group: LogGroup
    start: float
    end: float
    token: str = ""


class LogsSource:
    """Events of all groups that match, one group after the other."""

    Settings = LogsSettings

    def __init__(
        self, settings: LogsSettings, context: SourceContext, clock: Callable[[], float] = time.time
    ) -> None:
        if not settings.groups:
            raise ConfigError(f"{context.name}: groups is empty; name at least one, such as aws/spans.")
        self.name = context.name
        self._settings, self._context, self._clock = settings, context, clock
        self._account = Account(context.name, settings, context.environment)
        self._reached: dict[str, LookingBack] = {}
        self._groups: list[LogGroup] = []
        self._windows: deque[_Window] = deque()
        self._next_look = self._next_groups = self._next_deep = self._next_call = float("-inf")

    def resume(self, position: bytes) -> None:
        """Goes on where the position says, group by group."""
        try:
            groups = msgspec.json.decode(position, type=LogsPosition).groups
            self._reached = {name: self._looking_back(reached) for name, reached in groups.items()}
        except ValueError:
            raise SourceError(
                f"{self.name}: the stored position is of another kind of source; name this one otherwise."
            ) from None

    def fetch(self) -> Batch | None:
        """New events of one page of one group; None where there are none now."""
        until = time.monotonic() + _FETCH_S
        if not self._windows:
            self._look()
        while self._windows and time.monotonic() < until:
            batch = self._page(self._windows[0])
            if batch is not None:
                return batch
            if not self._windows and self._is_behind():
                self._look()
        return None

    def committed(self, position: bytes) -> None:
        """Needs no more: events stay where they are."""

    def tend(self) -> None:
        """Reading takes nothing from others."""

    def close(self) -> None:
        """Lets go of connections."""
        self._account.close()

    @property
    def is_behind(self) -> bool:
        """Whether there is a time that was not asked for yet: that there is nothing now says little."""
        now = self._clock()
        return bool(self._windows) or any(one.is_behind(now) for one in self._reached.values())

    def needs(self) -> Sequence[Permission]:
        """Finding groups, reading their events, and the role."""
        groups = tuple(self._account.arn("logs", f"log-group:{group}:*") for group in self._settings.groups)
        everywhere = (self._account.arn("logs", "log-group:*"),)
        return [
            *self._account.needs(),
            Permission(("logs:DescribeLogGroups",), everywhere, "to find the log groups"),
            Permission(("logs:FilterLogEvents",), groups, "to read their events"),
        ]

    def _look(self) -> None:
        """Makes the windows that are to be asked for now, if it is time."""
        began = time.monotonic()
        if began < self._next_look:
            return
        if began >= self._next_groups:
            self._groups = groups_of(self.name, self._account, self._settings.groups)
            kept = {group.name for group in self._groups}
            self._reached = {name: one for name, one in self._reached.items() if name in kept}
            self._next_groups = began + _GROUPS_S
        is_deep = began >= self._next_deep
        if is_deep:
            self._next_deep = began + _DEEP_S
        now = self._clock()
        windows = [self._window(group, now, is_deep=is_deep) for group in self._groups]
        # Whoever was left over by an error comes first.
        self._windows.extend(sorted(windows, key=lambda window: self._reached[window.group.name].until))
        self._next_look = began + (0.0 if self._is_behind() else self._settings.every_s)

    def _is_behind(self) -> bool:
        return any(one.is_behind(self._clock()) for one in self._reached.values())

    def _window(self, group: LogGroup, now: float, *, is_deep: bool) -> _Window:
        if group.name not in self._reached:
            since = now - self._settings.since_s
            self._reached[group.name] = self._looking_back(Reached(since, since))
        return _Window(group, *self._reached[group.name].window(now, is_deep=is_deep))

    def _looking_back(self, reached: Reached) -> LookingBack:
        return LookingBack(reached, self._settings.overlap_s, MOST_IDS)

    def _page(self, window: _Window) -> Batch | None:
        answer = self._asked(window)
        token = answer.get("nextToken", "")
        reached = self._reached[window.group.name]
        new = [
            one for one in answer["events"] if not reached.ids.has(one["eventId"], one["timestamp"] / 1_000)
        ]
        documents = self._documents(window.group, new)
        for event in new:
            reached.ids.add(event["eventId"], event["timestamp"] / 1_000)
        window.token = token
        if not token:
            self._windows.popleft()
            reached.done(window.end)
        if reached.bound():
            # What comes late for the time that is not remembered is not found: this count tells of it.
            self._context.tally.count("log events remembered for a shorter time")
        if not documents:
            return None
        newest = max([event["timestamp"] for event in new]) / 1_000
        return Batch(tuple(documents), self._position(), newest, more=bool(self._windows))

    def _asked(self, window: _Window) -> dict[str, Any]:
        time.sleep(max(0.0, self._next_call - time.monotonic()))
        self._next_call = time.monotonic() + _PACE_S
        name = window.group.name
        asked: dict[str, Any] = {
            "logGroupName": name,
            "startTime": int(window.start * 1_000),
            "endTime": int(window.end * 1_000),
        }
        if self._settings.filter:
            asked["filterPattern"] = self._settings.filter
        if window.token:
            asked["nextToken"] = window.token
        try:
            with asking(self.name, "logs:FilterLogEvents", self._account.arn("logs", f"log-group:{name}:*")):
                answer: dict[str, Any] = self._account.client("logs").filter_log_events(**asked)
                checked(self.name, "logs:FilterLogEvents", answer)
        except SourceError:
            # A token may have expired; what was given of this window is remembered.
            window.token = ""
            self._next_groups = float("-inf")
            self._windows.clear()
            raise
        return answer

    def _documents(self, group: LogGroup, events: Iterable[dict[str, Any]]) -> list[Document]:
        """The documents of events, those of each stream together: a record may be several events."""
        found: list[Document] = []

        def stream_of(event: dict[str, Any]) -> str:
            return str(event.get("logStreamName", ""))

        for stream, some in groupby(sorted(events, key=stream_of), stream_of):
            delivered = {
                "messageType": "DATA_MESSAGE",
                "owner": group.account,
                "logGroup": group.name,
                "logStream": stream,
                "logEvents": [
                    {key: one[key] for key in ("timestamp", "message", "ingestionTime") if key in one}
                    for one in some
                ],
            }
            found += documents_of(
                io.BytesIO(msgspec.json.encode(delivered)),
                f"log group {group.name}",
                self._context.limits,
                self._context.tally,
                within=f"stream {stream}" if stream else "",
                counted="answers read",
            )
        return found

    def _position(self) -> bytes:
        groups = {name: one.reached() for name, one in self._reached.items()}
        return msgspec.json.encode(LogsPosition(groups))
