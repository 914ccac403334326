"""The laws of merging: neither order nor repetition matters, and nothing known is forgotten."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from coldtrail.assembly.merge import each_once, event_rank, merged_heads, merged_links
from coldtrail.records.flow import Event
from coldtrail.records.telemetry import Link, Span
from coldtrail.testing import make_event

words = st.sampled_from(["a", "b"])
maybe_words = st.none() | words
seconds = st.none() | st.sampled_from([0.0, 1.0, 2.0])
heads = st.builds(
    Span,
    st.just("trace"),
    st.just("flow"),
    maybe_words,
    words,
    maybe_words,
    start_time=seconds,
    end_time=seconds,
    request_id=maybe_words,
    account=maybe_words,
    region=maybe_words,
    version=maybe_words,
    trigger=maybe_words,
    caller=maybe_words,
    error=st.booleans(),
    cold_start=st.booleans(),
    in_progress=st.booleans(),
)
links = st.builds(
    Link,
    st.just("trace"),
    st.just("link"),
    maybe_words,
    st.sampled_from(["hop", "invocation", "service", "source"]),
    words,
    words,
    start_time=seconds,
    end_time=seconds,
    failed=st.booleans(),
    request_id=maybe_words,
    account=maybe_words,
    region=maybe_words,
    version=maybe_words,
)


@given(a=heads, b=heads, c=heads)
def test_heads_merge_in_any_order_and_any_number_of_times(a: Span, b: Span, c: Span) -> None:
    assert merged_heads(a, b) == merged_heads(b, a)
    assert merged_heads(merged_heads(a, b), c) == merged_heads(a, merged_heads(b, c))
    assert merged_heads(merged_heads(a, b), b) == merged_heads(a, b)


@given(a=links, b=links, c=links)
def test_links_merge_in_any_order_and_any_number_of_times(a: Link, b: Link, c: Link) -> None:
    assert merged_links(a, b) == merged_links(b, a)
    assert merged_links(merged_links(a, b), c) == merged_links(a, merged_links(b, c))
    assert merged_links(merged_links(a, b), b) == merged_links(a, b)


def test_a_head_keeps_what_either_document_knows() -> None:
    early = Span("t", "f", start_time=1.0, in_progress=True, trigger="AWS::SNS orders")
    late = Span("t", "f", end_time=3.0, error=True)
    merged = merged_heads(early, late)
    assert (merged.start_time, merged.end_time) == (1.0, 3.0)
    assert (merged.trigger, merged.error, merged.in_progress) == ("AWS::SNS orders", True, False)


copies = st.lists(st.tuples(st.sampled_from("xyz"), st.integers(0, 3)), max_size=12)


@given(copies=copies)
def test_of_differing_copies_the_one_that_ends_last_stays(copies: list[tuple[str, int]]) -> None:
    events = [replace(make_event(event_id=name), end_time=float(end)) for name, end in copies]
    kept = {event.event_id: event.end_time for event in each_once(events)}
    assert kept == {name: max(end for other, end in copies if other == name) for name, _ in copies}
    assert len(each_once(events)) == len(kept)


def test_events_that_differ_in_anything_told_have_different_ranks() -> None:
    event = make_event()
    others: list[Event] = [
        replace(event, end_time=event.end_time + 1),
        replace(event, event_name="other"),
        replace(event, event_target_resource="other"),
        replace(event, error=not event.error),
    ]
    assert len({event_rank(one) for one in [event, *others]}) == 5
