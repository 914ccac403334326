"""The way up from a run."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from coldtrail.assembly.masking import Masking
from coldtrail.assembly.trace import Draft, Trace
from coldtrail.assembly.upstream import Upstream, upstream
from coldtrail.records.telemetry import Link
from tests.assembly.test_trace import event, span

MASKING = Masking(512)


def trace(*links: Link, draft: Draft | None = None) -> Trace:
    one = Trace()
    one.links = {link.link_id: link for link in links}
    if draft is not None:
        one.drafts["caller"] = draft
    return one


def test_the_way_up_ends_at_a_service_that_begins_things() -> None:
    hops = [
        Link("trace", "lambda", "stage", "invocation", "AWS::Lambda", "Order"),
        Link("trace", "stage", None, "source", "AWS::ApiGateway::Stage", "shop/prod"),
    ]
    found = upstream("lambda", trace(*hops), MASKING)
    assert found == Upstream(hops[0], "AWS::ApiGateway::Stage shop/prod", "shop/prod", False)


def test_an_event_of_another_run_names_its_function_as_the_caller() -> None:
    told = upstream("call", trace(draft=Draft(span(event("call", 1.0)))), MASKING)
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
    assert upstream(parent, trace(*links), MASKING).lost is lost


def test_of_copies_of_an_event_in_two_runs_the_later_one_counts_in_any_order() -> None:
    """Two runs claim one event: who called is the same whichever came first."""
    early = Draft(span(event("call", 1.0)))
    late = Draft(span(event("call", 5.0), flow="other", function="Other"))
    told = []
    for order in ([("caller", early), ("other", late)], [("other", late), ("caller", early)]):
        one = Trace()
        one.drafts = dict(order)
        told.append(upstream("call", one, MASKING).caller)
    assert told == ["Other", "Other"]


def test_a_call_that_is_the_trigger_is_named_as_its_functions_account_sees_it() -> None:
    call = replace(event("call", 1.0), event_target_resource="arn:aws:sns:r:123456789012:orders")
    caller = replace(span(call), parent_id="own")
    one = trace(Link("trace", "own", None, "invocation", "AWS::Lambda", "x", account="123456789012"))
    one.drafts["caller"] = Draft(caller)
    assert upstream("call", one, MASKING).trigger == "DynamoDB orders"
    one.links.clear()
    one.callers = None
    assert upstream("call", one, MASKING).trigger == "DynamoDB 123456789012:orders"
