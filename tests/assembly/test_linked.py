"""What links between traces tell of a run."""

from __future__ import annotations

from itertools import permutations

import pytest
from msgspec.structs import replace

from coldtrail.assembly.assembler import FlowAssembler
from coldtrail.config import Settings
from coldtrail.records.flow import Flow
from coldtrail.records.stage import State
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Link, Observations, Span
from coldtrail.records.trace_link import TraceLink

START = 1_700_000_000.0
HERE, THERE, ELSEWHERE = "1-65540000-" + "b" * 24, "1-65540000-" + "a" * 24, "1-65540000-" + "c" * 24
RUN = Span(HERE, "b2", "a2", "Worker", start_time=START, end_time=START + 1)
INVOKED = Link(HERE, "a2", None, "invocation", "AWS::Lambda", "Worker", START)
QUEUE = TraceLink(HERE, "a2", THERE, "AWS::SQS", "orders", None, START)
LEFT = TraceLink(HERE, "a2", THERE, None, None, "Orders", START)
OTHER = replace(LEFT, from_trace_id=ELSEWHERE, caller="Returns")
Told = Span | Link | TraceLink


def documents(*told: Told) -> list[Observations]:
    return [
        Observations(
            [one] if isinstance(one, Span) else [],
            [one] if isinstance(one, Link) else [],
            trace_links=(one,) if isinstance(one, TraceLink) else (),
        )
        for one in told
    ]


def flow_of(*told: Told, put_away: bool = False) -> Flow:
    assembler = FlowAssembler(Settings(), Tally())
    assert assembler.push(documents(*told)) == []
    if put_away:
        state: State = assembler.snapshot()
        assembler = FlowAssembler(Settings(), Tally())
        assembler.restore(state)
    (flow,) = assembler.drain()
    assert isinstance(flow, Flow)
    return flow


@pytest.mark.parametrize(
    ("links", "trigger", "caller", "lost"),
    [
        ((), None, None, False),
        ((QUEUE,), "AWS::SQS orders", None, True),
        ((QUEUE, LEFT), "AWS::SQS orders", "Orders", False),
        ((LEFT,), None, "Orders", False),
        ((QUEUE, LEFT, OTHER), "AWS::SQS orders", "Orders, Returns", False),
        ((replace(QUEUE, link_id="b2"), replace(LEFT, link_id="b2")), "AWS::SQS orders", "Orders", False),
        ((replace(QUEUE, link_id="c9"),), None, None, False),
    ],
)
def test_a_run_that_took_up_a_message_has_its_queue_and_who_left_it(
    links: tuple[TraceLink, ...], trigger: str | None, caller: str | None, lost: bool
) -> None:
    for told in permutations((RUN, INVOKED, *links)):
        flow = flow_of(*told)
        assert (flow.trigger, flow.caller, flow.upstream_lost) == (trigger, caller, lost)


def test_what_the_runs_own_trace_tells_counts_first() -> None:
    topic = Link(HERE, "topic", None, "service", "AWS::SNS", "news")
    flow = flow_of(RUN, replace(INVOKED, parent_id="topic"), topic, QUEUE, LEFT)
    assert (flow.trigger, flow.caller) == ("AWS::SNS news", None)


def test_a_run_without_a_record_of_its_invocation_is_linked_too() -> None:
    links = replace(QUEUE, link_id="b2"), replace(LEFT, link_id="b2")
    flow = flow_of(replace(RUN, parent_id=None), *links)
    assert (flow.trigger, flow.caller) == ("AWS::SQS orders", "Orders")


def test_links_are_put_away_with_their_trace() -> None:
    assert flow_of(RUN, INVOKED, QUEUE, LEFT, put_away=True) == flow_of(RUN, INVOKED, QUEUE, LEFT)


def test_a_link_to_a_trace_that_never_comes_gives_nothing() -> None:
    assembler = FlowAssembler(Settings(), Tally())
    assembler.push(documents(LEFT, LEFT))
    assert assembler.open_links == 1
    assert assembler.advance(START + 10_000) == []
    assert assembler.open_links == 0
