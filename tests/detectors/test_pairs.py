"""Pairs of things that may always come together."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from coldtrail.detectors.pairs import (
    AGAIN_BEFORE,
    AGAIN_WITH,
    BEFORE,
    KINDS,
    WITH,
    held_in,
    in_one_breath,
    is_before,
    nth,
    pairs_of,
    turns_of,
    whole_of,
)
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.hashing import mix
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.testing import make_flow
from tests.verbs.telemetry_files import GET, PUT


def together(flow: Flow) -> Flow:
    calls = [one for one in flow.events if one.event_parent_id]
    begin, end = calls[0].start_time, calls[-1].end_time
    events = [replace(one, start_time=begin, end_time=end) if one in calls else one for one in flow.events]
    return replace(flow, events=tuple(events))


@pytest.mark.parametrize("at_once", [0, 1])
def test_a_step_comes_before_another_unless_any_run_makes_both_at_once(at_once: int) -> None:
    flows = [make_flow([GET, PUT], flow_id="a"), make_flow([GET, PUT], flow_id="b")]
    flows = [together(one) if n < at_once else one for n, one in enumerate(flows)]
    words = Vocabulary()
    learn_words(flows, words)
    encoded = encode(flows, words)
    pairs = pairs_of(encoded)
    numbers = {name: number for number, (name, *_) in enumerate(words.steps.words, 1)}
    get, put = numbers["GetItem"], numbers["PutItem"]
    found = set(zip(pairs.key.tolist(), pairs.step.tolist(), strict=True))
    with_put, before_put = (
        int(mix(whole_of(encoded, one)[:1], np.array([put]))[0]) for one in (WITH, BEFORE)
    )
    assert (with_put, get) in found
    assert ((before_put, get) in found) is (not at_once)


def test_calls_are_made_in_one_breath_where_they_overlap() -> None:
    flows = [together(make_flow([GET, PUT])), make_flow([GET, PUT])]
    words = Vocabulary()
    learn_words(flows, words)
    encoded = encode(flows, words)
    read = encoded.steps_at(encoded.standing)
    names = [words.steps[number][0] for number in read.step.tolist()]
    told = [(name, bool(one)) for name, one in zip(names, in_one_breath(read), strict=True)]
    assert told[:4] == [("Invocation", False), ("GetItem", True), ("PutItem", True), ("Overhead", False)]
    assert not any(one for _, one in told[4:])


def test_what_comes_again_comes_with_the_nth_of_what_stands_beside_it() -> None:
    flows = [make_flow([GET, PUT, GET, PUT])]
    words = Vocabulary()
    learn_words(flows, words)
    encoded = encode(flows, words)
    calls = [turn for turn, call in zip(turns_of(encoded).tolist(), encoded.call, strict=True) if call]
    assert calls == [1, 1, 2, 2]
    numbers = {name: number for number, (name, *_) in enumerate(words.steps.words, 1)}
    get, put, both = numbers["GetItem"], numbers["PutItem"], np.array([2])
    pairs = pairs_of(encoded)
    found = set(zip(pairs.key.tolist(), pairs.step.tolist(), pairs.turn.tolist(), strict=True))
    for kind in (AGAIN_WITH, AGAIN_BEFORE):
        key = int(mix(whole_of(encoded, kind)[:1], nth(np.array([put]), both))[0])
        assert (key, get, 2) in found
        assert (key, get, 1) not in found
        assert key in held_in(encoded, encoded.offsets[1:]).key.tolist()


def test_half_of_the_kinds_tell_what_comes_before() -> None:
    assert [is_before(kind) for kind in range(KINDS)] == [False, True, False, True]
