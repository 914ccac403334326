"""Segments straight to columns, where one document holds a whole trace and nothing in it is unusual.

What is unusual in any way (an id that comes twice, a step that is still open, steps side by side that have
steps of their own, limits that are exceeded) is left to the records that `formats/xray/parser.py` makes: the
rules for it stand there alone.
"""

from __future__ import annotations

from array import array
from binascii import a2b_hex
from collections.abc import Callable, Sequence
from math import inf
from operator import attrgetter
from typing import Any

from coldtrail.config import LimitSettings
from coldtrail.features.starting import is_early
from coldtrail.formats.services import INVOKE
from coldtrail.formats.xray.calls import database_call, operation_of, remote_of, resource_of
from coldtrail.formats.xray.documents import Segment, Subsegment
from coldtrail.formats.xray.events import EventMaker, Walk
from coldtrail.formats.xray.functions import Functions
from coldtrail.formats.xray.links import SUBSEGMENT, LinkMaker
from coldtrail.formats.xray.parts import ids_above, is_made_up, is_part
from coldtrail.records.columns import APART, Columns, Lead, Leaves, RunColumns, Shape, ToldStep, WholeTrace
from coldtrail.records.telemetry import Link, Span

FUNCTION = "AWS::Lambda::Function"
WITNESSES = ("xray",)
_START = attrgetter("start_time")
_BY_START = attrgetter("start_time", "end_time", "id")
_MOST_TOLD = 50_000
_MOST_CHARS = 8_000_000
_MOST_STEPS = 500_000
"""Of shapes that are remembered."""

_Order = Callable[[Subsegment], Any]
_Shown = str | tuple[str | None, ...]


class _UnusualError(Exception):
    """Records have to be made of the trace."""


class _Told:
    """What is told of a step, and by what a subsegment shows, of those below it."""

    __slots__ = ("below", "below_failed", "is_cold", "step")

    def __init__(self, step: ToldStep, *, is_cold: bool = False) -> None:
        self.step, self.is_cold = step, is_cold
        self.below: dict[_Shown, _Told] = {}
        self.below_failed: dict[_Shown, _Told] = {}


_Walked = tuple[list[_Told], list[str], list[float], list[float]]
"""The steps of one run, depth first by start: what is told of each, their ids, starts and ends."""


