"""How surprising what comes next usually is."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.expectations import Expectations
from coldtrail.features.hashing import Counts, Hashes

COUNTED = np.ones(4, np.bool_)
SURPRISE = np.array([1.0, 3.0, 2.0, 0.1])
WEIGHTS = np.array([1.0, 1.0, 1.0, 2.0])
SHORT: Hashes = np.array([5, 5, 5, 5], np.uint64)
LONG: Hashes = np.array([7, 7, 8, 9], np.uint64)


@pytest.fixture(scope="module")
def learned() -> tuple[Expectations, Counts]:
    found = Expectations()
    found.fit([SHORT, LONG], COUNTED, SURPRISE, WEIGHTS)
    return found, Counts.of(np.concatenate([SHORT, LONG]), np.tile(WEIGHTS, 2))


def test_the_mean_surprise_in_the_longest_context_that_is_known(learned: tuple[Expectations, Counts]) -> None:
    expectations, totals = learned
    new = np.array([7, 9, 1, 1], np.uint64)
    at_last = np.array([5, 5, 5, 2], np.uint64)
    usual = expectations.usual([at_last, new], totals)
    assert usual.tolist() == pytest.approx([2.0, 0.1, (1.0 + 3.0 + 2.0 + 0.2) / 5.0, 0.0])


def test_what_is_not_counted_teaches_nothing() -> None:
    some = Expectations()
    some.fit([LONG], np.array([True, False, True, False]), SURPRISE, WEIGHTS)
    assert some.usual([LONG], Counts.of(LONG[:1], WEIGHTS[:1])).tolist() == [1.0, 1.0, 0.0, 0.0]


def test_all_is_the_same_after_a_rest(learned: tuple[Expectations, Counts]) -> None:
    expectations, totals = learned
    rested = Expectations()
    rested.restore(expectations.state())
    assert rested.usual([LONG], totals).tolist() == expectations.usual([LONG], totals).tolist()
