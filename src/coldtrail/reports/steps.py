"""The steps of a run as lines to draw: repeats are folded into one line, and long runs are thinned out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from coldtrail.features.names.templates import pattern_of
from coldtrail.records.flow import Flow
from coldtrail.records.profile import ProfileRun
from coldtrail.records.verdict import Reason

MAX_ROWS = 60
_FOLD_FROM = 4


class Piece(Struct, frozen=True):
    """A step, or equal steps in a row, of either run; times in seconds from the run's first event."""

    name: str
    target: str | None
    event_type: str
    depth: int
    start: float
    end: float
    took: float
    """Of all its steps together."""
    times: int = 1
    event_ids: tuple[str, ...] = ()
    error: bool = False
    form: str | None = None
    """The template that stands for its target in the usual run."""

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same step in another run."""
        return (self.name, self.form or self.target or "")


def pieces_of_flow(flow: Flow) -> list[Piece]:
    """One piece per event of the flow, in its order."""
    first = min((event.start_time for event in flow.events), default=0.0)
    return [
        Piece(
            event.event_name,
            event.event_target_resource,
            event.event_type,
            depth,
            event.start_time - first,
            max(event.end_time, event.start_time) - first,
            max(event.end_time - event.start_time, 0.0),
            event_ids=(event.event_id,),
            error=event.error,
        )
        for event, depth in zip(flow.events, flow.depths, strict=True)
    ]


def in_forms(pieces: list[Piece], runs: Iterable[ProfileRun]) -> list[Piece]:
    """The pieces, with each target that fits a learned template named by it, as in the usual runs."""
    targets = {(step.event_type, step.target) for run in runs for step in run.steps if step.target}
    patterns = [(kind, text, pattern_of(text)) for kind, text in sorted(targets)]
    forms = [(kind, text, pattern) for kind, text, pattern in patterns if pattern is not None]
    return [_in_form(piece, forms) for piece in pieces] if forms else pieces


def _in_form(piece: Piece, forms: list[tuple[str, str, re.Pattern[str]]]) -> Piece:
    for kind, text, pattern in forms:
        if kind == piece.event_type and pattern.fullmatch(piece.target or ""):
            return replace(piece, form=text)
    return piece


def pieces_of_run(run: ProfileRun) -> list[Piece]:
    """One piece per step of the usual run, at its median times."""
    return [
        Piece(
            usual.event_name,
            usual.target,
            usual.event_type,
            usual.depth,
            usual.offset,
            usual.offset + max(usual.duration, 0.0),
            max(usual.duration, 0.0),
        )
        for usual in run.steps
    ]


def folded(pieces: list[Piece]) -> list[Piece]:
    """The pieces, with four or more equal ones in a row folded into one."""
    folded: list[Piece] = []
    start = 0
    while start < len(pieces):
        end = start + 1
        while end < len(pieces) and _equal(pieces[start], pieces[end]):
            end += 1
        group = pieces[start:end]
        folded += [_one_of(group)] if len(group) >= _FOLD_FROM else group
        start = end
    return folded


def _equal(one: Piece, other: Piece) -> bool:
    return (one.key, one.depth, one.event_type) == (other.key, other.depth, other.event_type)


def _one_of(group: list[Piece]) -> Piece:
    return replace(
        group[0],
        start=min(piece.start for piece in group),
        end=max(piece.end for piece in group),
        took=sum(piece.took for piece in group),
        times=len(group),
        event_ids=tuple(event_id for piece in group for event_id in piece.event_ids),
        error=any(piece.error for piece in group),
    )


def thinned(pieces: list[Piece], reasons: Sequence[Reason]) -> list[Piece]:
    """The first pieces and those with a reason; each gap between them is a piece without a name."""
    if len(pieces) <= MAX_ROWS:
        return pieces
    spoken_of = {reason.event_id for reason in reasons[:10]}
    strange = [place for place, piece in enumerate(pieces) if not spoken_of.isdisjoint(piece.event_ids)]
    kept = {near for place in strange[:10] for near in range(max(place - 1, 0), place + 2)}
    kept.update(range(MAX_ROWS - len(kept)))
    thinned: list[Piece] = []
    left_out: list[Piece] = []
    for place, piece in enumerate(pieces):
        if place not in kept:
            left_out.append(piece)
            continue
        thinned += [*_gap(left_out), piece]
        left_out = []
    return thinned + _gap(left_out)


def _gap(pieces: list[Piece]) -> list[Piece]:
    if not pieces:
        return []
    whole = _one_of(pieces)
    return [replace(whole, name="", target=None, times=sum(piece.times for piece in pieces), event_ids=())]
