"""Hashes are repeatable, and tables kept by them count exactly."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.features import hashing
from coldtrail.features.hashing import (
    Counts,
    Table,
    distinct,
    each_once,
    equals_before,
    first_rows,
    is_among,
    is_in_ascending,
    mix,
    order_of,
    unmixed,
)

hashes = st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 5), max_size=30)


def test_a_hash_depends_on_every_value_and_on_their_order() -> None:
    start = np.full(1, 17, np.uint64)

    def chain(*values: int) -> int:
        hashed = start
        for value in values:
            hashed = mix(hashed, np.array([value]))
        return int(hashed[0])

    chains = [chain(1, 2), chain(2, 1), chain(1), chain(2), chain(1, 2, 0), chain(-1, 2), chain(0)]
    assert len(set(chains)) == len(chains)


def test_hashes_stay_the_same_for_ever() -> None:
    """A bundle holds hashes: another function would make every old bundle useless."""
    hashed = mix(np.array([0, 1, 17], np.uint64), np.array([0, 5, -2]))
    assert hashed.tolist() == [0, 1477815012759818034, 18094644173927410393]


@given(keys=hashes, asked=hashes)
def test_counts_are_those_of_a_counter(keys: list[int], asked: list[int]) -> None:
    weights = np.arange(1.0, len(keys) + 1)
    expected: Counter[int] = Counter()
    for key, weight in zip(keys, weights.tolist(), strict=True):
        expected[key] += weight
    counts = Counts.of(np.array(keys, np.uint64), weights)
    all_asked = keys + asked
    assert counts(np.array(all_asked, np.uint64)).tolist() == [expected[key] for key in all_asked]


@given(keys=hashes, asked=hashes)
def test_a_table_finds_the_row_of_each_key(keys: list[int], asked: list[int]) -> None:
    ordered = sorted(set(keys))
    table = Table(np.array(ordered, np.uint64), np.zeros((len(ordered), 1)))
    found = table.find(np.array(keys + asked, np.uint64)).tolist()
    assert found == [ordered.index(key) if key in ordered else -1 for key in keys + asked]


@given(first=hashes, more=hashes)
def test_counts_and_more_are_those_of_both(first: list[int], more: list[int]) -> None:
    weights = np.arange(1.0, len(first) + len(more) + 1)
    early, late = weights[: len(first)], weights[len(first) :]
    grown = Counts.of(np.array(first, np.uint64), early).and_of(np.array(more, np.uint64), late)
    whole = Counts.of(np.array(first + more, np.uint64), weights)
    assert grown.keys.tolist() == whole.keys.tolist()
    assert grown.values.tolist() == whole.values.tolist()


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=9), st.integers(-12, 2**40))
def test_what_was_mixed_can_be_unmixed(some: list[int], value: int) -> None:
    before, values = np.array(some, np.uint64), np.full(len(some), value)
    assert (unmixed(mix(before, values)) ^ values.astype(np.uint64)).tolist() == some


@given(
    st.lists(st.tuples(st.integers(0, 2**64 - 1) | st.integers(0, 3), st.integers(0, 90)), max_size=40),
    st.integers(0, 3),
    st.integers(0, 90),
    st.integers(0, 90),
)
def test_what_was_folded_into_a_hash_is_found_again(
    some: list[tuple[int, int]], asked: int, first: int, last: int
) -> None:
    first, last = min(first, last), max(first, last)
    before = np.array([one for one, _ in some], np.uint64)
    counts = Counts.of(mix(before, np.array([value for _, value in some], np.int64)), np.ones(len(some)))
    every = np.arange(first, last + 1)
    number = counts(mix(np.full(len(every), asked, np.uint64), every))
    found, of = counts.folded_into(asked, first, last)
    assert found.tolist() == every[number > 0].tolist()
    assert of.tolist() == number[number > 0].tolist()


@given(st.integers(0, 2**32), st.integers(1, 400), st.integers(0, 63))
def test_keys_are_found_by_their_leading_bits_as_by_halves(seed: int, number: int, bits: int) -> None:
    random = np.random.default_rng(seed)
    keys = np.unique(random.integers(0, 2**64, number, np.uint64) >> np.uint64(bits))
    asked = np.concatenate([keys, keys + np.uint64(1), random.integers(0, 2**64, 50, np.uint64)])
    asked = np.append(asked, [np.uint64(0), np.uint64(2**64 - 1)])
    table = Counts(keys, np.arange(1.0, len(keys) + 1))
    expected = table.find(asked)
    assert table._placed(asked).tolist() == np.searchsorted(keys, asked).tolist()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashing, "MANY", 1)
        patch.setattr(hashing, "LEAST_AT_ONCE", 1)
        again = Counts(keys, table.values)
        again.find(asked)
        assert again.find(asked).tolist() == expected.tolist()
        assert "_first" in vars(again)


@given(number=st.sampled_from([0, 1, 2, 40, 9000]), different=st.integers(1, 20_000), seed=st.integers(0, 9))
def test_different_hashes_are_told_as_numpy_tells_them(number: int, different: int, seed: int) -> None:
    values = np.random.default_rng(seed).integers(0, different, number)
    hashes = mix(np.full(number, 5, np.uint64), values)
    keys, places = distinct(hashes)
    expected, expected_places = np.unique(hashes, return_inverse=True)
    np.testing.assert_array_equal(keys, expected)
    np.testing.assert_array_equal(places, expected_places)


@given(numbers=hashes, known=hashes)
def test_different_numbers_and_those_among_others_are_those_of_numpy(
    numbers: list[int], known: list[int]
) -> None:
    some, others = np.array(numbers, np.uint64), np.array(known, np.uint64)
    assert each_once(some).tolist() == np.unique(some).tolist()
    assert each_once(some.astype(np.int32)).dtype == np.int32
    assert is_among(some, others).tolist() == np.isin(some, others).tolist()


def test_kinds_are_counted_by_the_hashes_that_they_share() -> None:
    kinds, of = np.array([9, 4, 9, 7], np.uint64), np.array([0, 2, 1, 0, 1])
    weights = np.array([1.0, 2.0, 4.0, 8.0, 16.0])
    found, expected = Counts.of_kinds(kinds, of, weights), Counts.of(kinds[of], weights)
    assert (found.keys.tolist(), found.values.tolist()) == (expected.keys.tolist(), expected.values.tolist())


@given(some=st.lists(st.integers(-3, 30)), known=st.sets(st.integers(-3, 30)))
def test_what_is_among_ascending_ones_is_told_as_numpy_tells_it(some: list[int], known: set[int]) -> None:
    values, ascending = np.array(some, np.int64), np.array(sorted(known), np.int64)
    assert is_in_ascending(values, ascending).tolist() == np.isin(values, ascending).tolist()


@given(some=hashes)
def test_first_rows_and_the_order_of_equal_numbers_are_those_of_numpy(some: list[int]) -> None:
    numbers = np.array(some, np.uint64)
    assert first_rows(numbers).tolist() == np.unique(numbers, return_index=True)[1].tolist()
    assert order_of(numbers).tolist() == np.argsort(numbers, kind="stable").tolist()


@pytest.mark.parametrize("different", [1, 50, 20_000])
def test_many_equal_numbers_stay_as_they_stand(different: int) -> None:
    numbers = np.random.default_rng(different).integers(0, different, 20_000)
    assert (order_of(numbers) == np.argsort(numbers, kind="stable")).all()
    assert (first_rows(numbers) == np.unique(numbers, return_index=True)[1]).all()


@given(st.lists(st.integers(0, 4), max_size=30))
def test_equal_numbers_are_counted_up_to_each(numbers: list[int]) -> None:
    before = [numbers[:at].count(number) for at, number in enumerate(numbers)]
    assert equals_before(np.array(numbers, np.int64)).tolist() == before
