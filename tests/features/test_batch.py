"""Flows as arrays: parts are those of the whole, and what follows from them is worked out once."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.features import batch
from coldtrail.features.batch import Encoded, narrowed
from coldtrail.features.encode import encode
from coldtrail.records.flow import Flow
from coldtrail.testing import make_flow
from tests.features.example_flows import ENCODED, FLOWS, WORDS, words_of
from tests.verbs.telemetry_files import GET, PUBLISH, PUT


def same(a: Encoded, b: Encoded) -> bool:
    return all(
        np.array_equal(getattr(a, field.name), getattr(b, field.name))
        for field in dataclasses.fields(Encoded)
        if field.name not in ("batch", "places", "looks")
    )


def test_lengths_and_owners_of_steps_follow_from_the_offsets() -> None:
    assert ENCODED.lengths.tolist() == [len(flow.events) for flow in FLOWS]
    assert np.bincount(ENCODED.flow_of, minlength=len(FLOWS)).tolist() == ENCODED.lengths.tolist()


rows = st.lists(st.integers(0, len(FLOWS) - 1), max_size=20)


@given(chosen=rows)
def test_taking_flows_equals_encoding_those_flows(chosen: list[int]) -> None:
    taken = ENCODED.take(np.array(chosen, np.int64))
    assert same(taken, encode([FLOWS[i] for i in chosen], WORDS))


@given(first=rows.filter(bool), second=st.lists(st.integers(0, 1000), max_size=10))
def test_taking_twice_equals_taking_what_was_taken(first: list[int], second: list[int]) -> None:
    inner = np.array([i % len(first) for i in second], np.int64)
    outer = np.array(first, np.int64)
    assert same(ENCODED.take(outer).take(inner), ENCODED.take(outer[inner]))


def test_taking_all_changes_nothing() -> None:
    assert same(ENCODED.take(np.arange(len(FLOWS))), ENCODED)


def test_taking_leaves_the_whole_alone() -> None:
    before = encode(FLOWS, WORDS)
    ENCODED.take(np.array([3])).step[:] = 99
    assert same(ENCODED, before)


@pytest.mark.parametrize("flows", [FLOWS, FLOWS * 3])
def test_flows_of_one_shape_have_the_same_function_steps_and_completeness(flows: list[Flow]) -> None:
    encoded = encode(flows, WORDS)
    shapes = encoded.shapes

    def shape(i: int) -> tuple[object, ...]:
        steps = encoded.step[encoded.offsets[i] : encoded.offsets[i + 1]].tolist()
        return int(encoded.function[i]), bool(encoded.complete[i]), *steps

    assert [shape(int(shapes.first[k])) for k in shapes.of] == [shape(i) for i in range(len(encoded))]
    assert len({shape(i) for i in range(len(encoded))}) == len(shapes.first)
    assert shapes.count.sum() == len(encoded)


def test_an_open_run_has_another_shape_than_a_complete_one() -> None:
    flows = [make_flow([GET, PUT], complete=complete) for complete in (True, False, True)]
    assert encode(flows, words_of(flows)).shapes.count.tolist() in ([1, 2], [2, 1])


def test_the_order_of_steps_makes_another_shape() -> None:
    flows = [make_flow([GET, PUT, PUBLISH]), make_flow([PUT, GET, PUBLISH])]
    assert len(encode(flows, words_of(flows)).shapes.first) == 2


def test_the_standing_of_steps_is_worked_out_once() -> None:
    assert ENCODED.standing is ENCODED.standing
    assert sorted(ENCODED.standing.tolist()) == list(range(len(ENCODED.step)))


def test_blocks_are_the_whole_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "BLOCK_FLOWS", 3)
    whole = encode(FLOWS * 2, WORDS)
    parts = list(whole.blocks())
    assert len(parts) > 2
    for first, part in parts:
        assert same(part, whole.take(np.arange(first, first + len(part))))
    assert sum(len(part) for _, part in parts) == len(whole)
    assert np.concatenate([part.shape_hashes() for _, part in parts]).tolist() == (
        ENCODED.shape_hashes().tolist() * 2
    )


def test_what_is_made_once_is_made_once_for_the_same_flows() -> None:
    asked: list[Encoded] = []

    def number(flows: Encoded) -> int:
        asked.append(flows)
        return len(flows)

    flows = encode(FLOWS, WORDS)
    assert [flows.once(number), flows.once(number), flows.weighing(flows.weight).once(number)] == [
        len(FLOWS)
    ] * 3
    assert len(asked) == 2


def test_narrow_numbers_are_the_same_numbers() -> None:
    narrow = narrowed(ENCODED)
    assert same(narrow, ENCODED)
    assert narrow.step.dtype == np.int32
    assert narrow.step.base is None
    assert narrowed(narrow).step is narrow.step
