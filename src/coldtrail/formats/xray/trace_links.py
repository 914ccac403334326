"""Links between traces: who took up a message names its queue, and who left it is known by its own trace.

X-Ray links the traces of messages that a queue hands over in batches, since a run that takes up several
cannot be part of all of their traces. Source: AWS X-Ray developer guide, "Tracing event-driven
applications", and the trace with links of awslabs/aws-iatk (the reserved attributes are not documented).
"""

from __future__ import annotations

from collections.abc import Iterator

from coldtrail.features.names.masking import RawNames
from coldtrail.formats.services import kind_of
from coldtrail.formats.xray.documents import LinkAttributes, OtherTrace, Segment, Subsegment
from coldtrail.formats.xray.functions import Functions
from coldtrail.records.trace_link import TraceLink

MARK = b"reserved.reference_type"
"""Stands in every document that says something of another trace."""
_CHILD = "child"
_MOST_LINKS = 100
"""Of one trace: https://docs.aws.amazon.com/xray/latest/devguide/xray-tracelinking.html."""
_MOST_STEPS = 10_000
_NOTHING = LinkAttributes()


class TraceLinkMaker:
    """The links of a function's segments to links between traces."""

    def __init__(self, functions: Functions) -> None:
        self._functions, self._names = functions, RawNames()

    def of(self, trace_id: str, segment: Segment) -> Iterator[TraceLink]:
        """What a segment of a run, or of its invocation, says of other traces."""
        for other in _links_of(segment)[:_MOST_LINKS]:
            if not other.trace_id or not other.id or not other.trace_id.isprintable():
                continue
            told = other.attributes or _NOTHING
            if told.reference_type == _CHILD:
                if other.id.isprintable():
                    caller = self._functions.of(segment).name
                    yield TraceLink(
                        other.trace_id, other.id, trace_id, caller=caller, time=segment.start_time
                    )
                continue
            names = told.names or []
            yield TraceLink(
                trace_id,
                segment.id,
                other.trace_id,
                self._names[kind_of(told.kind)] if told.kind else None,
                self._names[names[0]] if names else None,
                time=segment.start_time,
            )


def _links_of(segment: Segment) -> list[OtherTrace]:
    """The links of a segment and of all its subsegments."""
    found = list(segment.links or ())
    steps: list[Subsegment] = list(segment.subsegments or ())
    # `steps` grows while it is walked.
    for step in steps:
        found += step.links or ()
        if len(steps) < _MOST_STEPS:
            steps += step.subsegments or ()
    return found
