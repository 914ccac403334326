"""What is known of a trace while pieces of it may still come, and the way up from each of its runs."""

from __future__ import annotations

from operator import attrgetter

from coldtrail.assembly.merge import Events, Rank, each_once, event_rank, merged_heads
from coldtrail.records.flow import Event
from coldtrail.records.telemetry import Fragment, Link

_MOST_HOPS = 100
_SERVICE_HOPS = ("AWS::Lambda", "subsegment")
_EARLIEST = attrgetter("start_time", "event_id")
Caller = tuple[Event, str]
"""A step, and the name of the function that took it."""
_HEAD = attrgetter(
    "application_name", "function_name", "start_time", "end_time", "parent_id", "error", "cold_start",
    "in_progress", "trigger", "caller", "version", "account", "region",
)  # fmt: skip


class Draft:
    """A flow while pieces of it may still come."""

    __slots__ = ("events", "head")

    def __init__(self, fragment: Fragment) -> None:
        self.head = fragment
        self.events: Events = fragment.events

    def add(self, fragment: Fragment) -> None:
        """Adds what one more document says."""
        if not isinstance(self.events, list):
            self.events = list(self.events)
        self.events.extend(fragment.events)
        if _HEAD(fragment) != _HEAD(self.head):
            self.head = merged_heads(self.head, fragment)

    def keep_earliest(self, most: int) -> int:
        """How many events were left out so that at most `most` stay, each once."""
        events = each_once(self.events)
        self.events = sorted(events, key=_EARLIEST)[:most] if len(events) > most else events
        return len(events) - len(self.events)


class Trace:
    """The runs, links and loose pieces of a trace."""

    __slots__ = ("callers", "drafts", "events", "links", "pieces")

    def __init__(self) -> None:
        self.drafts: dict[str, Draft] = {}
        self.links: dict[str, Link] = {}
        self.pieces: list[Fragment] = []
        self.events = 0
        self.callers: dict[str, Caller] | None = None
        """Each event by its id; made when first asked for."""


Upstream = tuple[str | None, str | None, bool]


def upstream(parent_id: str, trace: Trace) -> Upstream:
    """What triggered a run, who its nearest caller is, and whether the trace lacks a part of the way up."""
    trigger: str | None = None
    seen: set[str] = set()
    current: str | None = parent_id
    while current is not None and current not in seen and len(seen) < _MOST_HOPS:
        seen.add(current)
        link = trace.links.get(current)
        if link is None:
            return _from_function(current, trace, trigger)
        if trigger is None and link.kind not in _SERVICE_HOPS:
            trigger = f"{link.kind} {link.name}"
            if link.kind in ("AWS::ApiGateway::Stage", "AWS::StepFunctions::StateMachine"):
                return trigger, link.name, False
        current = link.parent_id
    return trigger, None, current is not None


def _from_function(event_id: str, trace: Trace, trigger: str | None) -> Upstream:
    if trace.callers is None:
        trace.callers = _callers(trace)
    found = trace.callers.get(event_id)
    if found is None:
        return trigger, None, True
    event, function = found
    named = f"{event.event_type} {event.event_target_resource or event.event_name}"
    return trigger or named, function, False


def _callers(trace: Trace) -> dict[str, Caller]:
    """Each event of a trace by its id; copies are told apart as within a flow."""
    drafts = trace.drafts.values()
    callers = {
        event.event_id: (event, draft.head.function_name) for draft in drafts for event in draft.events
    }
    if len(callers) == sum([len(draft.events) for draft in drafts]):
        return callers
    ranks: dict[str, tuple[Rank, str]] = {}
    for draft in drafts:
        function = draft.head.function_name
        for event in draft.events:
            rank = event_rank(event), function
            known = ranks.get(event.event_id)
            if known is None or rank > known:
                ranks[event.event_id], callers[event.event_id] = rank, (event, function)
    return callers
