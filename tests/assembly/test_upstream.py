"""The way up from a run."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from coldtrail.assembly.closed import Closed
from coldtrail.assembly.masking import Masking
from coldtrail.assembly.trace import Draft, Trace
from coldtrail.assembly.upstream import Upstream, above_run, upstream
from coldtrail.records.telemetry import Link, Span
from tests.assembly.test_trace import event, span

MASKING = Masking(512)


def closed(*links: Link, **drafts: Draft) -> Closed:
    one = Trace()
    one.links = {link.link_id: link for link in links}
    one.drafts = drafts
    return Closed(one)


def test_the_way_up_ends_at_a_service_that_begins_things() -> None:
    hops = [
        Link("trace", "lambda", "stage", "invocation", "AWS::Lambda", "Order"),
        Link("trace", "stage", None, "source", "AWS::ApiGateway::Stage", "shop/prod"),
    ]
    (found,) = upstream(("lambda",), closed(*hops), MASKING)
    assert found == Upstream(hops[0], "AWS::ApiGateway::Stage shop/prod", "shop/prod", False)


def test_an_event_of_another_run_names_its_function_as_the_caller() -> None:
    (told,) = upstream(("call",), closed(caller=Draft(span(event("call", 1.0)))), MASKING)
    assert (told.caller, told.lost) == ("Caller", False)
    assert told.trigger is not None


@pytest.mark.parametrize(
    ("parent", "lost"), [("nowhere", True), ("round", True), ("topic", False)], ids=["gap", "circle", "end"]
)
def test_what_the_trace_lacks_is_told(parent: str, lost: bool) -> None:
    links = [
        Link("trace", "round", "round", "invocation", "AWS::Lambda", "Order"),
        Link("trace", "topic", None, "service", "AWS::SNS", "orders"),
    ]
    (told,) = upstream((parent,), closed(*links), MASKING)
    assert told.lost is lost


def test_of_two_runs_that_claim_one_step_each_may_be_the_caller() -> None:
    one, other = Draft(span(event("call", 1.0))), Draft(span(event("call", 5.0), flow="b", function="Other"))
    told = upstream(("call",), closed(a=one, b=other), MASKING)
    assert {way.caller for way in told} == {"Caller", "Other"}


def test_a_link_that_takes_the_id_of_a_step_does_not_hide_it() -> None:
    hops = [
        Link("trace", "lambda", "call", "invocation", "AWS::Lambda", "Order"),
        Link("trace", "call", None, "source", "AWS::ApiGateway::Stage", "shop/prod"),
    ]
    told = upstream(("lambda",), closed(*hops, caller=Draft(span(event("call", 1.0)))), MASKING)
    assert {way.caller for way in told} == {"Caller", "shop/prod"}


def test_a_step_that_was_sent_by_itself_is_a_step_and_no_mere_hop() -> None:
    one = Trace()
    one.links = {"call": Link("trace", "call", "caller", "hop", "subsegment", "Lambda")}
    one.drafts = {"caller": Draft(span())}
    one.pieces, one.sources = [Span("trace", None, "caller", steps=(event("call", 1.0),))], [("", "")]
    (told,) = upstream(("call",), Closed(one), MASKING)
    assert (told.caller, told.lost) == ("Caller", False)


def test_a_call_that_is_the_trigger_is_named_as_its_functions_account_sees_it() -> None:
    call = replace(event("call", 1.0), event_target_resource="arn:aws:sns:r:123456789012:orders")
    caller = Draft(replace(span(call), parent_id="own"))
    own = Link("trace", "own", None, "invocation", "AWS::Lambda", "x", account="123456789012")
    (told,) = upstream(("call",), closed(own, caller=caller), MASKING)
    assert told.trigger == "DynamoDB orders"
    (told,) = upstream(("call",), closed(caller=caller), MASKING)
    assert told.trigger == "DynamoDB 123456789012:orders"


def test_who_calls_through_a_service_is_the_source_behind_it() -> None:
    hops = [
        Link("trace", "lambda", "topic", "invocation", "AWS::Lambda", "Order"),
        Link("trace", "topic", "machine", "service", "AWS::SNS", "orders"),
        Link("trace", "machine", None, "source", "AWS::StepFunctions::StateMachine", "Booking"),
    ]
    (told,) = upstream(("lambda",), closed(*hops), MASKING)
    assert (told.trigger, told.caller, told.lost) == ("AWS::SNS orders", "Booking", False)


def test_a_run_directly_below_another_is_called_by_it() -> None:
    (told,) = upstream(("a",), closed(a=Draft(span(event("call", 1.0), flow="a"))), MASKING)
    assert (told.trigger, told.caller, told.lost) == ("function Caller", "Caller", False)


def test_a_service_that_passes_on_is_named_as_where_its_own_record_is_told() -> None:
    step = replace(event("call", 1.0), event_type="SNS", event_target_resource="orders")
    (told,) = upstream(("call",), closed(caller=Draft(span(step))), MASKING)
    assert (told.trigger, told.caller) == ("AWS::SNS orders", "Caller")


def test_who_called_is_told_also_where_a_run_says_itself_what_triggered_it() -> None:
    head = replace(span(), span_id="run", parent_id="call", trigger="timer nightly")
    trace = closed(caller=Draft(span(event("call", 1.0), flow="caller")))
    told = above_run(head, trace, MASKING)
    assert (told.trigger, told.caller, told.lost) == ("timer nightly", "Caller", False)
    own = above_run(replace(head, caller="Scheduler"), trace, MASKING)
    assert own.caller == "Scheduler"


def test_steps_of_a_service_are_no_lost_steps_of_a_function() -> None:
    machine = Link("trace", "machine", None, "source", "AWS::StepFunctions::StateMachine", "M")
    hops = [
        Link("trace", one, parent, "hop", "subsegment", one)
        for one, parent in (("state", "machine"), ("call", "state"), ("away", "nowhere"))
    ]
    one = Trace()
    one.links = {link.link_id: link for link in (machine, *hops)}
    one.pieces = [
        Span("trace", None, parent, steps=(event(step, 1.0),))
        for step, parent in (
            ("state", "machine"),
            ("call", "state"),
            ("away", "nowhere"),
            ("other", "machine"),
        )
    ]
    one.sources = [("", "")] * 4
    assert [run.events[0].event_id for run in Closed(one).lost] == ["away", "other"]


def test_a_function_url_is_what_triggered_the_run_whoever_asked_it() -> None:
    asked = Link("trace", "lambda", None, "invocation", "AWS::Lambda", "Order", url="abc1")
    (told,) = upstream(("lambda",), closed(asked), MASKING)
    assert (told.trigger, told.caller, told.lost) == ("AWS::Lambda::Url abc1", None, False)
    caller = Draft(span(event("call", 1.0)))
    (told,) = upstream(("lambda",), closed(replace(asked, parent_id="call"), caller=caller), MASKING)
    assert (told.trigger, told.caller) == ("AWS::Lambda::Url abc1", "Caller")
