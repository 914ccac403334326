"""Open traces are the same whether they lie in memory or in a store."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.assembly import open_traces
from coldtrail.assembly.assembler import FlowAssembler
from coldtrail.assembly.lean import LeanTrace
from coldtrail.assembly.open_traces import OpenTraces
from coldtrail.assembly.trace import Draft, Trace
from coldtrail.config import LimitSettings, Settings
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Link, Observations, Span
from coldtrail.testing import START, make_event
from tests.assembly.test_held_whole import wholes


class Kept:
    """A store in memory."""

    def __init__(self) -> None:
        self.items: list[bytes] = []

    def add(self, items: object) -> None:
        self.items += items  # type: ignore[operator]

    def get(self, number: int) -> bytes:
        return self.items[number]

    def beside(self) -> Kept:
        return Kept()


def trace(events: int) -> Trace:
    one = Trace()
    steps = tuple(make_event(event_id=f"e{i}") for i in range(events))
    one.drafts["f"] = Draft(Span("t", "f", function_name="Order", steps=steps))
    one.events = events + 1
    return one


def test_traces_that_waited_longest_lie_in_the_store_and_come_back_whole() -> None:
    store = Kept()
    traces = OpenTraces(store, most_events=10)
    for number in range(8):
        traces[f"t{number}"] = trace(number)
        traces.settle()
    assert len(store.items) > 2
    assert list(traces) == [f"t{number}" for number in range(8)], "in the order of their coming"
    assert [len(traces[one].drafts["f"].events) for one in traces] == list(range(8))  # type: ignore[union-attr]
    assert sum(one.events for one in traces._near.values()) <= 10
    assert traces.pop("t0").events == 1
    assert "t0" not in traces
    changed = traces["t1"]
    changed.events = 99
    traces["t1"] = changed
    assert traces["t1"].events == 99


def test_of_traces_in_columns_most_lie_in_the_store_and_come_back_whole() -> None:
    store, told = Kept(), wholes(40)
    traces = OpenTraces(store, most_in_columns=50)
    for number, one in enumerate(told):
        traces[f"t{number}"] = LeanTrace(one)
        traces.settle()
        near = [trace for trace in traces._traces.values() if isinstance(trace, LeanTrace)]
        assert sum(trace.events for trace in near) == traces._events_in_columns <= 50
    assert len(store.items) > 10
    released = [one.whole._replace(requests=()) for one in traces.values() if isinstance(one, LeanTrace)]
    assert released == [one._replace(requests=()) for one in told], "requests were taken before"
    traces["t0"] = Trace()
    assert isinstance(traces["t0"], Trace)
    for number in range(len(told)):
        del traces[f"t{number}"]
    assert traces._events_in_columns == traces._away == traces._wholes.steps == 0


def test_of_traces_of_ever_new_shapes_no_more_than_some_are_in_the_store(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(open_traces, "MOST_STEPS", 30)
    store = Kept()
    traces = OpenTraces(store, most_in_columns=10)
    for number, one in enumerate(wholes(60)):
        traces[f"t{number}"] = LeanTrace(one)
        traces.settle()
    before = len(store.items)
    assert 30 < traces._wholes.steps < 100
    for number in range(before):
        traces.pop(f"t{number}")
    traces.settle()
    assert len(store.items) > before


documents = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 3)), max_size=30)


@given(documents, st.integers(1, 12), st.booleans())
def test_a_store_changes_no_flow(told: list[tuple[int, int, int]], most_events: int, early: bool) -> None:
    settings = Settings(limits=LimitSettings(max_open_events=12 if early else 1000))
    plain, put_aside = FlowAssembler(settings, Tally()), FlowAssembler(settings, Tally(), Kept())
    put_aside._traces = OpenTraces(Kept(), most_events)
    for number, (of, run, steps) in enumerate(told):
        at = START + number
        events = tuple(
            make_event(event_id=f"e{number}-{i}", start_time=at, end_time=at + 0.1) for i in range(steps)
        )
        span = Span(f"t{of}", f"f{run}", function_name="Order", start_time=at, end_time=at + 1, steps=events)
        link = Link(f"t{of}", f"l{number}", None, "source", "AWS::SNS", "news")
        said = [Observations([span], [link])]
        assert put_aside.push(said) == plain.push(said)
    assert put_aside.low_watermark == plain.low_watermark
    assert put_aside.advance(START + 70) == plain.advance(START + 70)
    assert sorted(map(str, put_aside.drain())) == sorted(map(str, plain.drain()))
