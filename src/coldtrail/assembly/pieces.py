"""Steps that came apart from their run, put back below the run or the step that they name as parent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from coldtrail.assembly.claims import MOST_CLAIMS
from coldtrail.assembly.forms import event_rank
from coldtrail.assembly.runs import Run
from coldtrail.assembly.trace import Draft, Source
from coldtrail.records.flow import Event
from coldtrail.records.telemetry import Span

Piece = tuple[int, Span, Source]
"""Its number, what it tells, and its document."""
_NO_ID = "\n"
"""No id begins so."""


def gathered(pieces: Sequence[Span], sources: Mapping[int, Source]) -> dict[str, list[Run]]:
    """Pieces that belong to no run, as parts of the trace by ids that nothing else has: those below one
    parent are one part. Of `sources` each piece is known by its `id()`."""
    own = {event.event_id for piece in pieces for event in piece.steps}
    roots = {piece.parent_id for piece in pieces if piece.parent_id and piece.parent_id not in own}
    parts = {one: [Run(Span("", None, one), [])] for one in sorted(roots)}
    rest = attach(pieces, [sources[id(piece)] for piece in pieces], parts)
    found: dict[str, list[Run]] = {}
    for one, (run,) in parts.items():
        if run.parts:
            run.head = _head_of(run.parts, one)
            found[f"{_NO_ID}{one}"] = [run]
    for piece in rest:
        # Pieces that are below each other, and all of them below nothing.
        alone = Draft(piece, sources[id(piece)])
        first = min([event.event_id for event in piece.steps], default="")
        found.setdefault(f"{_NO_ID}{_NO_ID}{first}", []).append(Run(_head_of([alone], None), [alone]))
    return found


def _head_of(parts: Sequence[Draft], parent_id: str | None) -> Span:
    """What pieces say of whose work they are, as far as they say the same, and when it was."""
    heads = [part.head for part in parts]
    events = [event for part in parts for event in part.events]
    said = {(head.other_name, head.is_named_by_service, head.names_owner) for head in heads}
    name, by_service, is_owner = said.pop() if len(said) == 1 else (None, False, False)
    accounts, regions = {head.account for head in heads}, {head.region for head in heads}
    return Span(
        heads[0].trace_id,
        None,
        parent_id,
        start_time=min([event.start_time for event in events], default=None),
        end_time=max([event.end_time for event in events], default=None),
        account=accounts.pop() if len(accounts) == 1 else None,
        region=regions.pop() if len(regions) == 1 else None,
        cold_start=any(head.cold_start for head in heads),
        witnesses=tuple(sorted({one for head in heads for one in head.witnesses})),
        other_name=name,
        is_named_by_service=by_service,
        names_owner=is_owner,
    )


def attach(
    pieces: Sequence[Span], sources: Sequence[Source], runs: Mapping[str, Sequence[Run]]
) -> list[Span]:
    """The pieces that belong to none of the runs (by id); the others are added to theirs.

    A piece may hang below another one; the order in which they came does not matter. A piece is part of each
    run that has its parent or has one of its steps, up to a bound: who forges a parent takes no step away.
    """
    near: dict[str | None, list[Piece]] = defaultdict(list)
    for number, (piece, source) in enumerate(zip(pieces, sources, strict=True)):
        for one in dict.fromkeys([piece.parent_id, *[event.event_id for event in piece.steps]]):
            near[one].append((number, piece, source))
    taken = [0] * len(pieces)
    for run_id in sorted(runs):
        for run in runs[run_id]:
            found = list(_found(run_id, run, near, taken))
            if found:
                _add(found, run_id, run)
    return [piece for piece, times in zip(pieces, taken, strict=True) if not times]


def _found(
    run_id: str, run: Run, near: Mapping[str | None, Sequence[Piece]], taken: list[int]
) -> Iterator[Piece]:
    """The pieces that have to do with the run or its steps, and those that have to do with these."""
    known = dict.fromkeys([run_id, *[event.event_id for event in run.events]])
    waiting = [one for one in known if one in near]
    seen, mine = set(waiting), set[int]()
    # `waiting` grows while it is walked.
    for step_id in waiting:
        for piece in near[step_id]:
            if piece[0] in mine or taken[piece[0]] >= MOST_CLAIMS:
                continue
            mine.add(piece[0])
            taken[piece[0]] += 1
            yield piece
            more = [event.event_id for event in piece[1].steps]
            waiting += [one for one in dict.fromkeys(more) if one not in seen]
            seen.update(more)


def _add(found: Sequence[Piece], run_id: str, run: Run) -> None:
    """Make the steps of pieces the run's, each below the piece's parent where it has none of its own."""
    known = [*run.events, *[event for _, piece, _ in found for event in piece.steps]]
    last: dict[str, Event] = {}
    for event in known:
        one = last.setdefault(event.event_id, event)
        if one is not event and event_rank(event) > event_rank(one):
            last[event.event_id] = event
    parts = []
    for _, piece, source in found:
        parent_id = None if piece.parent_id == run_id else piece.parent_id
        name = last[parent_id].event_name if parent_id in last else None
        events = tuple([below(event, parent_id, name) for event in piece.steps])
        parts.append(Draft(replace(piece, steps=events), source))
    run.take(parts)
    if any(piece.cold_start for _, piece, _ in found):
        run.head = replace(run.head, cold_start=True)


def below(event: Event, parent_id: str | None, parent_name: str | None) -> Event:
    """The event, below that step where it names no other."""
    if event.event_parent_id is not None or parent_id is None:
        return event
    return replace(event, event_parent_id=parent_id, event_parent_name=parent_name)
