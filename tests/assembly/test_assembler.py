"""Flow assembly: the same flows whatever the order and the cuts of the input, within bounded memory."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Sequence
from itertools import permutations
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from coldtrail.assembly.assembler import FlowAssembler
from coldtrail.config import LimitSettings, Settings
from coldtrail.formats.native import NativeParser
from coldtrail.formats.xray.parser import XRayParser
from coldtrail.records.columns import AnyFlow
from coldtrail.records.flow import Event, Flow
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document, Link, Observations, Role, Span
from coldtrail.testing import START, make_event, make_history
from tests.fixtures.telemetry import Json, TraceBuilder, payload_of
from tests.verbs.telemetry_files import native_lines

TRACE = "1-5f"


def made(tally: Tally | None = None, **limits: int) -> FlowAssembler:
    """An assembler within bounds."""
    return FlowAssembler(Settings(limits=LimitSettings(**limits)), tally or Tally())


def assembled(parts: Iterable[Observations], tally: Tally | None = None, **limits: int) -> list[Flow]:
    """The flows of parts in the given order, sorted by id."""
    assembler = made(tally, **limits)
    flows = assembler.push(list(parts))
    return sorted([*flows, *assembler.drain()], key=lambda flow: flow.function_flow_id)


def of_xray(traces: Iterable[Json]) -> list[Flow]:
    parser = XRayParser(Settings())
    return assembled([parser(Document(payload_of(trace), "test")) for trace in traces])


def of_native(lines: Iterable[bytes]) -> list[Flow]:
    parser = NativeParser(Settings())
    return assembled([parser(Document(line, "test")) for line in lines])


def xray_traces(seed: int = 0) -> list[Json]:
    """Two traces: of three functions, and of a function that runs twice."""
    builder = TraceBuilder(seed)
    return [
        builder.trace("shop-prod-order", "shop-prod-pay", "shop-prod-mail"),
        builder.trace("shop-prod-pay", "shop-prod-pay"),
    ]


def cut(traces: Sequence[Json], random: Random) -> list[Json]:
    """The segments of traces dealt out over documents at random, some of them twice."""
    documents = []
    for trace in traces:
        held = trace["Segments"] + random.sample(trace["Segments"], 2)
        random.shuffle(held)
        while held:
            size = random.randint(1, 4)
            documents.append({**trace, "Segments": held[:size]})
            held = held[size:]
    random.shuffle(documents)
    return documents


def event(event_id: str, **fields: Any) -> Event:
    return make_event(event_id=event_id, **fields)


def span(*events: Event, flow_id: str = "f1", **fields: Any) -> Span:
    whole = {"application_name": "shop", "function_name": "Order", "trace_id": TRACE, **fields}
    return Span(span_id=flow_id, steps=events, **whole)


ROLES: dict[str, Role] = {
    "AWS::Lambda": "invocation",
    "AWS::ApiGateway::Stage": "source",
    "subsegment": "hop",
}


def link(link_id: str, parent_id: str | None, kind: str, name: str, **fields: Any) -> Link:
    whole = {"trace_id": TRACE, "role": ROLES.get(kind, "service"), **fields}
    return Link(link_id=link_id, parent_id=parent_id, kind=kind, name=name, **whole)


def one_flow(*spans: Span, links: Sequence[Link] = ()) -> Flow:
    (flow,) = assembled([Observations(list(spans), list(links))])
    return flow


# The same flows, whatever the order and the cuts.


@given(seed=st.integers(0, 5), random=st.randoms(use_true_random=False))
def test_xray_segments_in_any_order_and_cut_anywhere_give_the_same_flows(seed: int, random: Random) -> None:
    traces = xray_traces(seed)
    assert of_xray(cut(traces, random)) == of_xray(traces)


@given(random=st.randoms(use_true_random=False))
def test_native_lines_in_any_order_and_repeated_give_the_same_flows(random: Random) -> None:
    lines = native_lines(make_history(4))
    shuffled = lines + random.sample(lines, 3)
    random.shuffle(shuffled)
    flows = of_native(shuffled)
    assert len(flows) == 4
    assert flows == of_native(lines)


def part_of(segment: Json, part: Json, parent_id: str) -> Json:
    """A subsegment as a document of its own."""
    return {**part, "type": "subsegment", "trace_id": segment["trace_id"], "parent_id": parent_id}


def taken_apart(segment: Json, random: Random) -> list[Json]:
    """The segment and some of its subsegments, sent on their own."""
    out = [segment]

    def visit(parent: Json) -> None:
        kept = []
        for part in parent.get("subsegments", []):
            visit(part)
            if part["name"] in ("Initialization", "Invocation", "Overhead") or random.random() < 0.5:
                kept.append(part)
            else:
                out.append(part_of(segment, part, parent["id"]))
        parent["subsegments"] = kept

    visit(segment)
    return out


@given(seed=st.integers(0, 5), random=st.randoms(use_true_random=False))
def test_subsegments_sent_apart_give_the_same_flows(seed: int, random: Random) -> None:
    (trace,) = xray_traces(seed)[:1]
    whole = of_xray([trace])
    apart = copy.deepcopy(trace)
    segments = [part for held in apart["Segments"] for part in taken_apart(held["Document"], random)]
    apart["Segments"] = [{"Id": segment["id"], "Document": segment} for segment in segments]
    assert of_xray(cut([apart], random)) == whole


names = st.sampled_from(["a", "b"])
times = st.sampled_from([START, START + 1, START + 2])
EVENT_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "event_id": st.sampled_from(["e2", "e3"]),
    "start_time": times,
    "end_time": st.sampled_from([START + 2, START + 3]),
    "event_name": names,
    "event_type": names,
    "event_parent_id": st.sampled_from(["e1", "e2"]),
    "event_parent_name": names,
    "event_target_resource": names,
    "error": st.just(True),
}
SPAN_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "application_name": names,
    "function_name": names,
    "start_time": times,
    "end_time": times,
    "parent_id": st.sampled_from(["e1", "l1"]),
    "error": st.just(True),
    "cold_start": st.just(True),
    "in_progress": st.just(True),
    "trigger": names,
    "caller": names,
    "version": names,
}


@st.composite
def some_of(draw: st.DrawFn, fields: dict[str, st.SearchStrategy[Any]]) -> dict[str, Any]:
    """Values for none, one or two of the fields: contradictions in a single one are the hard ones."""
    chosen = draw(st.lists(st.sampled_from(sorted(fields)), max_size=2, unique=True))
    return {name: draw(fields[name]) for name in chosen}


@st.composite
def any_spans(draw: st.DrawFn) -> list[Span]:
    """Spans of few flows that contradict one another about nearly everything."""
    out = []
    for _ in range(draw(st.integers(1, 5))):
        flow_id = draw(st.sampled_from(["f1", "f2"]))
        plain = {"end_time": START + 2, "event_name": "a", "event_type": "a"}
        changes = draw(st.lists(some_of(EVENT_FIELDS), max_size=3))
        events = [event(**{"event_id": "e1"} | plain | change) for change in changes]
        out.append(span(*events, flow_id=flow_id, **draw(some_of(SPAN_FIELDS))))
    return out


any_links = st.lists(
    st.builds(
        link,
        st.sampled_from(["l1", "l2"]),
        st.none() | st.sampled_from(["l1", "l2", "e1"]),
        st.sampled_from(["AWS::SNS", "AWS::Lambda", "subsegment"]),
        names,
    ),
    max_size=3,
)


@given(spans=any_spans(), links=any_links, random=st.randoms(use_true_random=False))
@settings(max_examples=300)
def test_contradictions_are_settled_alike_in_any_order(
    spans: list[Span], links: list[Link], random: Random
) -> None:
    whole = assembled([Observations(spans, links)])
    parts = [Observations([one]) for one in spans] + [Observations([], [one]) for one in links]
    random.shuffle(parts)
    assert assembled(parts) == whole
    assert assembled(parts + parts) == whole


def test_a_record_that_is_completed_later_equals_one_that_came_complete() -> None:
    complete = span(event("e1", end_time=START + 2), start_time=START, end_time=START + 3)
    still_open = span(event("e1", end_time=START), start_time=START, in_progress=True)
    assert one_flow(complete) == one_flow(still_open, complete) == one_flow(complete, still_open)
    assert one_flow(complete).complete
    assert not one_flow(still_open).complete


def test_an_xray_segment_that_was_in_progress_equals_the_complete_one() -> None:
    (trace,) = xray_traces()[:1]
    early = copy.deepcopy(trace)
    for held in early["Segments"]:
        held["Document"]["in_progress"] = True
        held["Document"].pop("end_time", None)
        held["Document"]["subsegments"] = held["Document"].get("subsegments", [])[:1]
    assert of_xray([early, trace]) == of_xray([trace, early]) == of_xray([trace])
    assert not any(flow.complete for flow in of_xray([early]))


# What a flow holds.


def test_a_flow_has_its_events_in_order_with_depths_and_self_times() -> None:
    parent = event("p", start_time=START, end_time=START + 4)
    late = event("c2", start_time=START + 2, end_time=START + 3, event_parent_id="p")
    soon = event("c1", start_time=START + 1, end_time=START + 2, event_parent_id="p")
    flow = one_flow(span(late, parent, soon, start_time=START, end_time=START + 5))
    assert [one.event_id for one in flow.events] == ["p", "c1", "c2"]
    assert flow.depths == (1, 2, 2)
    assert flow.self_times == (2.0, 1.0, 1.0)
    assert (flow.start_time, flow.end_time, flow.own_time) == (START, START + 5, 1.0)


def test_what_any_span_says_of_the_run_is_kept() -> None:
    plain = span(event("e1"))
    telling = span(error=True, cold_start=True, version="7", account="123456789012", region="eu-west-1")
    flow = one_flow(plain, telling)
    assert (flow.error, flow.cold_start, flow.version) == (True, True, "7")
    assert (flow.account, flow.region) == ("123456789012", "eu-west-1")


def test_a_run_started_by_an_api_has_it_as_trigger_and_caller() -> None:
    links = [
        link("l1", "l2", "AWS::Lambda", "Order"),
        link("l2", None, "AWS::ApiGateway::Stage", "shop/prod"),
    ]
    flow = one_flow(span(event("e1"), parent_id="l1"), links=links)
    assert (flow.trigger, flow.caller) == ("AWS::ApiGateway::Stage shop/prod", "shop/prod")


def test_a_run_started_over_a_topic_has_the_topic_as_trigger_and_the_sender_as_caller() -> None:
    sender = span(event("e9", event_name="Publish", event_type="SNS"), flow_id="f0", function_name="Sender")
    links = [link("l1", "l2", "AWS::Lambda", "Order"), link("l2", "e9", "AWS::SNS", "orders")]
    _, flow = assembled([Observations([span(event("e1"), parent_id="l1"), sender], links)])
    assert (flow.trigger, flow.caller) == ("AWS::SNS orders", "Sender")


def test_of_several_services_on_the_way_the_nearest_is_the_trigger() -> None:
    links = [
        link("l1", "l2", "AWS::Lambda", "Order"),
        link("l2", "l3", "AWS::SQS::Queue", "mail"),
        link("l3", None, "AWS::SNS", "orders"),
    ]
    flow = one_flow(span(event("e1"), parent_id="l1"), links=links)
    assert flow.trigger == "AWS::SQS::Queue mail"


def test_a_run_invoked_by_another_function_has_the_call_as_trigger() -> None:
    call = event("e9", event_name="Invoke", event_type="Lambda", event_target_resource="Order")
    links = [link("l1", "e9", "AWS::Lambda", "Order")]
    parts = [span(call, flow_id="f0", function_name="Sender"), span(event("e1"), parent_id="l1")]
    _, flow = assembled([Observations(parts, links)])
    assert (flow.trigger, flow.caller) == ("Lambda Order", "Sender")


def test_a_run_whose_caller_is_missing_has_no_trigger() -> None:
    flow = one_flow(span(event("e1"), parent_id="lost"))
    assert flow.trigger is None
    assert flow.upstream_lost


@pytest.mark.parametrize(("parent", "lost"), [(None, False), ("gone", True)])
@pytest.mark.parametrize(("kind", "trigger"), [("AWS::Lambda", None), ("AWS::SNS", "AWS::SNS Order")])
def test_a_way_up_that_ends_is_no_gap_and_one_that_breaks_off_is(
    kind: str, trigger: str | None, parent: str | None, lost: bool
) -> None:
    links = [link("l1", parent, kind, "Order")]
    flow = one_flow(span(event("e1"), parent_id="l1"), links=links)
    assert (flow.trigger, flow.caller, flow.upstream_lost) == (trigger, None, lost)


def test_a_trigger_that_the_telemetry_names_is_taken_as_it_is() -> None:
    links = [link("l1", None, "AWS::SNS", "orders")]
    flow = one_flow(span(event("e1"), parent_id="l1", trigger="timer", caller="cron"), links=links)
    assert (flow.trigger, flow.caller) == ("timer", "cron")


@pytest.mark.parametrize("kind", ["AWS::Lambda", "AWS::SNS"])
def test_links_in_a_circle_end(kind: str) -> None:
    links = [link("l1", "l2", kind, "a"), link("l2", "l1", kind, "b")]
    assert one_flow(span(event("e1"), parent_id="l1"), links=links).caller is None


def test_the_same_flow_id_in_two_traces_is_two_flows() -> None:
    other = replace(span(event("e1")), trace_id="1-6f")
    assert len(assembled([Observations([span(event("e1")), other])])) == 2


def test_many_runs_started_by_one_function_are_assembled_in_linear_time() -> None:
    number = 3_000
    calls = [event(f"c{i}", start_time=START + i, end_time=START + i) for i in range(number)]
    spans = [span(event(f"e{i}"), flow_id=f"g{i}", parent_id=f"c{i}") for i in range(number)]
    flows = assembled([Observations([*spans, span(*calls, flow_id="f0", function_name="Sender")])])
    assert sum(flow.caller == "Sender" for flow in flows) == number


# Bounded memory, and nothing lost silently.


def flow_parts(number: int, events: int = 3) -> list[Observations]:
    """Traces of one flow each, a document an event, trace after trace."""
    parts = []
    for i in range(number):
        for j in range(events):
            one = make_event(event_id=f"e{j}")
            parts.append(Observations([Span(f"t{i:04}", f"f{i:04}", function_name="Order", steps=(one,))]))
    return parts


def test_traces_that_must_wait_too_long_are_closed_and_still_come_out() -> None:
    tally = Tally()
    flows = assembled(flow_parts(50), tally, max_open_events=20)
    assert len(flows) == tally.counts["flows assembled"]
    assert {flow.function_flow_id for flow in flows} == {f"f{i:04}" for i in range(50)}
    assert tally.counts["traces closed early"] > 0
    assert sum(len(flow.events) for flow in flows) + tally.losses["late"] == 150


def test_traces_that_must_be_closed_early_are_closed_as_their_flows_are_asked_for() -> None:
    """Otherwise the flows of half of all open traces would be in memory at once."""
    tally, parts = Tally(), flow_parts(120)
    bit_by_bit, at_once = made(tally, max_open_events=150), made(max_open_events=150)
    flows: list[AnyFlow] = []
    for flow in bit_by_bit.passing(parts):
        flows.append(flow)
        assert tally.counts["traces closed early"] == len(flows)
    assert len(flows) > 40
    assert flows == at_once.push(parts)
    states = bit_by_bit.snapshot(), at_once.snapshot()
    assert [one.tobytes() for one in states[0].values()] == [one.tobytes() for one in states[1].values()]


def test_what_comes_for_a_closed_trace_is_counted_with_its_reason() -> None:
    tally = Tally()
    parts = flow_parts(50)
    flows = assembled([*parts, parts[0]], tally, max_open_events=20)
    assert len([flow for flow in flows if flow.function_flow_id == "f0000"]) == 1
    assert tally.losses["late"] == 1
    assert "limits.max_open_events" in tally.examples["late"].reason


def test_the_open_events_stay_within_the_bound() -> None:
    assembler = made(max_open_events=100)
    for part in flow_parts(500):
        assembler.push([part])
        assert assembler.open_events <= 100
    for number in range(10_000):
        assembler.push(
            [Observations([], [link(f"l{number}", None, "AWS::SNS", "orders", trace_id=f"t{number}")])]
        )
        assert assembler.open_links <= 100
    list(assembler.drain())
    assert assembler.open_events == assembler.open_links == 0


def test_links_that_come_too_late_are_not_held() -> None:
    assembler = made(max_open_events=20)
    for part in flow_parts(50):
        assembler.push([part])
    held = assembler.open_events
    for number in range(100):
        assembler.push([Observations([], [link(f"l{number}", None, "AWS::SNS", "orders", trace_id="t0000")])])
    assert (assembler.open_events, assembler.open_links) == (held, 0)


def test_events_beyond_the_bound_of_a_flow_are_counted_however_they_come() -> None:
    events = [event(f"e{i:03}", start_time=START + i, end_time=START + i) for i in range(100)]
    one_by_one = [Observations([span(one)]) for one in events]
    in_lots = [Observations([span(*events[i : i + 9])]) for i in range(0, 100, 9)]
    for parts in (one_by_one, in_lots, [Observations([span(*events)])]):
        tally = Tally()
        (flow,) = assembled(parts, tally, max_events_per_flow=10)
        assert len(flow.events) == 10
        assert tally.losses["events beyond the bound"] == 90


def test_copies_of_events_take_no_room_and_are_no_loss() -> None:
    events = [event(f"e{i}", start_time=START + i, end_time=START + i) for i in range(9)]
    tally = Tally()
    (flow,) = assembled(
        [Observations([span(one)]) for _ in range(20) for one in events], tally, max_events_per_flow=10
    )
    assert flow.events == tuple(events)
    assert tally.lost == 0


@given(st.randoms(use_true_random=False))
def test_the_events_kept_of_a_flow_beyond_the_bound_are_the_same_in_any_order(random: Random) -> None:
    events = [event(f"e{i:03}", start_time=START + i // 2, end_time=START + i // 2) for i in range(100)]
    parts = [Observations([span(one)]) for one in random.sample(events, 100)]
    (flow,) = assembled(parts, max_events_per_flow=10)
    assert flow.events == tuple(events[:10])


def test_a_piece_without_its_flow_is_counted() -> None:
    tally = Tally()
    piece = Span(TRACE, None, "lost", steps=(event("e1"), event("e2")))
    assert assembled([Observations([piece])], tally) == []
    assert tally.losses["work without a run"] == 2


def test_invocations_without_a_record_of_their_own_are_counted() -> None:
    tally = Tally()
    failed = replace(link("l2", None, "AWS::Lambda", "Gone"), failed=True)
    recorded = span(event("e1"), parent_id="l1")
    assembled([Observations([recorded], [link("l1", None, "AWS::Lambda", "Order"), failed])], tally)
    assert tally.counts["invocations without a record of their own"] == 1
    assert tally.counts["invocations that failed before the function ran"] == 1


def test_parents_in_a_circle_across_documents_end() -> None:
    lines = [
        {**json.loads(line), "event_parent_id": f"h00000000-{(i + 1) % 3}"}
        for i, line in enumerate(native_lines(make_history(1))[:3])
    ]
    (flow,) = of_native(json.dumps(line).encode() for line in lines)
    assert len(flow.events) == 3


def test_what_the_invocation_tells_of_its_function_is_the_flows() -> None:
    told = link("l1", None, "AWS::Lambda", "Order", request_id="r-1", account="1", region="r", version="7")
    attempt = link("l2", "l1", "subsegment", "Attempt #1")
    flow = one_flow(span(event("e1"), parent_id="l2"), links=[told, attempt])
    assert (flow.request_id, flow.account, flow.region, flow.version) == ("r-1", "1", "r", "7")
    own = one_flow(span(event("e1"), parent_id="l2", request_id="r-2", version="8"), links=[told, attempt])
    assert (own.request_id, own.account, own.version) == ("r-2", "1", "8")


def test_names_are_masked_once_as_the_functions_account_sees_them() -> None:
    step = event("e1", event_name="load 1234567", event_target_resource="arn:aws:sns:r:123456789012:orders")
    home = one_flow(span(step, account="123456789012", trigger="SNS t-1234567", caller="c-1234567"))
    abroad = one_flow(span(step, account="999999999999"))
    assert (home.events[0].event_name, home.events[0].event_target_resource) == ("load *", "orders")
    assert abroad.events[0].event_target_resource == "123456789012:orders"
    assert (home.trigger, home.caller) == ("SNS t-*", "c-*")


def test_the_application_follows_from_the_functions_name_unless_it_is_told() -> None:
    untold = span(event("e1"), application_name=None, function_name="shop-prod-order")
    assert one_flow(untold).application_name == "shop"
    assert one_flow(replace(untold, application_name="till")).application_name == "till"


def test_one_trace_in_two_spellings_is_one() -> None:
    shown, key = "1-65540000-" + "a" * 24, "65540000" + "a" * 24
    run = Span(shown, "f1", "d1", "Order", start_time=1.0, end_time=2.0)
    piece = Span(key.upper(), None, "f1", steps=(make_event(event_id="e1"),))
    link = Link(key, "d1", None, "invocation", "AWS::Lambda", "Order", request_id="r")
    documents = Observations([run]), Observations([piece]), Observations(links=[link])
    for some in permutations(documents):
        tally = Tally()
        assembler = FlowAssembler(Settings(), tally)
        assembler.push(some)
        state = assembler.snapshot()
        assembler = FlowAssembler(Settings(), tally)
        assembler.restore(state)
        (flow,) = assembler.drain()
        assert isinstance(flow, Flow)
        assert (flow.application_flow_id, flow.request_id, len(flow.events)) == (shown, "r", 1)
        assert tally.lost == 0
