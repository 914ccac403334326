"""Segments that are something else than they look like at first."""

from __future__ import annotations

from collections.abc import Iterable

from coldtrail.formats.xray.documents import Segment
from coldtrail.records.telemetry import Link, Span

SUBSEGMENT = "subsegment"
_UNSAMPLED = (0, "0")


def is_part(segment: Segment) -> bool:
    """Whether a segment may be some run's own work: it names no service, as segments that code in a function
    began (a server span of OpenTelemetry, a segment begun in the handler)."""
    return (
        not segment.origin
        and not segment.inferred
        and segment.type != SUBSEGMENT
        and segment.namespace is None
    )


def ids_above(runs: Iterable[Span], links: Iterable[Link]) -> set[str]:
    """The ids of all links above some runs: a segment without a parent among them calls a function, and is
    none's own work."""
    parents = {link.link_id: link.parent_id for link in links}
    seen: set[str] = set()
    for run in runs:
        at = run.parent_id
        while at is not None and at not in seen:
            seen.add(at)
            at = parents.get(at)
    return seen


def is_made_up(segment: Segment, segments: Iterable[Segment]) -> bool:
    """Whether a function's segment was not recorded by Lambda, but sent by code for another trace to show the
    invocation too, as helpers for queues do.

    It names the request, which Lambda does in the record of the invocation alone, holds no steps, and has
    none of the other segments as its parent.
    """
    aws = segment.aws
    if segment.subsegments or aws is None or aws.request_id is None:
        return False
    return all(other.id != segment.parent_id for other in segments)


def is_cut(segment: Segment) -> bool:
    """Whether a segment says that most of its trace was never recorded."""
    return segment.aws is not None and segment.aws.sampled in _UNSAMPLED
