import json
from typing import Any

from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.traces import batch_get_traces_form

_FUNCTION = {
    "id": "f",
    "name": "Function",
    "trace_id": "t",
    "start_time": 1.0,
    "end_time": 2.0,
    "origin": "AWS::Lambda::Function",
    "subsegments": [{"id": "i", "name": "Invocation", "start_time": 1.0, "end_time": 2.0}],
}


def _call(identifier: str, name: str, parent: str, **extra: Any) -> dict[str, Any]:
    times = {"start_time": 1.2, "end_time": 1.4}
    keys = {
        "trace_id": "t",
        "type": "subsegment",
        "parent_id": parent,
        "namespace": "aws",
        "in_progress": False,
    }
    return {"id": identifier, "name": name, **times, **keys, "aws": {"operation": "X"}, **extra}


def _assemble(foundation: Foundation, *fragments: dict[str, Any]) -> dict[str, dict[str, Any]]:
    foundation.traces.add_segment(json.loads(json.dumps(_FUNCTION)))
    for fragment in fragments:
        foundation.traces.add_fragment(fragment)
    [trace] = foundation.traces.take()
    return {segment["origin"]: segment for segment in trace["segments"]}


def test_fragments_find_their_parents_in_any_order(foundation: Foundation) -> None:
    inner = _call("b", "dynamodb", "a", aws={"operation": "Query", "table_name": "T", "consumed_capacity": 1})
    outer = _call("a", "## work", "i", namespace="local")
    segments = _assemble(foundation, inner, outer)
    [work] = segments["AWS::Lambda::Function"]["subsegments"][0]["subsegments"]
    assert set(work) == {"id", "name", "start_time", "end_time", "aws", "subsegments"}
    assert work["subsegments"][0]["aws"] == {"operation": "Query", "table_name": "T", "resource_names": ["T"]}


def test_called_services_are_inferred(foundation: Foundation) -> None:
    segments = _assemble(foundation, _call("q", "sqs", "i"), _call("s", "states", "i"))
    assert set(segments) == {"AWS::Lambda::Function", "AWS::SQS::Queue"}
    queue = segments["AWS::SQS::Queue"]
    assert (queue["inferred"], queue["parent_id"]) == (True, "q")
    assert [part["name"] for part in queue["subsegments"]] == ["QueueTime"]


def test_all_functions_of_a_topic_hang_on_it(foundation: Foundation) -> None:
    for identifier in ("l", "m"):
        woken = {"id": identifier, "trace_id": "t", "parent_id": "n", "start_time": 2.0, "end_time": 2.1}
        foundation.traces.add_segment({**woken, "origin": "AWS::Lambda"})
    foundation.traces.add_segment(json.loads(json.dumps(_FUNCTION)))
    foundation.traces.add_fragment(_call("n", "sns", "i"))
    [trace] = foundation.traces.take()
    [topic] = [segment for segment in trace["segments"] if segment["origin"] == "AWS::SNS"]
    assert [one["parent_id"] for one in trace["segments"] if one["origin"] == "AWS::Lambda"] == [
        topic["id"]
    ] * 2


def test_a_topics_function_hangs_on_the_inferred_topic(foundation: Foundation) -> None:
    woken = {"id": "l", "trace_id": "t", "parent_id": "n", "start_time": 2.0, "end_time": 2.1}
    foundation.traces.add_segment({**woken, "origin": "AWS::Lambda"})
    segments = _assemble(foundation, _call("n", "sns", "i"))
    assert segments["AWS::Lambda"]["parent_id"] == segments["AWS::SNS"]["id"]


def test_taken_traces_are_gone(foundation: Foundation) -> None:
    _assemble(foundation)
    assert foundation.traces.take() == []


def test_traces_are_taken_whole_or_not_at_all(foundation: Foundation) -> None:
    foundation.traces.add_segment(json.loads(json.dumps(_FUNCTION)))
    assert foundation.traces.take(lambda root: root == "t") == []
    foundation.traces.add_segment({**_FUNCTION, "id": "g", "subsegments": []})
    [trace] = foundation.traces.take()
    assert [segment["id"] for segment in trace["segments"]] == ["f", "g"]


def test_traces_come_in_the_order_of_their_start(foundation: Foundation) -> None:
    for root, start in (("second", 5.0), ("first", 3.0), ("third", 8.0)):
        foundation.traces.add_segment({"id": root, "trace_id": root, "start_time": start, "end_time": 9.0})
    assert [trace["id"] for trace in foundation.traces.take()] == ["first", "second", "third"]


def test_documents_are_json_in_strings() -> None:
    form = batch_get_traces_form({"id": "t", "segments": [_FUNCTION]})
    assert (form["Id"], form["Duration"], form["LimitExceeded"]) == ("t", 1.0, False)
    assert form["Segments"][0]["Id"] == "f"
    assert json.loads(form["Segments"][0]["Document"]) == _FUNCTION
