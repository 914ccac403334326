"""The source `xray-api`: traces as X-Ray has put them together, asked for as they change."""

from __future__ import annotations

import io
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from coldtrail.errors import SourceError
from coldtrail.records.intake import Batch, Permission
from coldtrail.records.telemetry import Document
from coldtrail.sources.aws.account import Account, AwsSettings
from coldtrail.sources.aws.looking_back import LookingBack, Reached
from coldtrail.sources.aws.refusals import asking, checked
from coldtrail.sources.aws.traces import AT_ONCE, Answered, Traces
from coldtrail.sources.context import SourceContext
from coldtrail.sources.documents import documents_of

_MOST_IDS = 20_000
_DEEP_S = 60.0
_PACE_S = 0.2
_FETCH_S = 1.0
_MOST_TRIES = 3
_NOT_GIVEN = "X-Ray listed this trace, and did not give it when it was asked for three times."


class XraySettings(AwsSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Traces of an account and region.

    Where Transaction Search is on, X-Ray lists only traces that are indexed: `cloudwatch-logs` with the group
    `aws/spans` reads all of them.
    """

    filter: str = ""
    """A filter expression of X-Ray, so that only some traces are fetched."""
    every_s: float = 15.0
    """How often new traces are asked for, in seconds."""
    since_s: float = 900.0
    """How far back to begin at first, in seconds."""
    overlap_s: float = 600.0
    """How late a trace, or more of it, may come, in seconds."""


class _Listed(NamedTuple):
    id: str
    revision: str
    """What tells this state of the trace from an earlier one."""


class XraySource:
    """Each trace as a whole, and once more when it has changed."""

    Settings = XraySettings

    def __init__(
        self, settings: XraySettings, context: SourceContext, clock: Callable[[], float] = time.time
    ) -> None:
        self.name = context.name
        self._settings, self._context, self._clock = settings, context, clock
        self._account = Account(context.name, settings, context.environment)
        self._traces = Traces(context.name, self._account, clock)
        since = clock() - settings.since_s
        self._reached = LookingBack(Reached(since, since), settings.overlap_s, _MOST_IDS)
        self._waiting: deque[_Listed] = deque()
        self._end: float | None = None
        self._tries: Counter[str] = Counter()
        self._next_look = self._next_deep = float("-inf")

    def resume(self, position: bytes) -> None:
        """Goes on where the position says."""
        try:
            reached = msgspec.json.decode(position, type=Reached)
            self._reached = LookingBack(reached, self._settings.overlap_s, _MOST_IDS)
        except ValueError:
            raise SourceError(
                f"{self.name}: the stored position is of another kind of source; name this one otherwise."
            ) from None

    def fetch(self) -> Batch | None:
        """Up to five traces; None where there are none now, or they are still being retrieved."""
        until = time.monotonic() + _FETCH_S
        while not self._waiting:
            if self._end is not None:
                self._finish()
                if not self._reached.is_behind(self._clock()):
                    return None
            if time.monotonic() > until or not self._look():
                return None
        some = [self._waiting[at] for at in range(min(AT_ONCE, len(self._waiting)))]
        answered = self._traces.get([one.id for one in some])
        if answered is None:
            time.sleep(_PACE_S)
            return None
        for _ in some:
            self._waiting.popleft()
        documents = self._documents(answered)
        self._note(some, answered)
        if not self._waiting:
            self._finish()
        if not documents:
            return None
        newest = self._reached.until if self._end is None else self._end
        position = msgspec.json.encode(self._reached.reached())
        return Batch(tuple(documents), position, newest, more=bool(self._waiting))

    def committed(self, position: bytes) -> None:
        """Needs no more: traces stay where they are."""

    def tend(self) -> None:
        """Reading takes nothing from others."""

    def close(self) -> None:
        """Lets go of connections."""
        self._account.close()

    @property
    def is_behind(self) -> bool:
        """Whether there is a time that was not asked for yet: that there is nothing now says little."""
        return self._end is not None or self._reached.is_behind(self._clock())

    def needs(self) -> Sequence[Permission]:
        """Listing and reading traces in either mode, and the role."""
        listing = ("xray:GetTraceSegmentDestination", "xray:GetTraceSummaries", "xray:BatchGetTraces")
        retrieving = ("xray:StartTraceRetrieval", "xray:ListRetrievedTraces")
        return [
            *self._account.needs(),
            Permission(listing, ("*",), "to list traces and to read them (X-Ray has no narrower resource)"),
            Permission(retrieving, ("*",), "to read traces where Transaction Search is on"),
        ]

    def _look(self) -> bool:
        """Whether there are traces that are new or changed, looked for now and then."""
        began = time.monotonic()
        if began < self._next_look:
            return False
        is_deep = began >= self._next_deep
        now = self._clock()
        start, end = self._reached.window(now, is_deep=is_deep)
        listed = {one.id: one for one in self._listed(start, end)}
        self._waiting = deque(one for one in listed.values() if not self._reached.ids.has(one.revision))
        self._end = end
        if is_deep:
            self._next_deep = began + _DEEP_S
        self._next_look = began + self._settings.every_s
        return True

    def _listed(self, start: float, end: float) -> Iterator[_Listed]:
        asked: dict[str, Any] = {
            "StartTime": start,
            "EndTime": end,
            "TimeRangeType": "Event",
            "Sampling": False,
        }
        if self._settings.filter:
            asked["FilterExpression"] = self._settings.filter
        while start < end:
            with asking(self.name, "xray:GetTraceSummaries", "*"):
                answer = self._account.client("xray").get_trace_summaries(**asked)
                page = checked(self.name, "xray:GetTraceSummaries", answer)
            for summary in page.get("TraceSummaries", ()):
                id = summary["Id"]
                state = [
                    summary.get(key, "") for key in ("Revision", "Duration", "ResponseTime", "IsPartial")
                ]
                yield _Listed(id, f"{id} {state}")
            if not page.get("NextToken"):
                return
            asked["NextToken"] = page["NextToken"]
            time.sleep(_PACE_S)

    def _documents(self, answered: Answered) -> list[Document]:
        traces = [trace for trace in answered.traces if trace.get("Segments")]
        if not traces:
            return []
        return list(
            documents_of(
                io.BytesIO(msgspec.json.encode({"Traces": traces})),
                f"X-Ray {self._account.region}",
                self._context.limits,
                self._context.tally,
                counted="answers read",
            )
        )

    def _note(self, some: list[_Listed], answered: Answered) -> None:
        """Remembers what was given; what was not is asked for again, a few times."""
        missing = set(answered.missing)
        at = self._end or self._reached.until
        for one in some:
            if one.id in missing and self._tries[one.id] + 1 < _MOST_TRIES:
                self._tries[one.id] += 1
                self._waiting.append(one)
                continue
            if one.id in missing:
                self._context.tally.lose(
                    "traces not given",
                    origin=f"X-Ray {self._account.region}",
                    place=one.id,
                    reason=_NOT_GIVEN,
                )
            self._tries.pop(one.id, None)
            self._reached.ids.add(one.revision, at)

    def _finish(self) -> None:
        """All that was listed is given."""
        if self._end is not None:
            self._reached.done(self._end)
        if self._reached.bound():
            self._context.tally.count("traces remembered for a shorter time")
        if self._reached.is_behind(self._clock()):
            self._next_look = float("-inf")
        self._end = None
