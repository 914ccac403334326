"""How severe alerts are."""

from __future__ import annotations

from coldtrail.alerts.attack import technique_for
from coldtrail.alerts.severity import kind_named, level_of, severity_of
from tests.alerts.test_alerts import make_reason


def test_what_no_rule_names_is_told_as_all_others_are() -> None:
    assert kind_named("unheard_of") == kind_named("other")
    assert [level_of(name) for name in ("low", "medium", "high", "critical")] == [0, 1, 2, 3]


def test_severity_rises_with_tactic_distance_and_repeats() -> None:
    grave = technique_for(make_reason(), "S3")
    assert severity_of("order", None, 5, 4, 1) == "medium"
    assert severity_of("order", None, 8, 4, 1) == "high"
    assert severity_of("duration", None, 5, 4, 1) == "low"
    assert severity_of("order", None, 5, 4, 10) == "high"
    assert severity_of("order", None, 12, 4, 10_000) == "high"
    assert severity_of("new_resource", None, 5, 4, 10_000) == "high"
    assert severity_of("new_resource", grave, 5, 4, 1) == "critical"
    assert severity_of("new_resource", grave, 500, 4, 1000) == "critical"
    assert severity_of("unheard_of", None, 5, 4, 1) == "low"
    assert severity_of("order", None, 5, 0, 1) == "medium"