class ColumnMaker:
    """Segments of one trace to columns."""

    def __init__(
        self, limits: LimitSettings, functions: Functions, events: EventMaker, links: LinkMaker
    ) -> None:
        self._functions, self._events, self._links = functions, events, links
        self._max_depth, self._max_events = limits.max_depth, limits.max_events_per_flow
        self._requests: list[str] = []
        self._forget()

    def _forget(self) -> None:
        self._top = _Told(ToldStep("", "", None, None, 0))
        """Stands above the steps without a parent."""
        self._shapes: dict[tuple[_Told, ...], tuple[Shape, bool]] = {}
        """Shapes by what is told of their steps, and whether they are of cold starts."""
        self._number = self._chars = self._steps = 0

    def whole(
        self, trace_id: str, segments: Sequence[Segment], origin: str = "", place: str = ""
    ) -> WholeTrace | None:
        """The trace of these segments of a document; None where records have to be made of it."""
        if not trace_id.isprintable() or not trace_id or not segments:
            return None
        if self._number > _MOST_TOLD or self._chars > _MOST_CHARS or self._steps > _MOST_STEPS:
            self._forget()
        try:
            return self._whole(trace_id, segments, origin, place)
        except _UnusualError:
            return None

    def _whole(self, trace_id: str, segments: Sequence[Segment], origin: str, place: str) -> WholeTrace:
        runs: list[RunColumns] = []
        links: list[Link] = []
        problems: list[str] = []
        ids: list[str] = []
        leaf_ids: list[str] = []
        parents: list[str] = []
        roots: list[str] = []
        leads: list[Lead] = []
        lead_of = self._links.lead
        requests = self._requests = []
        for segment in segments:
            aws = segment.aws
            if segment.type == SUBSEGMENT or segment.links or (aws is not None and aws.sampled is not None):
                raise _UnusualError
            if segment.origin == FUNCTION:
                ids.append(segment.id)
                runs.append(self._run(trace_id, segment, ids))
            elif segment.inferred and (lead := lead_of(segment)) is not None:
                leaf_ids.append(segment.id)
                parents.append(segment.parent_id or "")
                leads.append(lead)
            else:
                if not segment.origin and is_part(segment):
                    if segment.parent_id is not None:
                        raise _UnusualError
                    roots.append(segment.id)
                self._links.add(trace_id, segment, links, problems)
        if roots and not ids_above([run.head for run in runs], links).issuperset(roots):
            raise _UnusualError
        above = {run.head.parent_id for run in runs}
        if len(runs) > 1 and not above.isdisjoint(ids):
            raise _UnusualError
        named = above.union([link.parent_id for link in links])
        ids += [link.link_id for link in links]
        ids += leaf_ids
        if problems or len(set(ids)) < len(ids) or not _are_printable(ids):
            raise _UnusualError
        if not named.isdisjoint(leaf_ids):
            columns = zip(leaf_ids, parents, leads, strict=True)
            links += [Link(trace_id, one, parent or None, *lead) for one, parent, lead in columns]
            return WholeTrace(
                trace_id, tuple(runs), tuple(links), Leaves("", "", ()), origin, place, requests
            )
        if any(run.head.cold_start for run in runs):
            _check_starts(runs, links)
        held = Leaves(APART.join(leaf_ids), APART.join(parents), tuple(leads))
        return WholeTrace(trace_id, tuple(runs), tuple(links), held, origin, place, requests)

    def _run(self, trace_id: str, segment: Segment, ids: list[str]) -> RunColumns:
        start, end = segment.start_time, segment.end_time
        if not segment.subsegments and is_made_up(segment, ()):
            raise _UnusualError
        if start is None or end is None or end < start or segment.in_progress:
            raise _UnusualError
        told, step_ids, starts, ends = self._walked(segment.subsegments or [])
        if len(starts) > self._max_events:
            raise _UnusualError
        ids += step_ids
        shape, cold = self._shape(tuple(told))
        function = self._functions.of(segment)
        head = Span(
            trace_id,
            segment.id,
            segment.parent_id or None,
            function.name,
            None,
            (),
            start,
            end,
            None,
            function.account,
            function.region,
            function.version,
            None,
            None,
            bool(segment.error or segment.fault or segment.throttle),
            cold,
            False,
            WITNESSES,
            function.other_name,
        )
        return RunColumns(head, Columns(shape, array("d", starts), array("d", ends), APART.join(step_ids)))

    def _walked(self, siblings: list[Subsegment]) -> _Walked:
        """The steps of a run, those without a parent first."""
        walked: _Walked = [], [], [], []
        before = len(self._requests)
        if self._walk(siblings, self._top, walked, -inf) == inf:
            # As is usual where a tracer's clock has milliseconds.
            walked = [], [], [], []
            del self._requests[before:]
            if self._walk(siblings, self._top, walked, -inf, _BY_START) == inf:
                raise _UnusualError
        return walked

    def _walk(
        self, siblings: list[Subsegment], above: _Told, walked: _Walked, last: float, order: _Order = _START
    ) -> float:
        """Adds siblings, below a step of which so much is told, and all that is below them; what was added
        before started by `last`. The start of the last step that is added comes back, or infinity where some
        do not start one after another."""
        told, ids, starts, ends = walked
        if above.step.depth >= self._max_depth:
            raise _UnusualError
        for sub in sorted(siblings, key=order) if len(siblings) > 1 else siblings:
            shown: _Shown
            if sub.namespace == "aws" and (aws := sub.aws) is not None:
                resource = (
                    aws.table_name or aws.bucket_name or aws.topic_arn or aws.queue_url or resource_of(aws)
                )
                operation = aws.operation if aws.operation != INVOKE else operation_of(sub, aws)
                shown = sub.name, operation, resource
                if aws.request_id is not None:
                    self._requests += sub.id, aws.request_id
            elif sub.namespace is None:
                shown = sub.name
            else:
                shown = _shown(sub)
            below = above.below_failed if sub.error or sub.fault or sub.throttle else above.below
            one = below.get(shown)
            if one is None:
                one = self._learn(shown, sub, above)
            start, end = sub.start_time, sub.end_time
            if end is None or end < start or sub.in_progress or sub.links:
                raise _UnusualError
            last = start if start > last or (start == last and order is _BY_START) else inf
            told.append(one)
            ids.append(sub.id)
            starts.append(start)
            ends.append(end)
            if sub.subsegments:
                last = self._walk(sub.subsegments, one, walked, last, order)
        return last

    def _learn(self, shown: _Shown, sub: Subsegment, above: _Told) -> _Told:
        """What is told of a step that is met for the first time."""
        parent, walk = above.step, Walk([])
        depth, failed = parent.depth + 1, bool(sub.error or sub.fault or sub.throttle)
        name, kind, target = self._events.told(sub, depth, walk)
        parent_name = parent.name if parent.depth else None
        one = _Told(ToldStep(name, kind, parent_name, target, depth, failed), is_cold=walk.cold)
        (above.below_failed if failed else above.below)[shown] = one
        self._number += 1
        self._chars += sum([len(part or "") for part in shown]) if isinstance(shown, tuple) else len(shown)
        return one

    def _shape(self, told: tuple[_Told, ...]) -> tuple[Shape, bool]:
        known = self._shapes.get(told)
        if known is None:
            shape = Shape(tuple([one.step for one in told]))
            known = self._shapes[told] = shape, any(one.is_cold for one in told)
            self._steps += len(told) + 1
        return known


def _check_starts(runs: Sequence[RunColumns], links: Sequence[Link]) -> None:
    """Raises where a cold start had ended before the request came."""
    asked = {link.link_id: link.start_time for link in links if link.role == "invocation"}
    for head, columns in runs:
        if head.cold_start:
            times = zip(columns.starts, columns.ends, strict=True)
            for step, span in zip(columns.shape.steps, times, strict=True):
                if is_early(step.name, step.kind, span, head.start_time, asked.get(head.parent_id or "")):
                    raise _UnusualError


def _are_printable(ids: list[str]) -> bool:
    """Whether all characters of ids can be printed."""
    together = "".join(ids)
    try:
        # Nearly all are hexadecimal, which is looked at much faster.
        a2b_hex(together)
    except ValueError:
        return together.isprintable()
    return True


def _shown(sub: Subsegment) -> _Shown:
    """All that what is told of a step depends on, where no resource is named; of a form for each kind."""
    if sub.namespace == "aws":
        return sub.name, None, None
    if sub.namespace == "remote":
        return database_call(sub) or remote_of(sub)
    return sub.name
