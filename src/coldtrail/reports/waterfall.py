"""One invocation step by step, next to the usual run that resembles it most."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from coldtrail.alerts.wording.amounts import duration
from coldtrail.records.flow import Flow
from coldtrail.records.profile import Profile, ProfileRun
from coldtrail.records.verdict import Reason
from coldtrail.reports.steps import Piece, folded, in_forms, pieces_of_flow, pieces_of_run, thinned
from coldtrail.reports.timescale import Cut, TimeScale

_TICKS = (0, 50, 100)
State = Literal["same", "added", "missing", "gap"]


class Bar(Struct, frozen=True):
    """A piece as drawn: place and width in percent of the axis."""

    left: float
    width: float
    label: str


class Row(Struct, frozen=True):
    """One line of the waterfall."""

    state: State
    name: str = ""
    target: str = ""
    event_type: str = ""
    depth: int = 0
    run: Bar | None = None
    usual: Bar | None = None
    marks: tuple[int, ...] = ()
    """The numbers of the reasons that speak of it."""
    note: str = ""
    error: bool = False


class Waterfall(Struct, frozen=True):
    """All lines and their common axis."""

    rows: tuple[Row, ...]
    ticks: tuple[tuple[float, str], ...]
    cuts: tuple[Cut, ...]
    run: ProfileRun | None
    """The usual run that is shown beside."""
    others: tuple[ProfileRun, ...]


def waterfall(flow: Flow, reasons: Sequence[Reason], profile: Profile | None) -> Waterfall:
    """The flow next to the most similar usual run of its profile, in about `steps.MAX_ROWS` lines at most."""
    runs = profile.runs if profile else ()
    whole = folded(in_forms(pieces_of_flow(flow), runs))
    pieces = thinned(whole, reasons)
    run = max(runs, key=lambda usual: _likeness(pieces, usual), default=None)
    usual = folded(pieces_of_run(run)) if run else []
    pairs = _same_start(_aligned(pieces, usual))
    scale = TimeScale(edge for pair in pairs for piece in pair if piece for edge in (piece.start, piece.end))
    origin = scale.time(0)
    known = {piece.key for piece in usual}, {piece.key for piece in whole}
    rows = tuple(_row(ours, theirs, scale, bool(run), known) for ours, theirs in pairs)
    return Waterfall(
        rows=_marked(rows, [ours for ours, _ in pairs], reasons),
        ticks=tuple((tick, duration(scale.time(tick) - origin)) for tick in _TICKS),
        cuts=scale.cuts,
        run=run,
        others=tuple(other for other in runs if other is not run),
    )


def _likeness(pieces: Sequence[Piece], run: ProfileRun) -> tuple[float, float]:
    matcher = SequenceMatcher(None, _keys(pieces), _keys(folded(pieces_of_run(run))), autojunk=False)
    return (matcher.ratio(), run.share)


def _keys(pieces: Iterable[Piece]) -> list[tuple[str, str]]:
    return [piece.key for piece in pieces]


Pair = tuple[Piece | None, Piece | None]


def _aligned(pieces: list[Piece], usual: list[Piece]) -> list[Pair]:
    """Both runs side by side: equal steps share a line."""
    pairs: list[Pair] = []
    matcher = SequenceMatcher(None, _keys(pieces), _keys(usual), autojunk=False)
    for kind, a1, a2, b1, b2 in matcher.get_opcodes():
        if kind == "equal":
            pairs += zip(pieces[a1:a2], usual[b1:b2], strict=True)
        else:
            pairs += [(None, theirs) for theirs in usual[b1:b2]]
            pairs += [(ours, None) for ours in pieces[a1:a2]]
    return pairs


def _same_start(pairs: list[Pair]) -> list[Pair]:
    """The pairs with the usual run moved so that the first common step starts at the same time in both."""
    shift = next((ours.start - theirs.start for ours, theirs in pairs if ours and theirs), 0.0)
    return [
        (ours, theirs and replace(theirs, start=theirs.start + shift, end=theirs.end + shift))
        for ours, theirs in pairs
    ]


def _row(
    ours: Piece | None,
    theirs: Piece | None,
    scale: TimeScale,
    compared: bool,
    known: tuple[set[tuple[str, str]], set[tuple[str, str]]],
) -> Row:
    piece = ours or theirs
    assert piece is not None
    if not piece.name and not piece.event_ids and ours:
        return Row("gap", note=f"{piece.times:,} more steps are not shown")
    state: State = "same" if ours and theirs else "added" if ours else "missing"
    return Row(
        state,
        piece.name,
        piece.target or "",
        piece.event_type,
        piece.depth,
        _bar(ours, scale),
        _bar(theirs, scale),
        note=_note(ours, theirs, known) if compared else "",
        error=ours.error if ours else False,
    )


def _bar(piece: Piece | None, scale: TimeScale) -> Bar | None:
    if piece is None:
        return None
    left = scale.percent(piece.start)
    label = duration(piece.took / piece.times)
    return Bar(
        left, scale.percent(piece.end) - left, f"{piece.times:,} \u00d7 {label}" if piece.times > 1 else label
    )


def _note(
    ours: Piece | None, theirs: Piece | None, known: tuple[set[tuple[str, str]], set[tuple[str, str]]]
) -> str:
    usual, present = known
    if ours and theirs:
        return "" if ours.times == theirs.times else f"{ours.times:,} times, usually {theirs.times:,}"
    if ours:
        return "not at its usual place" if ours.key in usual else "not in the usual run"
    assert theirs is not None
    return "usually here" if theirs.key in present else "left out this time"


def _marked(rows: tuple[Row, ...], pieces: list[Piece | None], reasons: Sequence[Reason]) -> tuple[Row, ...]:
    """The rows with the numbers of the reasons that speak of them."""
    marks: dict[int, list[int]] = {}
    for number, reason in enumerate(reasons, 1):
        place = _place_of(reason, rows, pieces)
        if place is not None:
            marks.setdefault(place, []).append(number)
    return tuple(replace(row, marks=tuple(marks.get(place, ()))) for place, row in enumerate(rows))


def _place_of(reason: Reason, rows: tuple[Row, ...], pieces: list[Piece | None]) -> int | None:
    gone = reason.finding.step if reason.kind == "omission" else None
    for place, row in enumerate(rows):
        if gone and row.state == "missing" and (row.name, row.target) == (gone.action, gone.target or ""):
            return place
    for place, piece in enumerate(pieces):
        if piece and reason.event_id in piece.event_ids:
            return place
    return None
