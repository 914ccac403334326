"""The order of steps in which those made at once stand by their words."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from coldtrail.assembly.span_tree import arrange
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.standing import Steps, at_once, made_at_once
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Event, Flow
from coldtrail.testing import START, make_event, make_flow
from tests.verbs.telemetry_files import GET, PUBLISH, PUT

Span = tuple[str, str | None, float, float]
"""Name, parent, begin and end."""


def flow_of(*spans: Span) -> Flow:
    events: list[Event] = [
        make_event(
            event_id=name,
            event_name=name,
            event_parent_id=parent,
            event_parent_name=parent,
            start_time=START + begin,
            end_time=START + end,
        )
        for name, parent, begin, end in spans
    ]
    line = arrange(events, START, START + 9.0)
    return Flow("shop", "t", "Order", "f", *line[3:5], *line[:3], line[5])


def told(flows: list[Flow], first: list[Flow] | None = None) -> list[list[str]]:
    words = Vocabulary()
    learn_words(first or flows, words)
    encoded = encode(flows, words)
    rows = encoded.standing
    assert sorted(rows) == list(range(len(encoded.step)))
    assert (np.diff(encoded.flow_of[rows]) >= 0).all()
    names = [event.event_name for flow in flows for event in flow.events]
    return [[names[row] for row in rows[encoded.flow_of[rows] == i]] for i in range(len(flows))]


def test_calls_at_once_stand_alike_whichever_began_first() -> None:
    orders = list(permutations("abc"))
    fans = [flow_of(*((name, None, 0.01 * i, 1.0) for i, name in enumerate(names))) for names in orders]
    assert told(fans) == [["a", "b", "c"]] * len(orders)


def test_calls_one_after_another_stay_in_their_order() -> None:
    flows = [make_flow(calls) for calls in ([GET, PUT, PUBLISH], [PUBLISH, PUT, GET])]
    names = [[event.event_name for event in flow.events] for flow in flows]
    assert told(flows) == names


def test_what_is_done_inside_a_call_goes_with_it() -> None:
    inside: list[Span] = [("x", "a", 0.1, 0.2), ("y", "b", 0.1, 0.2), ("z", "b", 0.3, 0.4)]
    one = flow_of(("a", None, 0.0, 1.0), ("b", None, 0.05, 1.0), *inside)
    other = flow_of(("b", None, 0.0, 1.0), ("a", None, 0.05, 1.0), *inside)
    assert told([one, other]) == [["a", "x", "b", "y", "z"]] * 2


def test_a_chain_of_overlaps_is_one_group() -> None:
    """The last overlaps the first alone, which lasts longest."""
    first = flow_of(("a", None, 0.0, 1.0), ("b", None, 0.1, 0.2), ("c", None, 0.5, 0.9))
    turned = flow_of(("c", None, 0.0, 1.0), ("b", None, 0.1, 0.2), ("a", None, 0.5, 0.9))
    assert told([turned], [first]) == [["a", "b", "c"]]


@pytest.mark.parametrize(("overlap", "expected"), [(0.0005, ["b", "a"]), (0.01, ["a", "b"])])
def test_clocks_that_differ_by_a_hair_make_no_overlap(overlap: float, expected: list[str]) -> None:
    first = flow_of(("a", None, 0.0, 1.0), ("b", None, 1.0, 2.0))
    assert told([flow_of(("b", None, 0.0, 1.0), ("a", None, 1.0 - overlap, 2.0))], [first]) == [expected]


def test_no_steps_have_no_order() -> None:
    assert not len(encode([], Vocabulary()).standing)


def test_flows_of_the_same_steps_and_overlaps_stand_in_the_same_order() -> None:
    random = np.random.default_rng(5)
    orders: dict[object, set[tuple[str, ...]]] = {}
    for _ in range(400):
        times = random.integers(0, 6, (5, 2)) / 10.0
        spans: list[Span] = [("p", None, 0.0, 2.0)]
        spans += [
            (name, "p", begin, begin + long) for name, (begin, long) in zip("abcba", times, strict=True)
        ]
        flow = flow_of(*((name, parent, *when) for name, parent, *when in spans))
        names = tuple(event.event_name for event in flow.events)
        orders.setdefault((names, at_once(flow)), set()).add(tuple(told([flow])[0]))
    assert len(orders) > 50
    assert all(len(order) == 1 for order in orders.values())


def test_calls_at_once_are_told_by_their_place_and_by_whom_they_overlap() -> None:
    flow = flow_of(
        ("p", None, 0.0, 9.0),
        ("a", "p", 0.0, 5.0),
        ("b", "p", 1.0, 2.0),
        ("c", "p", 3.0, 4.0),
        ("d", "p", 6.0, 7.0),
    )
    assert at_once(flow) == ((2, True), (3, False))


@pytest.mark.parametrize(
    ("spans", "unordered"),
    [
        ([(0.0, 1.0), (1.0, 2.0), (2.0, 3.0)], ""),
        ([(0.0, 1.0), (0.5, 2.0), (2.0, 3.0)], "b"),
        ([(2.0, 3.0), (0.0, 1.0), (0.5, 2.5)], "bc"),
        ([(0.0, 1.0), (1.5, 2.0), (0.5, 1.8)], "bc"),
    ],
    ids=["one by one", "two", "by words", "in a chain"],
)
def test_steps_made_at_once_have_no_order(spans: list[tuple[float, float]], unordered: str) -> None:
    flow = flow_of(
        ("run", None, 0.0, 9.0), *((name, "run", *span) for name, span in zip("abc", spans, strict=True))
    )
    words = Vocabulary()
    ordered = flow_of(
        ("run", None, 0.0, 9.0), *((name, "run", at, at + 0.5) for at, name in enumerate("abc"))
    )
    learn_words([ordered], words)
    encoded = encode([flow], words)
    read = encoded.steps_at(encoded.standing)
    steps = Steps(read.flow_of, read.step, read.depth, read.begin, read.span)
    names = [words.steps[number][0] for number in read.step.tolist()]
    assert "".join(name for name, one in zip(names, made_at_once(steps), strict=True) if one) == unordered
