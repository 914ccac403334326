from __future__ import annotations

import json
from typing import Any

import pytest

from coldtrail.notifiers.pagerduty import PagerDutyNotifier, PagerDutySettings
from coldtrail.records.delivery import Message
from tests.notifiers.http_server import listening
from tests.notifiers.messages import a_message

KEY = {"KEY": "R0UTING"}


def event(message: Message) -> Any:
    with listening() as place:
        settings = PagerDutySettings("KEY", url=f"http://127.0.0.1:{place.port}/v2/enqueue")
        PagerDutyNotifier(settings, KEY).send(message)
        return json.loads(place.requests[0].body)


def test_a_trigger_says_what_where_and_how_severe() -> None:
    told = event(a_message())
    assert (told["routing_key"], told["event_action"]) == ("R0UTING", "trigger")
    assert told["dedup_key"] == a_message().dedup_key
    payload = told["payload"]
    assert (payload["summary"], payload["source"]) == (a_message().title, "Confirm")
    assert (payload["severity"], payload["group"]) == ("error", "airline")
    assert payload["timestamp"] == "2026-11-18T11:06:40.250Z"
    assert told["links"][0]["href"] == a_message().link


def test_an_update_is_a_trigger_of_the_same_incident_and_the_end_resolves_it() -> None:
    update, end = event(a_message(what="update")), event(a_message(what="resolve"))
    assert (update["event_action"], end["event_action"]) == ("trigger", "resolve")
    assert update["dedup_key"] == end["dedup_key"] == a_message().dedup_key
    assert "payload" not in end


@pytest.mark.parametrize(
    ("severity", "theirs"),
    [("low", "info"), ("medium", "warning"), ("high", "error"), ("critical", "critical")],
)
def test_severities_are_theirs(severity: str, theirs: str) -> None:
    assert event(a_message(severity=severity))["payload"]["severity"] == theirs


def test_a_source_is_never_empty() -> None:
    nowhere = a_message(function="", application="", account="")
    assert event(nowhere)["payload"]["source"] == "coldtrail"
