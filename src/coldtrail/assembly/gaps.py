"""Invocations of which the telemetry holds no run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from coldtrail.assembly.masking import Masking
from coldtrail.assembly.upstream import Above, upstream
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import SEVERAL, Link


def count_gaps(parents_of_runs: Iterable[str | None], links: Collection[Link], tally: Tally) -> list[Link]:
    """Counts the invocations of one trace that none of its runs belongs to; gives those that ran."""
    parents = set(parents_of_runs)
    invocations = [link for link in links if link.role == "invocation" and link.link_id not in parents]
    if not invocations:
        return []
    above = {link.link_id: link.parent_id for link in links}
    parents |= {above[one] for one in parents if one is not None and one in above}
    missing = [link for link in invocations if link.link_id not in parents]
    if missing:
        tally.counts["invocations without a record of their own"] += len(missing)
        tally.counts["invocations that failed before the function ran"] += sum(
            [one.failed for one in missing]
        )
    return [link for link in missing if not link.failed]


def tell_gaps(missing: Sequence[Link], trace: Callable[[], Above], masking: Masking, tally: Tally) -> None:
    """Tells whose invocations they were, and who made them."""
    if not missing:
        return
    looked = trace()
    for link in missing:
        name = masking.resources[link.name.partition(SEVERAL)[0]]
        tally.miss(name, upstream((link.link_id,), looked, masking)[0].caller)
