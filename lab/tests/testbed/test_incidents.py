"""Incidents: what happened, to whom, and which records tell of it."""

from coldtrail_testbed.facts import Call, Caller
from coldtrail_testbed.incidents import IncidentBook, Story
from coldtrail_testbed.telemetry.cloudtrail_records import cloudtrail_event_id

_THIEF = Caller("function", "GetLoyalty", "192.0.2.9", "curl", "ASIAONE")
_LEAKED = Caller("user", "release", "192.0.2.9", "curl", "AKIATWO")


def _call(time: float, operation: str = "ListBuckets", attack: str | None = "theft", **more: object) -> Call:
    values = {"service": "s3", "caller": _THIEF, "request_id": f"r{time}"} | more
    return Call(time=time, operation=operation, attack=attack, **values)  # type: ignore[arg-type]


def _book(decisive: str = "") -> IncidentBook:
    theft = Story("theft", "steals", "GetLoyalty", lambda call: call.operation.startswith(decisive))
    return IncidentBook([theft, Story("mining", "mines", "IngestLoyalty")])


def test_an_attack_that_did_not_occur_is_no_incident() -> None:
    book = _book()
    book.call(_call(1, attack=None))
    book.call(_call(2, attack="unheard of"))
    book.flow("unheard of", 3, "GetLoyalty", "f")
    assert list(book.lines()) == []


def test_a_theft_names_who_when_from_where_and_which_record_decides() -> None:
    book, calls = _book("Put"), [_call(20, "PutObject"), _call(10), _call(30, caller=_LEAKED)]
    for call in calls:
        book.call(call)
    (line,) = book.lines()
    assert (line["attack"], line["begin"], line["end"]) == ("theft", 10, 30)
    assert line["first"] == {"time": 10, "event_id": cloudtrail_event_id(calls[1])}
    assert line["decisive"] == {"time": 20, "event_id": cloudtrail_event_id(calls[0])}
    assert [one["access_key_ids"] for one in line["principals"]] == [["ASIAONE"], ["AKIATWO"]]
    assert [one["type"] for one in line["principals"]] == ["AssumedRole", "IAMUser"]
    assert line["principals"][0]["arn"].endswith("/GetLoyalty")
    assert line["source_addresses"] == ["192.0.2.9"]
    assert line["event_ids"] == [cloudtrail_event_id(calls[one]) for one in (1, 0, 2)]


def test_what_flows_alone_show_has_flows_and_no_deciding_record() -> None:
    book = _book()
    book.flow("mining", 7.5, "IngestLoyalty", "f2")
    book.flow("mining", 5.0, "IngestLoyalty", "f1")
    (line,) = book.lines()
    assert line["first"] == {"time": 5.0, "function_flow_id": "f1"}
    assert (line["decisive"], line["event_ids"], line["function_flow_ids"]) == (None, [], ["f1", "f2"])


def test_functions_that_calls_name_and_flows_ran_in_are_told_after_the_attacked_one() -> None:
    book = _book()
    book.call(
        _call(1, "Invoke", service="lambda", parameters={"functionName": "arn:aws:lambda:r:1:function:Other"})
    )
    book.flow("theft", 2, "Third", "f")
    book.call(_call(0, "PutMetricData", service="monitoring"))
    (line,) = book.lines()
    assert line["function_names"] == ["GetLoyalty", "Other", "Third"]
    assert len(line["event_ids"]) == 1
