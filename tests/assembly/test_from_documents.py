"""Documents to flows and windows at once, and things some at a time."""

from __future__ import annotations

from coldtrail.assembly.from_documents import any_flows_from, batches, flows_from, windows_from
from coldtrail.config import Settings
from coldtrail.formats.detect import parser_for
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document, Observations

EVENT = (
    b'{"application_name":"shop","application_flow_id":"t","function_name":"pay","function_flow_id":"f",'
    b'"event_id":"e","start_time":1700000000.0,"end_time":1700000000.5,"event_name":"GetItem",'
    b'"event_type":"DynamoDB","event_parent_id":null,"event_parent_name":null,"event_target_resource":"Stock"}'
)
METRIC = (
    b'{"account":"111122223333","region":"eu-west-1","application_name":"shop","function_name":"ship",'
    b'"start_time":1700000040.0,"period_s":60,"invocations":12}'
)
SETTINGS = Settings()


def documents() -> list[Document]:
    return [Document(payload, "input", str(place)) for place, payload in enumerate([EVENT, METRIC])]


def test_documents_give_their_flows() -> None:
    parser = parser_for("auto", SETTINGS)
    (flow,) = flows_from(documents(), parser, SETTINGS, Tally())
    assert [event.event_name for event in flow.events] == ["GetItem"]


def test_what_stands_beside_traces_is_watched() -> None:
    told: list[Observations] = []
    list(any_flows_from(documents(), parser_for("auto", SETTINGS), SETTINGS, Tally(), watch=told.append))
    assert [metric.invocations for one in told for metric in one.metrics] == [12.0]


def test_documents_give_windows_by_time() -> None:
    found = list(windows_from(documents(), parser_for("auto", SETTINGS), SETTINGS, Tally()))
    assert [(one.function_name, one.invocations, one.source) for one in found] == [
        ("pay", 1.0, "flows"),
        ("ship", 12.0, "metrics"),
    ]


def test_batches_hold_so_many_and_the_rest() -> None:
    assert list(batches(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(batches([], 2)) == []
