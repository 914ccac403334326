"""Who left what a run took up: what links between traces tell, where the run's own trace tells nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from coldtrail.assembly.heads import TOGETHER
from coldtrail.assembly.masking import Masking
from coldtrail.assembly.upstream import Upstream
from coldtrail.records.trace_link import TraceLink


def linked(
    above: Upstream, run_id: str | None, links: Mapping[str, Sequence[TraceLink]], masking: Masking
) -> Upstream:
    """What stands above a run, with what other traces tell; several callers of a batch together."""
    if above.trigger is not None:
        return above
    ids = [run_id, None if above.invocation is None else above.invocation.link_id]
    told = [link for one in ids if one is not None for link in links.get(one, ())]
    if not told:
        return above
    triggers = {_trigger(link, masking) for link in told} - {None}
    callers = {masking.names[link.caller] for link in told if link.caller}
    return Upstream(above.invocation, _together(triggers), _together(callers), not callers)


def _trigger(link: TraceLink, masking: Masking) -> str | None:
    if not link.kind:
        return None
    name = masking.resources[link.name] if link.name else ""
    return f"{masking.names[link.kind]} {name}".rstrip()


def _together(names: set[str | None] | set[str]) -> str | None:
    return TOGETHER.join(sorted([name for name in names if name])) or None
