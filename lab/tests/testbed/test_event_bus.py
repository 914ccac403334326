"""Rules and schedules of EventBridge, through real clients, real handlers and the real local cloud."""

import json
from collections.abc import Iterator

import pytest

from coldtrail_testbed.applications.model import EventRule, Schedule
from coldtrail_testbed.cloud.event_bodies import BusEvent
from coldtrail_testbed.cloud.identifiers import rule_arn
from coldtrail_testbed.cloud.local_cloud import LocalCloud

from .conftest import START
from .small_cloud import ask, events_of, segments_of, small_application, small_cloud

_APPLICATION = small_application(
    "Sell",
    "Tidy",
    "Count",
    event_rules=[
        EventRule("Sold", {"source": ["shop"], "detail": {"price": [{"numeric": [">", 5]}]}}, "Sell")
    ],
    schedules=[Schedule("Tidy", 300, "Tidy"), Schedule("Count", 420, "Count", {"what": "films"})],
)


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with small_cloud(_APPLICATION) as cloud:
        yield cloud


def _entry(price: int) -> dict[str, str]:
    return {"Source": "shop", "DetailType": "Sold", "Detail": json.dumps({"price": price})}


def test_events_of_functions_stay_in_their_trace(cloud: LocalCloud) -> None:
    ask(cloud, ("events", "put_events", {"Entries": [_entry(7), _entry(3)]}))
    [event] = events_of(cloud, "Sell")
    assert (event["source"], event["detail"]) == ("shop", {"price": 7})
    [trace] = cloud.take_traces()
    [bus] = [part for part in trace["segments"] if part["origin"] == "AWS::Events"]
    [woken] = [part for part in trace["segments"] if part.get("parent_id") == bus["id"]]
    assert (woken["name"], woken["origin"]) == ("Sell", "AWS::Lambda")


def test_events_of_services_start_traces_of_their_own(cloud: LocalCloud) -> None:
    cloud._bus.announce("shop", "Sold", ["arn:r"], {"price": 8})
    cloud.settle()
    [event] = events_of(cloud, "Sell")
    assert (event["resources"], event["detail"]) == (["arn:r"], {"price": 8})
    [woken] = segments_of(cloud, "AWS::Lambda")
    assert "parent_id" not in woken


def test_schedules_run_at_whole_minutes_each_in_a_new_trace(cloud: LocalCloud) -> None:
    cloud.wait(1000)
    events = events_of(cloud, "Tidy")
    assert len(events) == 3
    for event in events:
        assert (event["detail-type"], event["resources"]) == ("Scheduled Event", [rule_arn("Tidy")])
        assert (event["source"], event["detail"]) == ("aws.events", {})
        assert event["time"].endswith(":00Z")
    assert events_of(cloud, "Count") == [{"what": "films"}] * 2
    traces = cloud.take_traces()
    roots = [[part for part in trace["segments"] if "parent_id" not in part] for trace in traces]
    assert [[root["origin"] for root in trace] for trace in roots] == [["AWS::Lambda"]] * 5
    assert 300 <= roots[0][0]["start_time"] - START < 362


def test_a_rule_of_a_function_that_is_not_there_yet_does_nothing(cloud: LocalCloud) -> None:
    event = BusEvent("id", "shop", "Sold", [], {})
    cloud._bus.deliver("Newcomer", event, None)
    cloud.settle()
    assert cloud.take_traces() == []


def test_schedules_keep_nothing_alive(cloud: LocalCloud) -> None:
    cloud.settle()
    assert events_of(cloud, "Tidy") == []
