"""Which step comes next: chances that add up, after failures too."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.orders import Orders
from coldtrail.detectors.reading import END, positions_of, read_runs
from coldtrail.detectors.sequence import SequenceDetector
from coldtrail.features.batch import Encoded
from coldtrail.features.encode import encode
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.testing import make_flow
from tests.verbs.telemetry_files import GET, PUBLISH, PUT


@pytest.fixture(scope="module")
def detector(learned: Encoded) -> SequenceDetector:
    return SequenceDetector().fit(learned)


def test_the_chances_of_all_that_may_come_next_add_up_to_no_more_than_one(
    detector: SequenceDetector, words: Vocabulary
) -> None:
    """Some is kept for what nobody ever took."""
    runs = read_runs(encode([make_flow([GET, PUT, PUBLISH]), make_flow([PUT, PUT, GET])], words)).flows
    positions = positions_of(runs, detector.turns_)
    tokens = np.concatenate([[END], np.arange(1, len(words.steps) + 1)])
    for row in range(len(positions.token)):
        at = positions.at(np.full(len(tokens), row), tokens)
        total = float(np.exp(-detector.orders_.surprise(at)).sum())
        assert 0.9 < total <= 1.0 + 1e-9


def test_all_is_the_same_after_a_rest(detector: SequenceDetector, words: Vocabulary) -> None:
    rested = Orders()
    rested.restore(detector.orders_.state())
    positions = positions_of(read_runs(encode([make_flow([PUT, GET])], words)).flows, detector.turns_)
    assert (rested.surprise(positions) == detector.orders_.surprise(positions)).all()
