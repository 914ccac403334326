"""AWS X-Ray: traces as `BatchGetTraces` gives them, and segment documents as SDKs send them.

A function flow is one `AWS::Lambda::Function` segment, and its events are the subsegments. All other segments
become links, which lead from a function to whoever triggered it.
"""

from __future__ import annotations

import msgspec

from coldtrail.config import Settings
from coldtrail.formats.applications import Applications
from coldtrail.formats.problems import Problems
from coldtrail.formats.xray.documents import NO_TRACE, Segment, Trace
from coldtrail.formats.xray.events import EventMaker, Functions, version_of
from coldtrail.formats.xray.links import LAMBDA, LinkMaker
from coldtrail.formats.xray.pieces import SUBSEGMENT, as_subsegment, attach
from coldtrail.formats.xray.salvage import Salvage
from coldtrail.records.telemetry import Document, Fragment, Parsed

FUNCTION = "AWS::Lambda::Function"
_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_HEAD_BYTES = 2_048


class XRayParser:
    """Documents of X-Ray to fragments and links; raises `DocumentError` and nothing else."""

    def __init__(self, settings: Settings) -> None:
        self._decode_trace = msgspec.json.Decoder(Trace).decode
        self._decode_segment = msgspec.json.Decoder(Segment).decode
        self._decode_segments = msgspec.json.Decoder(list[Segment]).decode
        self._functions = Functions(Applications(settings.applications), settings.limits)
        self._events = EventMaker(settings.limits)
        self._links = LinkMaker(settings.limits)
        self._limits = settings.limits

    @staticmethod
    def matches(payload: bytes) -> bool:
        """Whether the payload looks like a document of X-Ray."""
        return (
            payload.find(b'"Segments"', 0, _HEAD_BYTES) >= 0
            or (b'"trace_id"' in payload and b'"function_flow_id"' not in payload)
            or b'"Segments"' in payload
        )

    def __call__(self, document: Document) -> Parsed:
        """What the document says; its losses are named in `problems`."""
        problems = Problems()
        parsed = Parsed([], [], problems, [])
        for trace_id, segments in self._read(document.payload, problems):
            self._add(trace_id, segments, parsed)
        if problems.left_out:
            return msgspec.structs.replace(parsed, more_problems=problems.left_out)
        return parsed

    def _read(self, payload: bytes, problems: list[str]) -> list[tuple[str, list[Segment]]]:
        if payload.find(b'"Segments"', 0, _HEAD_BYTES) >= 0:
            try:
                trace = self._decode_trace(payload)
            except _BROKEN:
                return Salvage(self._limits, problems).document(payload)
            return [(trace.Id or NO_TRACE, self._segments(trace, problems))]
        try:
            if payload[:1] == b"[":
                return [(NO_TRACE, self._decode_segments(payload))]
            return [(NO_TRACE, [self._decode_segment(payload)])]
        except _BROKEN:
            return Salvage(self._limits, problems).document(payload)

    def _segments(self, trace: Trace, problems: list[str]) -> list[Segment]:
        segments: list[Segment] = []
        append, decode = segments.append, self._decode_segment
        for holder in trace.Segments:
            content = holder.Document
            if type(content) is str:
                try:
                    append(decode(content))
                except _BROKEN:
                    segments += Salvage(self._limits, problems).text(content)
            else:
                append(content)  # type: ignore[arg-type]
        return segments

    def _add(self, trace_id: str, segments: list[Segment], parsed: Parsed) -> None:
        for segment in segments:
            if segment.type == SUBSEGMENT:
                segments, orphans = attach(segments, parsed.problems)
                self._add_orphans(trace_id, orphans, parsed)
                break
        fragments, links, problems = parsed.fragments, parsed.links, parsed.problems
        add_link = self._links.add
        known = bool(trace_id) and trace_id.isprintable()
        first = len(fragments)
        for segment in segments:
            flow = trace_id or segment.trace_id or ""
            if not segment.id.isprintable() or not (known or (flow and flow.isprintable())):
                problems.append(f"Segment {segment.id!a} was left out: it has no usable id or trace id.")
            elif segment.origin == FUNCTION:
                fragment = self._fragment(flow, segment, problems)
                if fragment.start_time is None and not fragment.events:
                    problems.append(f"Segment {segment.id!a} was left out: it says nothing of when it ran.")
                else:
                    fragments.append(fragment)
            else:
                add_link(flow, segment, links, problems)
        invoked = _invoked(segments)
        if invoked:
            fragments[first:] = [_of_version(one, invoked) for one in fragments[first:]]

    def _fragment(self, trace_id: str, segment: Segment, problems: list[str]) -> Fragment:
        function = self._functions.of(segment)
        flow_id = segment.id
        events, cold, still_open = self._events.make(function.targets, segment, problems)
        start, end = segment.start_time, segment.end_time
        if start is not None and end is not None and end < start:
            problems.append(f"Segment {flow_id!a} ends before it starts: its end was left out.")
            end = None
        return Fragment(
            function.application,
            trace_id,
            function.name,
            flow_id,
            events,
            start,
            end,
            segment.parent_id or None,
            bool(segment.error or segment.fault or segment.throttle),
            cold,
            still_open or end is None or bool(segment.in_progress),
            None,
            None,
            function.version,
            function.account,
            function.region,
        )

    def _add_orphans(self, trace_id: str, orphans: list[Segment], parsed: Parsed) -> None:
        for orphan in orphans:
            flow = trace_id or orphan.trace_id
            if not flow or not flow.isprintable():
                parsed.problems.append(f"Subsegment {orphan.id!a} was left out: it has no usable trace id.")
                continue
            self._links.add(flow, orphan, parsed.links, parsed.problems)
            alone = Segment(orphan.id, orphan.name, subsegments=[as_subsegment(orphan)])
            targets = self._functions.targets(None)
            events, cold, _ = self._events.make(targets, alone, parsed.problems)
            piece = Fragment("", flow, "", "", events, parent_id=orphan.parent_id, cold_start=cold)
            parsed.pieces.append(piece)


def _invoked(segments: list[Segment]) -> dict[str, str]:
    """The versions that `AWS::Lambda` segments ran, by their id: where a published version is invoked, the
    ARN ends with it, while that of the function's own segment may not."""
    found = {}
    for segment in segments:
        if segment.origin == LAMBDA and segment.resource_arn:
            version = version_of(segment.resource_arn.split(":"))
            if version is not None:
                found[segment.id] = version
    return found


def _of_version(fragment: Fragment, invoked: dict[str, str]) -> Fragment:
    version = invoked.get(fragment.parent_id or "")
    if version is None or fragment.version is not None:
        return fragment
    return msgspec.structs.replace(fragment, version=version)
