"""Segments straight to columns: the same as the records, or left to them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from coldtrail.assembly.lean import observations_of
from coldtrail.config import LimitSettings, Settings
from coldtrail.errors import DocumentError
from coldtrail.formats.xray import columns
from coldtrail.formats.xray.parser import XRayParser
from coldtrail.records.columns import WholeTrace
from coldtrail.records.telemetry import Document, Observations
from tests.fixtures.odd_traces import OddTraces
from tests.fixtures.telemetry import Json, TraceBuilder, as_answered
from tests.formats.xray_parts import START, segment, step


def document(trace: Json) -> Document:
    return Document(json.dumps(trace).encode(), "test")


def usual(**changes: Any) -> Json:
    """A trace of one run with two steps, of which the first differs from what is usual."""
    first, second = step(1, **changes), step(2, start_time=START + 0.3, end_time=START + 0.4)
    return as_answered({"Id": "1-2", "Segments": [{"Document": segment(first, second)}]})


def in_any_order(told: Observations) -> list[Any]:
    """What observations say, but for the order of links and of a run's steps, which says nothing."""
    spans = [replace(one, steps=tuple(sorted(one.steps, key=repr))) for one in told.spans]
    return [spans, sorted(told.links, key=repr), told.problems, told.more_problems]


def same_either_way(
    payload: Document, limits: LimitSettings | None = None, parser: XRayParser | None = None
) -> bool:
    """Whether it went straight to columns; either way it says what the records say."""
    made = Settings(limits=limits or LimitSettings())
    parser = parser or XRayParser(made)
    try:
        records: Observations | str = XRayParser(made)(payload)
    except DocumentError as refused:
        records = str(refused)
    if isinstance(records, str):
        with pytest.raises(DocumentError, match=re.escape(records)):
            parser.straight(payload)
        return False
    told = parser.straight(payload)
    as_records = observations_of(told) if isinstance(told, WholeTrace) else told
    assert in_any_order(as_records) == in_any_order(records)
    return isinstance(told, WholeTrace)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), odds=st.sampled_from([0.0, 0.02, 0.3]))
def test_columns_say_what_records_say(seed: int, odds: float) -> None:
    made, parser = OddTraces(seed, odds), XRayParser(Settings())
    for _ in range(6):
        same_either_way(document(made.trace()), parser=parser)


def test_a_step_that_fails_is_told_apart_from_one_that_does_not() -> None:
    parser = XRayParser(Settings())
    for failed in (False, True, False, True):
        assert same_either_way(document(usual(fault=failed)), parser=parser)


def test_usual_traces_go_straight() -> None:
    builder = TraceBuilder(3)
    assert all(same_either_way(document(as_answered(builder.trace("a", "b")))) for _ in range(50))
    odd = OddTraces(1, 0.0)
    straight = [same_either_way(document(odd.trace())) for _ in range(100)]
    assert sum(straight) > 50


UNUSUAL: dict[str, Json] = {
    "an id that comes twice": {"id": f"b{2:015x}"},
    "the id of the segment": {"id": "a000000000000001"},
    "an id that cannot be printed": {"id": "b\u2028"},
    "a step still open": {"in_progress": True},
    "a step without an end": {"end_time": None},
    "a step that ends before it starts": {"end_time": START + 0.0999},
    "a step that starts after what is beside its parent": {"subsegments": [step(3, start_time=START + 0.35)]},
}


def test_steps_that_start_together_go_straight_by_their_end_and_id() -> None:
    """As they do where a tracer's clock has milliseconds."""
    below = {"subsegments": [step(3), step(4, end_time=START + 0.15)]}
    told = {"longer": {"end_time": START + 0.5}, "as long": {"end_time": START + 0.4}, "alone": below}
    orders = {}
    for name, changes in told.items():
        start = {} if name == "alone" else {"start_time": START + 0.3}
        trace = document(usual(**start, **changes))
        assert same_either_way(trace)
        whole = XRayParser(Settings()).straight(trace)
        assert isinstance(whole, WholeTrace)
        orders[name] = [int(one[-1]) for one in whole.runs[0].columns.ids.split()]
    assert orders == {"longer": [2, 1], "as long": [1, 2], "alone": [1, 4, 3, 2]}


def test_steps_that_start_together_of_which_one_is_still_open_are_left_to_records() -> None:
    together = {"start_time": START + 0.3, "in_progress": True}
    assert not same_either_way(document(usual(**together)))
    assert not same_either_way(document(usual(**together, end_time=None)))


@pytest.mark.parametrize("changes", UNUSUAL.values(), ids=UNUSUAL)
def test_what_is_unusual_is_left_to_records(changes: Json) -> None:
    assert same_either_way(document(usual()))
    assert not same_either_way(document(usual(**changes)))


@pytest.mark.parametrize(
    "changes",
    [{"end_time": None}, {"start_time": None}, {"end_time": START - 1}, {"in_progress": True}],
)
def test_so_is_a_run_that_is_not_over(changes: Json) -> None:
    held = [{"Document": segment(step(1)) | changes}]
    assert not same_either_way(document(as_answered({"Id": "1-2", "Segments": held})))


