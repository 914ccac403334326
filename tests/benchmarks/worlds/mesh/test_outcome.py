"""When an alert tells a fault, and when it is one too many."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.worlds.counts import Count, told_count
from benchmarks.worlds.mesh.faults import Fault
from benchmarks.worlds.mesh.outcome import (
    GRACE_S,
    LEAD_S,
    MeshOutcome,
    count_calm,
    count_faults,
    names,
    tells,
)
from benchmarks.worlds.mesh.spans import Written

FAULT = Fault("slow", 100.0, 220.0, frozenset(["orders GET /one"]))
STRUCK = {f"s{number}": "orders" for number in range(50)}
CHANGED = {flow: (service, FAULT) for flow, service in STRUCK.items()}


def alert(
    flows: list[str], at: float = 150.0, service: str = "orders", score: float | None = 5.0
) -> dict[str, Any]:
    return {
        "evidence": [{"function_flow_id": flow} for flow in flows],
        "told_at": at,
        "subject": {"function_name": service},
        "score": score,
        "severity": "high",
        "kind": "duration",
        "reasons": [],
    }


def test_an_alert_that_shows_changed_runs_tells_the_fault() -> None:
    assert tells(alert(["s1", "s2", "s3"]), FAULT, STRUCK)
    assert tells(alert(["s1", "s2", "s3"], at=20.0, service="carts"), FAULT, STRUCK)


def test_an_alert_that_shows_one_of_them_by_chance_does_not() -> None:
    assert not tells(alert(["s1"]), FAULT, STRUCK)
    assert not tells(alert(["s1", "s2", "s3", *(f"o{number}" for number in range(40))]), FAULT, STRUCK)


def test_a_change_over_many_runs_tells_it_in_its_time_and_of_its_services_only() -> None:
    assert tells(alert([], score=None), FAULT, STRUCK)
    assert tells(alert([], at=FAULT.end + GRACE_S / 2, score=None), FAULT, STRUCK)
    assert not tells(alert([], at=90.0, score=None), FAULT, STRUCK)
    assert not tells(alert([], service="carts", score=None), FAULT, STRUCK)


def test_an_alert_that_names_a_call_that_the_fault_made_slower_tells_it() -> None:
    reasons = [{"event_id": "slow"}, {"event_id": "other"}]
    assert names(alert(["s1"]) | {"reasons": reasons}, {"slow"})
    assert not names(alert(["s1"]) | {"reasons": reasons[::-1]}, {"slow"})
    assert not names(alert([]), {"slow"})


def test_faults_that_change_few_runs_are_not_counted() -> None:
    outcome = MeshOutcome(1)
    count_faults(outcome, [FAULT], Written(60, dict(list(CHANGED.items())[:5]), {}), [])
    assert (outcome.faults, outcome.hidden) == ({}, 1)
    count_faults(outcome, [FAULT], Written(60, CHANGED, {}), [])
    assert outcome.faults["slow"].whole == 1


def test_alerts_without_a_fault_are_counted_by_the_hours_of_such_times() -> None:
    outcome = MeshOutcome(1)
    alerts = [alert([], at=at) for at in (10.0, 99.9, FAULT.end + GRACE_S - 1, FAULT.end + GRACE_S + 1)]
    count_calm(outcome, [FAULT], (0.0, 400.0), alerts)
    assert (outcome.before.alerts, outcome.between.alerts, outcome.alerts_of_faults) == (1, 1, 2)
    assert outcome.before.hours * 3_600.0 == pytest.approx(100.0 - LEAD_S)
    assert outcome.between.hours * 3_600.0 == pytest.approx(400.0 - FAULT.end - GRACE_S)


def test_the_interval_of_a_rate_is_that_of_independent_events() -> None:
    """Exact limits (Garwood 1936) of 0 and of 10 events: 0 to 3.69, and 4.80 to 18.39."""
    assert Count(0, 1.0).interval() == pytest.approx((0.0, 3.69), abs=0.05)
    assert Count(10, 1.0).interval() == pytest.approx((4.80, 18.39), abs=0.05)
    assert told_count(Count(10, 4.0), "hours").startswith("2.50 (1.2")
    assert told_count(Count(0, 0.0), "hours") == "-"
