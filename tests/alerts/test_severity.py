"""How severe alerts are."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from coldtrail.alerts.alerts import alerts_from
from coldtrail.alerts.effects import Effect
from coldtrail.alerts.severity import is_grave, kind_named, level_of, severity_of
from coldtrail.records.finding import Seconds, Times
from coldtrail.records.verdict import Reason
from tests.alerts.test_alerts import make_pair, make_reason


def test_what_no_rule_names_is_told_as_all_others_are() -> None:
    assert kind_named("unheard_of") == kind_named("other")
    assert [level_of(name) for name in ("low", "medium", "high", "critical")] == [0, 1, 2, 3]


def test_severity_rises_with_effect_and_repeats() -> None:
    assert severity_of("order", Effect.PLAIN) == "medium"
    assert severity_of("order", Effect.LARGE) == "high"
    assert severity_of("duration", Effect.PLAIN) == "low"
    assert severity_of("duration", Effect.PLAIN, 10_000) == "medium"
    assert severity_of("order", Effect.PLAIN, 10_000) == "medium"
    assert severity_of("new_resource", Effect.PLAIN, is_grave=True) == "high"
    assert severity_of("look_alike", Effect.LARGE, 1000, is_grave=True) == "critical"
    assert severity_of("unheard_of", Effect.PLAIN) == "low"


def test_where_the_effect_is_small_nothing_else_counts() -> None:
    assert severity_of("new_resource", Effect.SMALL, 10_000, is_grave=True) == "low"


@pytest.mark.parametrize(
    ("kind", "name", "service", "is_so"),
    [
        ("new_resource", "PutObject", "S3", True),
        ("new_resource", "GetObject", "S3", False),
        ("new_resource", "PutItem", "DynamoDB", False),
        ("new_action", "PutObject", "S3", False),
        ("new_resource", "GetSecretValue", "SecretsManager", True),
        ("new_resource", "GetParameter", "SSM", False),
        ("new_action", "AssumeRole", "STS", True),
        ("omission", "PutItem", "DynamoDB", False),
        ("new_action", "DROP", "PostgreSQL", True),
        ("new_action", "DELETE; SELECT", "Database::SQL", True),
        ("new_action", "UPDATE", "PostgreSQL", False),
        ("new_action", "DELETE", "remote", False),
        ("new_event", "DROP", "PostgreSQL", False),
    ],
)
def test_what_is_grave_is_new_and_leaves_the_account_or_touches_secrets(
    kind: str, name: str, service: str, is_so: bool
) -> None:
    assert is_grave(make_reason(kind, name), service) == is_so


@pytest.mark.parametrize(("verb", "severity"), [("DELETE", "high"), ("DROP", "high"), ("COPY", "low")])
def test_a_statement_that_destroys_is_severe_however_little_history_proves(verb: str, severity: str) -> None:
    verdict, flow = make_pair("f", make_reason("new_action", verb), score=4.2)
    events = tuple(replace(one, event_name=verb, event_type="PostgreSQL") for one in flow.events)
    (alert,) = alerts_from([(verdict, replace(flow, events=events))])
    assert alert.severity == severity


@pytest.mark.parametrize(
    ("kind", "levels"), [("order", ["low", "medium", "medium"]), ("trigger", ["medium", "medium", "high"])]
)
def test_what_is_just_past_the_threshold_is_a_rarer_branch_and_what_is_far_past_it_no_worse_a_path(
    kind: str, levels: list[str]
) -> None:
    pairs = [make_pair("f", make_reason(kind), score=score) for score in (4.2, 6.0, 9.0)]
    assert [alerts_from([pair])[0].severity for pair in pairs] == levels


def test_a_few_repeats_more_and_milliseconds_are_no_grave_matter_however_improbable() -> None:
    few = make_reason("count", usual=Times(8, 3.0, 900.0), found=Times(9))
    many = make_reason("count", usual=Times(2, 3.0, 900.0), found=Times(40))
    brief = Seconds(0.00158, "own_code"), Seconds(0.0009, "own_code", longest=0.0014, number=900.0)
    grave = Seconds(60.0, "own_code"), Seconds(0.02, "own_code", longest=0.3, number=900.0)
    assert _severity(few) == "low"
    assert _severity(many) == "high"
    assert _severity(make_reason("duration", found=brief[0], usual=brief[1])) == "low"
    assert _severity(make_reason("duration", found=grave[0], usual=grave[1])) == "medium"


def _severity(reason: Reason) -> str:
    (alert,) = alerts_from([make_pair("f", reason, score=40.0)], with_waiting=True)
    return alert.severity