@pytest.mark.parametrize(
    "limits",
    [LimitSettings(max_depth=1), LimitSettings(max_events_per_flow=2)],
    ids=["depth", "steps"],
)
def test_so_is_what_exceeds_a_limit(limits: LimitSettings) -> None:
    below = usual(subsegments=[step(3, start_time=START + 0.15, end_time=START + 0.16)])
    assert same_either_way(document(below))
    assert not same_either_way(document(below), limits)


def test_so_is_a_document_that_names_no_trace() -> None:
    assert not same_either_way(Document(json.dumps(segment(step(1))).encode(), "test"))
    assert not same_either_way(document({"Segments": usual()["Segments"]}))
    assert not same_either_way(document({"Id": "1-2", "Segments": []}))


def test_runs_alike_share_one_shape_and_what_is_remembered_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(columns, "_MOST_TOLD", 20)
    parser = XRayParser(Settings())
    shapes = []
    for number in range(60):
        told = parser.straight(document(usual(name=f"own {number // 2}")))
        assert isinstance(told, WholeTrace)
        shapes.append(told.runs[0].columns.shape)
        assert parser._columns._number <= 23
    assert all(shapes[i] is shapes[i + 1] for i in range(0, 10, 2))


def test_a_flood_of_segments_takes_time_in_proportion() -> None:
    """So many that anything quadratic would not end."""
    many = [{"Document": segment(step(1), id=f"c{number:015x}")} for number in range(20_000)]
    assert not same_either_way(document(as_answered({"Id": "1-2", "Segments": many})))


OTHER = "a000000000000002"
QUEUE = {"aws.xray.reserved.type": "AWS::SQS::Queue", "aws.xray.reserved.reference_type": "parent"}


@pytest.mark.parametrize(
    "more",
    [
        [segment(step(3), id="d1", origin=None, parent_id="a000000000000001")],
        [segment(step(3), id="d1", origin=None, parent_id=None)],
        [segment(step(3), id=OTHER, parent_id="a000000000000001")],
        [segment(step(3), id=OTHER, parent_id=step(1)["id"])],
        [segment(id=OTHER, aws={"request_id": "r"})],
        [segment(id="d1", origin="AWS::Lambda", links=[{"trace_id": "1-3", "id": "x", "attributes": QUEUE}])],
        [segment(id="d1", origin="AWS::Lambda", aws={"trace.flag.sampled": 0})],
        [segment(step(3, links=[{"trace_id": "1-3", "id": "x", "attributes": QUEUE}]), id=OTHER)],
        [segment(step(3, "Initialization", start_time=START - 9_000, end_time=START - 1), id=OTHER)],
    ],
    ids=[
        "part",
        "root",
        "nested",
        "nested below a step",
        "made up",
        "linked",
        "partial",
        "linked below",
        "early",
    ],
)
def test_what_lies_in_a_run_or_leads_to_other_traces_is_left_to_records(more: list[Json]) -> None:
    segments = [segment(step(1), step(2)), *more]
    trace = as_answered({"Id": "1-2", "Segments": [{"Document": one} for one in segments]})
    assert not same_either_way(document(trace))


def test_whoever_calls_a_function_is_none_of_its_work() -> None:
    call = step(3)
    root = segment(call, id="d1", origin=None, parent_id=None)
    segments = [root, segment(step(1), parent_id=call["id"])]
    assert same_either_way(
        document(as_answered({"Id": "1-2", "Segments": [{"Document": one} for one in segments]}))
    )


def test_a_trace_that_x_ray_has_cut_is_left_to_records() -> None:
    assert same_either_way(document({**usual(), "LimitExceeded": False}))
    assert not same_either_way(document({**usual(), "LimitExceeded": True}))


@pytest.mark.parametrize("name", ["HTTP GET", "payments", "db@host"])
def test_calls_of_hosts_and_databases_go_straight(name: str) -> None:
    url = {"request": {"method": "GET", "url": "https://evil.example/x"}}
    sql = {"url": "mysql://shop.example/orders", "sanitized_query": "SELECT 1"}
    assert same_either_way(document(usual(name=name, namespace="remote", http=url)))
    assert same_either_way(document(usual(name=name, namespace="remote", sql=sql)))


def test_columns_tell_events_that_are_left_from_questions_and_how_runs_were_started() -> None:
    parser = XRayParser(Settings())
    told = []
    for status in (200, 202):
        call = step(
            1, "Lambda", namespace="aws", aws={"operation": "Invoke"}, http={"response": {"status": status}}
        )
        url = {
            "request": {"url": "https://abc1.lambda-url.eu-west-1.on.aws/"},
            "response": {"status": status},
        }
        invoked = segment(id="d1", origin="AWS::Lambda", http=url)
        made = as_answered({"Id": "1-2", "Segments": [{"Document": segment(call)}, {"Document": invoked}]})
        assert same_either_way(document(made), parser=parser)
        whole = parser.straight(document(made))
        assert isinstance(whole, WholeTrace)
        told.append((whole.runs[0].columns.shape.steps[0].name, whole.links[0].invocation_type))
        assert whole.links[0].url == "abc1"
    assert told == [("Invoke", "synchronous"), ("InvokeAsync", "asynchronous")]
