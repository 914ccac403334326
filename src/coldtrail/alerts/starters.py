"""Who started the strange runs of an alert, where that is what is strange: two strangers at one function are
one alert, and may be two stories."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from coldtrail.alerts.parts import Sighting
from coldtrail.records.alert import Evidence, Severity, Starter

OF_STARTERS = frozenset(("trigger",))
"""Kinds of findings of runs that are about who started them."""
MOST_STARTERS = 8
"""Of one alert: further ones count to the last."""
MOST_EVIDENCE = 20


def starters_of(runs: Sequence[Sighting], severity: Callable[[int], Severity]) -> tuple[Starter, ...]:
    """What each of them started of runs that come by their start; `severity` tells that of so many runs.
    Runs of which nobody knows who started them are of nobody, and told as those of one."""
    by: dict[str, list[Sighting]] = {}
    for run in runs:
        is_known = run.starter in by or len(by) < MOST_STARTERS
        by.setdefault(run.starter if is_known else next(reversed(by)), []).append(run)
    return tuple(_starter(who, some, severity(len(some))) for who, some in by.items())


def _starter(who: str, runs: Sequence[Sighting], severity: Severity) -> Starter:
    return Starter(
        principal=who,
        severity=severity,
        first_seen=runs[0].start,
        last_seen=runs[-1].start,
        certain_at=min(one.end for one in runs),
        count=len(runs),
        evidence=tuple(
            Evidence(one.function_flow_id, one.application_flow_id) for one in runs[:MOST_EVIDENCE]
        ),
    )
