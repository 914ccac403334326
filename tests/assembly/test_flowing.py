"""Closed traces to flows."""

from __future__ import annotations

from msgspec.structs import replace

from coldtrail.assembly.applications import Applications
from coldtrail.assembly.closed import Closed
from coldtrail.assembly.flowing import FlowMaker
from coldtrail.assembly.masking import Masking
from coldtrail.assembly.trace import NOWHERE, Draft, Trace
from coldtrail.config import Settings
from coldtrail.records.flow import Flow
from coldtrail.records.telemetry import Link, Span
from coldtrail.testing import START, make_event

SPAN = Span("t", "f", "i", "shop-prod-order", steps=(make_event(),), start_time=START, end_time=START + 1)
INVOCATION = Link("t", "i", "s", "invocation", "AWS::Lambda", "x", account="1", region="r", version="7")
STAGE = Link("t", "s", None, "source", "AWS::ApiGateway::Stage", "shop/prod")


def flows(*copies: Link, spans: tuple[Span, ...] = (SPAN,)) -> list[Flow]:
    one = Trace()
    for span in spans:
        if span.span_id in one.drafts:
            one.drafts[span.span_id].add(span)
        else:
            one.drafts[span.span_id or ""] = Draft(span, NOWHERE)
    one.links = {link.link_id: link for link in (INVOCATION, STAGE)}
    for link in copies:
        one.add_copy(link, NOWHERE)
    maker = FlowMaker(Applications(Settings().applications), Masking(512), 100)
    return maker.of(Closed(one), lambda head, number: None)


def test_a_flow_has_what_stands_above_it() -> None:
    (flow,) = flows()
    assert (flow.trigger, flow.caller) == ("AWS::ApiGateway::Stage shop/prod", "shop/prod")
    assert (flow.account, flow.region, flow.version, flow.contradictions) == ("1", "r", "7", ())


def test_a_forged_trigger_stands_beside_the_true_one_and_was_never_met() -> None:
    (flow,) = flows(replace(STAGE, name="evil/prod"))
    assert flow.trigger == "AWS::ApiGateway::Stage evil/prod, AWS::ApiGateway::Stage shop/prod"
    assert [one.aspects for one in flow.contradictions] == [("name",)]


def test_a_forged_parent_of_a_run_hides_nobody() -> None:
    (flow,) = flows(spans=(SPAN, replace(SPAN, parent_id=None)))
    assert flow.trigger == "AWS::ApiGateway::Stage shop/prod, nobody on record"


def test_a_parent_that_leads_nowhere_takes_no_trigger_away() -> None:
    (flow,) = flows(spans=(SPAN, replace(SPAN, parent_id="gone")))
    assert (flow.trigger, flow.upstream_lost) == ("AWS::ApiGateway::Stage shop/prod", False)
    assert flow.contradictions


def test_where_only_invocations_tell_whose_a_run_is_each_has_its_flow() -> None:
    told = flows(replace(INVOCATION, account="0"))
    assert {flow.account for flow in told} == {"0", "1"}
    assert all(flow.contradictions for flow in told)
