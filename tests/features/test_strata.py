"""Kinds of flows: what is met adds up, what was known before is told by the sample."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.features.strata import Strata, hashed, ranks_of

KEYS = np.array([3, 9], np.uint64)


def strata(*bounds: float) -> Strata:
    return Strata(KEYS, np.array([10.0, 20.0]), np.array(bounds))


def test_strata_of_equal_keys_are_one_with_the_narrowest_bound() -> None:
    keys, bounds = np.array([9, 3, 9], np.uint64), np.array([np.inf, 2.0, 1.0])
    found = Strata.of(keys, np.array([1.0, 2.0, 4.0]), bounds)
    assert found.keys.tolist() == [3, 9]
    assert found.weights.tolist() == [2.0, 5.0]
    assert found.bounds.tolist() == [2.0, 1.0]


def test_what_is_met_keeps_the_bounds_and_fades_what_was() -> None:
    met = strata(0.5, np.inf).meeting(np.array([3, 4], np.uint64), np.array([1.0, 2.0]), 0.5)
    assert met.keys.tolist() == [3, 4, 9]
    assert met.weights.tolist() == [6.0, 2.0, 10.0]
    assert met.bounds.tolist() == [0.5, np.inf, np.inf]


def test_places_are_those_of_known_keys_only() -> None:
    assert strata(1.0, 1.0).places(np.array([9, 4, 3, 99], np.uint64)).tolist() == [1, -1, 0, -1]
    none = Strata.of(np.zeros(0, np.uint64), np.zeros(0))
    assert none.places(KEYS).tolist() == [-1, -1]
    assert none.new(KEYS, np.zeros(2), np.zeros(2, np.bool_)).tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("held", "share"),
    [((True, True), 0.0), ((True, False), 0.5), ((False, False), 1.0)],
)
def test_beyond_the_bound_flows_are_as_new_as_those_below(held: tuple[bool, bool], share: float) -> None:
    keys = np.array([3, 3, 3, 9], np.uint64)
    ranks = np.array([0.1, 0.2, 0.9, 0.9])
    new = strata(0.5, np.inf).new(keys, ranks, np.array([*held, False, False]))
    assert new.tolist() == [*(0.0 if one else 1.0 for one in held), share, 1.0]


def test_a_kind_that_shows_none_below_its_bound_is_as_new_as_all() -> None:
    keys = np.array([3, 3, 9, 5], np.uint64)
    ranks = np.array([0.1, 0.2, 0.9, 0.9])
    new = strata(0.5, 0.5).new(keys, ranks, np.array([True, True, False, False]))
    assert new.tolist() == [0.0, 0.0, pytest.approx(1.0 / 3.0), 1.0]


def test_one_flow_below_its_bound_tells_of_its_own_kind_alone() -> None:
    keys = np.array([3, 3, 9], np.uint64)
    new = strata(0.5, np.inf).new(keys, np.array([0.1, 0.9, 0.9]), np.array([True, False, False]))
    assert new.tolist() == [0.0, 0.0, 1.0]


def test_ranks_and_ids_stay_the_same_for_ever() -> None:
    """A bundle holds both: with others, what it learned would be learned again."""
    ids = hashed(["trace flow", "\udce9"])
    assert ids.tolist() == IDS
    assert ranks_of(np.array([0.0, 15_552_000.0]), ids).tolist() == pytest.approx(RANKS)


IDS = [16102482794524523688, 16840983125765003981]
RANKS = [-0.6835495748318473, -0.8843827882299211]
