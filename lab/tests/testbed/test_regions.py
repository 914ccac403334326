"""Where something happened: at home, or where the application had moved to."""

from dataclasses import replace
from math import inf

from coldtrail_testbed.facts import Call, Caller, Facts
from coldtrail_testbed.look_alikes.model import Window
from coldtrail_testbed.placing import placed, region_at
from coldtrail_testbed.regions import began, moved, region_in

from .telemetry.truth import START, caller, run

FIRST, SECOND = (f"1-{int(START) + later:08x}-{later:024x}" for later in (0, 3))

_AWAY = {
    "region_failover": Window(START - 1, START + 2, (), {"region": "us-west-2"}),
    "sale_day": Window(0, inf, (), {}),
}


def test_a_trace_is_where_it_began() -> None:
    assert [began(FIRST), began(SECOND)] == [START, START + 3]
    assert [region_at(began(one), _AWAY) for one in (FIRST, SECOND)] == ["us-west-2", "us-east-1"]
    assert region_at(START, {}) == "us-east-1"


def test_names_of_regions_are_changed_all_the_way_down() -> None:
    document = {"a": ["arn:aws:lambda:us-east-1:1:function:F"], "us-east-1": 1}
    assert moved(document, "us-west-2") == {"a": ["arn:aws:lambda:us-west-2:1:function:F"], "us-west-2": 1}
    assert moved(document, "us-east-1") is document


def test_a_document_says_where_it_is() -> None:
    assert region_in({"url": "https://x.execute-api.us-west-2.amazonaws.com/Prod"}) == "us-west-2"
    assert region_in({"name": "airline/Prod"}) == "us-east-1"


def test_functions_and_services_move_and_people_do_not() -> None:
    person = Caller("user", "ana", "81.95.112.11", "Mozilla")
    calls = [
        Call(START + 50, "s3", "PutObject", caller("F"), "1", trace_id=FIRST),
        Call(START + 1, "s3", "PutObject", caller("F"), "2", trace_id=SECOND),
        Call(START + 1, "lambda", "ListFunctions", person, "3"),
    ]
    facts = placed(Facts([replace(run(), trace_id=FIRST), replace(run(), trace_id=SECOND)], calls), _AWAY)
    assert [one.region for one in facts.runs] == ["us-west-2", "us-east-1"]
    assert [one.region for one in facts.calls] == ["us-west-2", "us-east-1", "us-east-1"]
