"""What a trace tells of steps beside the runs of functions, and what these stand below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from coldtrail.assembly.trace import Trace
from coldtrail.records.telemetry import Span

Ups = Mapping[str, str | None]
"""By its id, what stands above something."""
_MOST_HOPS = 100


def pieces_of(trace: Trace) -> list[Span]:
    """What tells steps, and names no function."""
    parts = [part for draft in trace.drafts.values() for part in draft.parts if not part.head.function_name]
    return [*trace.pieces, *[replace(part.head, steps=tuple(part.events)) for part in parts]]


def ups_of(trace: Trace) -> Ups:
    """What stands above what is no function's run."""
    ups = {link.link_id: link.parent_id for link in trace.links.values()}
    for run_id, draft in trace.drafts.items():
        if not draft.head.function_name:
            ups[run_id] = draft.head.parent_id
    return ups


def above_of(parent_id: str | None, ups: Ups) -> Iterator[str]:
    """What stands above a piece, as far as is known."""
    for _ in range(_MOST_HOPS):
        if parent_id is None:
            return
        yield parent_id
        parent_id = ups.get(parent_id)
