"""Puts subsegments that were sent as documents of their own back where they belong."""

from __future__ import annotations

from collections import defaultdict

from coldtrail.formats.xray.documents import Segment, Subsegment

SUBSEGMENT = "subsegment"


def attach(segments: list[Segment], problems: list[str]) -> tuple[list[Segment], list[Segment]]:
    """The whole segments with their pieces attached, and the pieces whose parent is not among them."""
    whole = [segment for segment in segments if segment.type != SUBSEGMENT]
    waiting: dict[str | None, list[Segment]] = defaultdict(list)
    for piece in segments:
        if piece.type == SUBSEGMENT:
            if piece.start_time is None or piece.parent_id is None:
                problems.append(f"Subsegment {piece.id!a} was left out: it has no start or no parent.")
            else:
                waiting[piece.parent_id].append(piece)
    parts: list[Segment | Subsegment] = list(whole)
    for part in parts:
        pieces = waiting.pop(part.id, None)
        if pieces:
            part.subsegments = [*(part.subsegments or ()), *map(as_subsegment, pieces)]
        parts += part.subsegments or ()
    return whole, [piece for pieces in waiting.values() for piece in pieces]


def as_subsegment(piece: Segment) -> Subsegment:
    """The piece as part of a segment."""
    return Subsegment(
        piece.id,
        piece.name,
        piece.start_time or 0.0,
        piece.end_time,
        piece.namespace,
        piece.aws,
        piece.http,
        piece.subsegments,
        piece.error,
        piece.fault,
        piece.throttle,
        piece.in_progress,
        piece.sql,
        piece.links,
    )
