"""What was measured in a mesh, as counts that can be pooled over meshes."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from benchmarks.quality.figures import Rate
from benchmarks.worlds.mesh.faults import Fault
from benchmarks.worlds.mesh.planning import VISIBLE, length_s
from benchmarks.worlds.mesh.spans import Written

GRACE_S = 30.0
"""After a fault, what is told still counts as told of it: runs that it changed may end so late."""
LEAD_S = 5.0
"""Before a fault: runs that are under way when it begins may be changed by it, and changes over many runs are
told as of the start of a run."""
LEAST_SHOWN, TIMES_MORE = 3, 3.0
"""Changed runs that an alert shows at least, and how many times as many a minute as of others."""


class Calm(Struct):
    """Alerts in minutes without a fault."""

    hours: float = 0.0
    alerts: int = 0
    high: int = 0


class MeshOutcome(Struct):
    """The figures of one mesh."""

    seed: int
    services: int = 0
    learned: int = 0
    judged: int = 0
    busiest: int = 0
    """Flows learned of the service with most."""
    before: Calm = field(default_factory=Calm)
    """Before the first fault."""
    between: Calm = field(default_factory=Calm)
    """After a fault and before the next."""
    kinds: dict[str, int] = field(default_factory=dict)
    """(kind of alert) told without a fault"""
    faults: dict[str, Rate] = field(default_factory=dict)
    """(kind of fault) whether it was told, of those that are visible"""
    hidden: int = 0
    """Faults of which too few runs were changed to be visible."""
    alerts_of_faults: int = 0
    """Alerts told while something was at fault."""
    false: Rate = field(default_factory=Rate)
    """Flows that no fault changed and that alarm."""
    seconds: dict[str, float] = field(default_factory=dict)


Alert = Mapping[str, Any]


def count_faults(
    outcome: MeshOutcome, faults: Sequence[Fault], written: Written, alerts: Sequence[Alert]
) -> None:
    """Counts which of the visible faults were told."""
    changed = written.changed
    for fault in faults:
        struck = {flow: service for flow, (service, by) in changed.items() if by is fault}
        direct = sum(1 for flow in struck if struck[flow] in _services(fault))
        if direct < VISIBLE:
            outcome.hidden += 1
            continue
        slowed = frozenset(event for event, by in written.slowed.items() if by is fault)
        told = any(names(alert, slowed) or tells(alert, fault, struck) for alert in alerts)
        outcome.faults[fault.kind] = outcome.faults.get(fault.kind, Rate()) + Rate(int(told), 1)


def names(alert: Alert, slowed: Container[str]) -> bool:
    """Whether the event at which an alert says to look first is a call that the fault made slower."""
    return bool(alert["reasons"]) and alert["reasons"][0]["event_id"] in slowed


def tells(alert: Alert, fault: Fault, struck: Mapping[str, str]) -> bool:
    """Whether an alert is about a fault, whatever it names first.

    Either it tells a change over many runs of a service with runs that the fault changed, and was certain
    while that lasted; or among the runs that it shows are some that the fault changed, and thrice as many a
    minute as of others at other times: what alarms by chance does so at any time.
    """
    shown = {one["function_flow_id"] for one in alert["evidence"]}
    within = sum(1 for flow in shown if flow in struck)
    lasted = fault.end - fault.start
    usual = (len(shown) - within) / (length_s() - lasted)
    if within >= LEAST_SHOWN and within / lasted >= TIMES_MORE * usual:
        return True
    in_time = fault.start - LEAD_S <= alert["told_at"] < fault.end + GRACE_S
    return alert["score"] is None and in_time and alert["subject"]["function_name"] in set(struck.values())


def count_calm(
    outcome: MeshOutcome, faults: Sequence[Fault], span: tuple[float, float], alerts: Sequence[Alert]
) -> None:
    """Counts the alerts that were certain at a time without a fault, and the hours of such times."""
    start, end = span
    busy = sorted((fault.start - LEAD_S, min(fault.end + GRACE_S, end)) for fault in faults)
    first = busy[0][0] if busy else end
    outcome.before.hours += (first - start) / 3_600.0
    outcome.between.hours += (end - first - sum(until - since for since, until in busy)) / 3_600.0
    for alert in alerts:
        at = alert["told_at"]
        if any(since <= at < until for since, until in busy):
            outcome.alerts_of_faults += 1
            continue
        calm = outcome.before if at < first else outcome.between
        calm.alerts += 1
        calm.high += alert["severity"] in ("high", "critical")
        outcome.kinds[alert["kind"]] = outcome.kinds.get(alert["kind"], 0) + 1


def _services(fault: Fault) -> set[str]:
    return {name.partition(" ")[0] for name in fault.endpoints}
