"""What the hooks into EventBridge rely on."""

import json
from typing import Any

import pytest

from coldtrail_testbed.cloud.deployment import Clients
from coldtrail_testbed.cloud.event_bodies import BusEvent
from coldtrail_testbed.cloud.identifiers import function_arn
from coldtrail_testbed.cloud.moto_hooks import matching_functions

from .things import Events


def _put_event(client: Clients, detail: dict[str, Any]) -> str:
    entry = {"Source": "shop", "DetailType": "Sold", "Detail": json.dumps(detail), "Resources": ["arn:r"]}
    answer = client("events").put_events(Entries=[entry])
    identifier: str = answer["Entries"][0]["EventId"]
    return identifier


def test_events_reach_the_functions_of_matching_rules_only(client: Clients, events: Events) -> None:
    _put_event(client, {"kind": "cheap"})
    identifier = _put_event(client, {"kind": "dear", "price": 7})
    detail = {"kind": "dear", "price": 7}
    assert events.matched == [("Worker", BusEvent(identifier, "shop", "Sold", ["arn:r"], detail))]


def test_rules_match_events_of_services_and_schedules_match_none(client: Clients) -> None:
    for kind, functions in (("dear", ["Worker"]), ("cheap", [])):
        assert matching_functions({"source": "shop", "detail": {"kind": kind}}) == functions


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ({"prefix": "ab"}, "abc", "bc"),
        ({"anything-but": ["a", "b"]}, "c", "a"),
        ({"exists": True}, "x", None),
        ({"numeric": [">", 1, "<=", 3]}, 3, 1),
    ],
)
def test_patterns_of_rules(client: Clients, pattern: Any, matching: Any, other: Any) -> None:
    rule = json.dumps({"detail": {"field": [pattern]}})
    client("events").put_rule(Name="Filtered", EventPattern=rule)
    client("events").put_targets(Rule="Filtered", Targets=[{"Id": "1", "Arn": function_arn("Filter")}])
    found = [
        matching_functions({"detail": {} if value is None else {"field": value}})
        for value in (matching, other)
    ]
    assert found == [["Filter"], []]
