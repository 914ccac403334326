"""Invocations of which the telemetry holds no run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from coldtrail.records.telemetry import Link


def count_gaps(parents_of_runs: Iterable[str | None], links: Collection[Link], counts: Counter[str]) -> None:
    """Counts the invocations of one trace that none of its runs belongs to."""
    parents = set(parents_of_runs)
    invocations = [link for link in links if link.role == "invocation" and link.link_id not in parents]
    if not invocations:
        return
    above = {link.link_id: link.parent_id for link in links}
    parents |= {above[one] for one in parents if one is not None and one in above}
    for link in invocations:
        if link.link_id not in parents:
            counts["invocations without a record of their own"] += 1
            counts["invocations that failed before the function ran"] += link.failed
