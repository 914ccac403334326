"""Flows of invocations that no trace tells of: of those that reports or the audit log name, and, where it
names none, of what one session of a function's role did without a pause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf

from msgspec import Struct

from coldtrail.assembly.applications import Applications
from coldtrail.assembly.copies import LONGEST_RUN_S
from coldtrail.assembly.join.facts import (
    CLOUDTRAIL,
    Joined,
    by_time,
    facts_of,
    invocation_type_of,
    request_id_of,
)
from coldtrail.assembly.join.functions import Named, named_by
from coldtrail.assembly.join.ids import function_told
from coldtrail.assembly.join.steps import TOLERANCE_S, WHOLE_S
from coldtrail.assembly.masking import Masking
from coldtrail.records.flow import Event, Flow
from coldtrail.records.witnesses import ApiCall, Report, Witness

TIMEOUT_S = 60.0
"""How long a function runs at most, where nothing tells: a session that pauses longer went on to another run.
Deployment tools give a function 3 to 30 seconds where nobody asks for more."""
LONGEST_SESSION_S = LONGEST_RUN_S
"""No invocation goes on for longer, so that a busy session is cut as well."""
FAILED = frozenset(("error", "failure", "timeout"))


class Draft(Struct):
    """An invocation that no trace tells of."""

    function: Named
    start_time: float
    end_time: float
    """Infinite where nothing tells it."""
    told: list[int]
    """Numbers of what names it."""
    calls: list[int] = []
    access_key: str | None = None
    last_call: float = -inf

    @property
    def latest(self) -> float:
        """When it is over at the latest."""
        return self.start_time + TIMEOUT_S if self.end_time == inf else self.end_time

    def covers(self, call: ApiCall) -> bool:
        """Whether it may have made a call."""
        return self.start_time < call.time + WHOLE_S + TOLERANCE_S and self.latest >= call.time - TOLERANCE_S

    def take(self, number: int, call: ApiCall) -> None:
        """Adds a call, none of which may be earlier than those before."""
        self.calls.append(number)
        self.access_key = self.access_key or call.access_key
        self.last_call = call.time

    def rank(self, call: ApiCall) -> tuple[bool, bool, float, int, float]:
        """Orders the invocations that a call may be of: one of other credentials comes last, before it one
        that only clocks which differ let begin by then. First comes the one that began, or acted with these
        credentials, last; then one of the same credentials; then the latest.

        An instance serves one invocation after another with the same credentials.
        """
        key = self.access_key
        of_other = 1 if key is None or call.access_key is None else 0 if key == call.access_key else 2
        active = self.start_time if of_other else max(self.start_time, self.last_call)
        is_later = self.start_time >= call.time + WHOLE_S
        return of_other == 2, is_later, -min(active, call.time), of_other, -self.start_time


class Session(Struct):
    """What was done with the credentials of one instance of a function, without a pause."""

    function: Named
    name: str
    """Of the session, or what stands for it."""
    first: float
    last: float
    calls: list[int]


def draft_of(some: Sequence[tuple[int, Witness]]) -> Draft | None:
    """The invocation that witnesses name by one request id; None where no function or no time is told."""
    witnesses = [witness for _, witness in some]
    reports = [one for one in witnesses if isinstance(one, Report)]
    invokes = [one for one in witnesses if isinstance(one, ApiCall)]
    function = _function(reports, invokes)
    times = [start for one in witnesses if (start := _start(one)) is not None]
    if function is None or not times:
        return None
    ends = [one.time for one in reports if one.time is not None and one.kind != "start"]
    start = min(times)
    return Draft(function, start, max(ends, default=inf), [number for number, _ in some])


def _start(witness: Witness) -> float | None:
    if witness.time is None:
        return None
    if isinstance(witness, Report) and witness.kind not in ("start", "insights"):
        return witness.time - min(witness.duration_s or 0.0, LONGEST_RUN_S)
    return witness.time


def _function(reports: Sequence[Report], invokes: Sequence[ApiCall]) -> Named | None:
    told = [
        Named(one.account or "", one.region or "", function_told(one), one.version or "") for one in reports
    ]
    for call in invokes:
        named = named_by(call.target or "")
        place = named.account or call.target_account or call.account, named.region or call.region
        told.append(Named(*place, named.name, call.function_version or named.version))
    names = sorted(one for one in told if one.name)
    if not names:
        return None
    parts = zip(*[one for one in names if one.name == names[0].name], strict=True)
    return Named(*[max(part) for part in parts])


class Untraced:
    """Makes such flows."""

    def __init__(self, applications: Applications, masking: Masking, most_events: int) -> None:
        self._applications, self._masking, self._most = applications, masking, most_events

    def invocation(self, draft: Draft, joined: Joined, *, is_traced: bool) -> Flow:
        """The flow of an invocation that was named; `is_traced` tells whether its function is."""
        traces = [one.trace_id for one in joined.reports if one.trace_id]
        traces += [one.trace_id for one in joined.accesses if one.trace_id]
        request_id = request_id_of(joined) or ""
        events = self._events(joined.calls, draft.function.account)
        last = max([event.end_time for event in events], default=draft.start_time)
        end = last if draft.end_time == inf else max(draft.end_time, draft.start_time)
        start = min([event.start_time for event in events] + [draft.start_time])
        reports = joined.reports
        return self._flow(
            draft.function,
            (min(traces, default=request_id), request_id),
            (start, max(end, last)),
            events,
            joined,
            cold=any(bool(one.cold_start) or one.init_s is not None for one in reports),
            failed=any(one.status in FAILED for one in reports),
            is_traced=is_traced,
        )

    def session(self, session: Session, calls: Sequence[ApiCall]) -> Flow:
        """The flow of what a session did."""
        ordered = sorted(calls, key=by_time)
        events = self._events(ordered, session.function.account)
        first = min(ordered, key=lambda one: (one.time, one.event_id))
        flow_id = f"{session.name}:{first.event_id}"
        function = session.function
        if not function.region:
            function = function._replace(region=_usual(call.region for call in ordered))
        times = session.first, session.last
        return self._flow(function, (flow_id, flow_id), times, events, Joined(calls=ordered), is_traced=False)

    def _flow(
        self,
        function: Named,
        ids: tuple[str, str],
        times: tuple[float, float],
        events: Sequence[Event],
        joined: Joined,
        *,
        is_traced: bool,
        cold: bool = False,
        failed: bool = False,
    ) -> Flow:
        start, end = times
        return Flow(
            self._applications[function.name],
            ids[0],
            function.name,
            ids[1],
            start,
            end,
            tuple(events),
            (1,) * len(events),
            (0.0,) * len(events),
            end - start,
            cold_start=cold,
            error=failed,
            complete=False,
            version=function.version or None,
            account=function.account or None,
            region=function.region or None,
            request_id=request_id_of(joined),
            upstream_lost=True,
            witnesses=joined.witnesses(),
            facts=facts_of(joined, untraced=is_traced),
            invocation_type=invocation_type_of(joined),
        )

    def _events(self, calls: Sequence[ApiCall], account: str) -> list[Event]:
        """The calls as steps without length, in an order in which the same calls always stand."""
        steps = [_event(call) for call in calls[: self._most]]
        return self._masking.steps(steps, account)


def _event(call: ApiCall) -> Event:
    return Event(
        call.event_id,
        call.time,
        call.time,
        call.operation,
        call.service,
        event_target_resource=call.target,
        error=call.error_code is not None,
        witness=CLOUDTRAIL,
    )


def _usual(regions: Iterable[str]) -> str:
    """The region that is named most often; of several the first by name."""
    counts: dict[str, int] = {}
    for region in regions:
        counts[region] = counts.get(region, 0) + 1
    return min(counts, key=lambda region: (-counts[region], region))
