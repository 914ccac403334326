"""The laws of merging: neither order nor repetition matters, and nothing known is forgotten."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from coldtrail.assembly.merge import merged_heads, merged_links, most_telling
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


events = st.lists(
    st.builds(
        lambda number, name, start: make_event(
            event_id=f"e{number}", event_name=name, start_time=float(start), end_time=9.0
        ),
        st.integers(0, 40),
        st.sampled_from("abcdefgh"),
        st.integers(0, 5),
    ),
    max_size=20,
    unique=True,
)


@given(some=events, more=events, most=st.integers(1, 8), random=st.randoms(use_true_random=False))
def test_the_same_events_stay_whether_asked_at_once_or_bit_by_bit(
    some: list[Event], more: list[Event], most: int, random: Random
) -> None:
    whole = list(dict.fromkeys([*some, *more]))
    random.shuffle(whole)
    bit_by_bit = dict.fromkeys([*most_telling(some, most), *more])
    assert set(most_telling(list(bit_by_bit), most)) == set(most_telling(whole, most))


def test_however_often_a_step_is_repeated_before_it_what_is_done_once_stays() -> None:
    flood = [make_event(event_id=f"e{i}", start_time=float(i), end_time=float(i)) for i in range(100)]
    rare = make_event(event_id="rare", event_name="PutObject", start_time=200.0, end_time=201.0)
    kept = most_telling([*flood, rare], 10)
    assert rare in kept
    assert [one.event_id for one in kept if one is not rare] == [f"e{i}" for i in range(9)]
