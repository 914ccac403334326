"""A trace while pieces of it may still come."""

from __future__ import annotations

import pytest

from coldtrail.assembly.trace import Draft, Trace, upstream
from coldtrail.records.flow import Event
from coldtrail.records.telemetry import Fragment, Link
from coldtrail.testing import make_event


def event(name: str, start: float) -> Event:
    return make_event(event_id=name, start_time=start, end_time=start + 1)


def fragment(*events: Event, flow: str = "caller", function: str = "Caller") -> Fragment:
    return Fragment("shop", "trace", function, flow, events)


def test_a_draft_keeps_the_earliest_events_each_once_and_says_how_many_it_left_out() -> None:
    draft = Draft(fragment(event("c", 3.0), event("a", 1.0)))
    draft.add(fragment(event("b", 2.0), event("a", 1.0)))
    assert draft.keep_earliest(2) == 1
    assert [one.event_id for one in draft.events] == ["a", "b"]


def test_a_draft_with_room_loses_nothing() -> None:
    draft = Draft(fragment(event("a", 1.0)))
    assert draft.keep_earliest(2) == 0
    assert [one.event_id for one in draft.events] == ["a"]


def trace(*links: Link, draft: Draft | None = None) -> Trace:
    one = Trace()
    one.links = {link.link_id: link for link in links}
    if draft is not None:
        one.drafts["caller"] = draft
    return one


def test_the_way_up_ends_at_a_service_that_begins_things() -> None:
    hops = [
        Link("trace", "lambda", "stage", "AWS::Lambda", "Order"),
        Link("trace", "stage", None, "AWS::ApiGateway::Stage", "shop/prod"),
    ]
    assert upstream("lambda", trace(*hops)) == ("AWS::ApiGateway::Stage shop/prod", "shop/prod", False)


def test_an_event_of_another_run_names_its_function_as_the_caller() -> None:
    told = upstream("call", trace(draft=Draft(fragment(event("call", 1.0)))))
    assert told[1:] == ("Caller", False)
    assert told[0] is not None


@pytest.mark.parametrize(
    ("parent", "lost"), [("nowhere", True), ("round", True), ("topic", False)], ids=["gap", "circle", "end"]
)
def test_what_the_trace_lacks_is_told(parent: str, lost: bool) -> None:
    links = [
        Link("trace", "round", "round", "AWS::Lambda", "Order"),
        Link("trace", "topic", None, "AWS::SNS", "orders"),
    ]
    assert upstream(parent, trace(*links))[2] is lost


def test_of_copies_of_an_event_in_two_runs_the_later_one_counts_in_any_order() -> None:
    """Two runs claim one event: who called is the same whichever came first."""
    early = Draft(fragment(event("call", 1.0)))
    late = Draft(fragment(event("call", 5.0), flow="other", function="Other"))
    told = []
    for order in ([("caller", early), ("other", late)], [("other", late), ("caller", early)]):
        one = Trace()
        one.drafts = dict(order)
        told.append(upstream("call", one)[1])
    assert told == ["Other", "Other"]
