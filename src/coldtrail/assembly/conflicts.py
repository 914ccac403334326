"""Which runs of a trace what its documents contradict each other in concerns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from coldtrail.assembly.between import are_one_way
from coldtrail.assembly.closed import Closed
from coldtrail.assembly.masking import Masking
from coldtrail.assembly.runs import Run
from coldtrail.assembly.statements import Aspects, contradiction
from coldtrail.assembly.trace import Source
from coldtrail.records.contradiction import Contradiction, Thing

_MOST_ABOVE = 1_000
"""Links and steps above one run that are looked at."""
Found = dict[str, list[Contradiction]]


def conflicts(closed: Closed, masking: Masking) -> Mapping[str, Sequence[Contradiction]]:
    """By the ids of runs, what documents say of them, of their steps or of what stands above them that cannot
    all be true; what concerns no run is told with the first one by id."""
    found: Found = {}
    of_links = {one: told for one, told in closed.found.items() if _disagree(one, told, closed, masking)}
    above = bool(of_links) or closed.has_shared_steps
    own = any(run.found or run.clashes for run in closed.each_run)
    if not above and not own and closed.links.keys().isdisjoint(closed.runs):
        return found
    for run_id, runs in closed.runs.items():
        told = [
            one
            for run in runs
            for one in run.found
            if not (one.of == "run" and are_one_way(one.aspects, run.parents, closed, masking))
        ]
        told += [one for run in runs for one in _with_links(run_id, run, closed)]
        if told:
            found[run_id] = told
    if above:
        _add_above(found, of_links, closed)
    return found


def _disagree(link_id: str, told: Contradiction, closed: Closed, masking: Masking) -> bool:
    """Whether documents of a link tell of different ways up from it, or of anything else differently."""
    parents = list(dict.fromkeys(link.parent_id for link in closed.ways[link_id]))
    return not are_one_way(told.aspects, parents, closed, masking)


def _with_links(run_id: str, run: Run, closed: Closed) -> Iterator[Contradiction]:
    """What says that the run, or a step of it, is something else."""
    if run_id in closed.links and all(part.head.function_name for part in run.parts):
        yield _of_two_kinds("run", run_id, run.head.function_name, "", run.source, closed)
    for event, source in run.clashes:
        yield _of_two_kinds("step", event.event_id, event.event_name, event.event_type, source, closed)


def _of_two_kinds(
    of: Thing, of_id: str, name: str, kind: str, source: Source, closed: Closed
) -> Contradiction:
    aspects: Aspects = {"type": [(kind or of,), (closed.links[of_id].kind,)]}
    return contradiction(of, of_id, name, aspects, [("", source), ("", closed.source_of_link(of_id))], 2)


def _add_above(found: Found, of_links: Mapping[str, Contradiction], closed: Closed) -> None:
    concerning = {one: told for one, told in of_links.items() if not closed.steps(one)}
    for run_id, runs in closed.runs.items():
        for above in dict.fromkeys(one for run in runs for one in _above(run, closed)):
            told = of_links.get(above) or _shared(above, closed)
            if told is not None:
                found.setdefault(run_id, []).append(told)
                concerning.pop(above, None)
    if concerning and closed.runs:
        found.setdefault(min(closed.runs), []).extend(concerning.values())


def _above(run: Run, closed: Closed) -> Iterator[str]:
    """The ids of what stands above a run, by all ways."""
    waiting = [parent for parent in run.parents if parent is not None]
    seen = set(waiting)
    # `waiting` grows while it is walked.
    for one in waiting[:_MOST_ABOVE] if len(waiting) > _MOST_ABOVE else waiting:
        yield one
        links = closed.ways.get(one) or ([closed.links[one]] if one in closed.links else [])
        more = [link.parent_id for link in links if link.parent_id is not None]
        waiting += [parent for parent in dict.fromkeys(more) if parent not in seen]
        seen.update(more)


def _shared(step_id: str, closed: Closed) -> Contradiction | None:
    """That several runs are said to have taken one step, where that is so."""
    takers = {run.span_id or "": run for _, run in closed.steps(step_id)} if closed.has_shared_steps else {}
    if len(takers) < 2:
        return None
    step = closed.steps(step_id)[0][0]
    aspects: Aspects = {"run": [(taker,) for taker in sorted(takers)]}
    told_by = [("", closed.source_of_run(taker)) for taker in sorted(takers)]
    return contradiction("step", step_id, step.event_name, aspects, told_by, len(takers))
