"""Which runs a contradiction concerns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from coldtrail.assembly.closed import Closed
from coldtrail.assembly.conflicts import conflicts
from coldtrail.assembly.masking import Masking
from coldtrail.assembly.trace import Draft, Trace
from coldtrail.records.contradiction import Contradiction
from coldtrail.records.telemetry import Link, Span
from coldtrail.testing import make_event

MASKING = Masking(512)
STEP = make_event(event_id="call")
INVOCATION = Link("t", "i", "s", "invocation", "AWS::Lambda", "Order", 1.0, 2.0)
STAGE = Link("t", "s", None, "source", "AWS::ApiGateway::Stage", "shop/prod", 1.0, 2.0)
A, B = ("a", "1"), ("b", "2")


def trace(
    *spans: Span, links: Sequence[Link] = (), copies: Sequence[Link] = ()
) -> Mapping[str, Sequence[Contradiction]]:
    one = Trace()
    for span in spans:
        one.drafts[span.span_id or ""] = Draft(span, A)
    one.links, one.marks = {link.link_id: link for link in links}, [(0, A)]
    for link in copies:
        one.add_copy(link, B)
    closed = Closed(one)
    for runs in closed.runs.values():
        for run in runs:
            run.steps(100, MASKING, "", closed.links)
            closed.steps(run.head.parent_id or "")
    return conflicts(closed, MASKING)


def span(run_id: str, parent_id: str | None = "i", *steps: object) -> Span:
    return Span("t", run_id, parent_id, "Order", steps=(STEP,) if steps else (), start_time=1.0, end_time=2.0)


def test_what_stands_above_a_run_is_told_of_that_run() -> None:
    found = trace(span("f"), span("a", None), links=[INVOCATION, STAGE], copies=[replace(STAGE, name="evil")])
    ((run_id, (one,)),) = found.items()
    assert (run_id, one.of, one.id, one.aspects) == ("f", "link", "s", ("name",))
    assert {(said.values, said.origin) for said in one.statements} == {
        (("shop/prod",), "a"),
        (("evil",), "b"),
    }


def test_what_concerns_no_run_is_told_with_the_first() -> None:
    lonely = Link("t", "x", None, "service", "AWS::SNS", "orders", 1.0, 2.0)
    found = trace(span("f"), span("a"), links=[INVOCATION, lonely], copies=[replace(lonely, name="evil")])
    assert list(found) == ["a"]


def test_a_run_that_is_said_to_be_something_else_is_told() -> None:
    (one,) = trace(span("s", None), links=[STAGE])["s"]
    assert (one.of, one.aspects) == ("run", ("type",))
    assert {said.values for said in one.statements} == {("run",), ("AWS::ApiGateway::Stage",)}


def test_a_step_that_is_said_to_be_something_else_is_told() -> None:
    (one,) = trace(span("f", None, STEP), links=[replace(STAGE, link_id="call")])["f"]
    assert (one.of, one.id, one.aspects) == ("step", "call", ("type",))


def test_a_step_that_two_runs_claim_is_told_of_the_run_that_it_started() -> None:
    found = trace(span("f", "call"), span("a", None, STEP), span("b", None, STEP))
    assert found["f"][0].aspects == ("run",)


def test_a_circle_of_forged_parents_ends() -> None:
    copies = [replace(STAGE, parent_id="i")]
    assert trace(span("f"), links=[INVOCATION, STAGE], copies=copies)["f"][0].aspects == ("parent",)


def test_honest_links_conflict_with_nothing() -> None:
    assert trace(span("f"), links=[INVOCATION, STAGE], copies=[replace(STAGE, end_time=None)]) == {}
