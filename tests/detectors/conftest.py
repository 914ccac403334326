"""What the tests of all detectors learn from."""

from __future__ import annotations

import pytest

from coldtrail.features.batch import Encoded
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.testing import make_history


@pytest.fixture(scope="session")
def history() -> list[Flow]:
    return make_history(600) + make_history(40, seed=1, function="Quiet", prefix="q")


@pytest.fixture(scope="session")
def words(history: list[Flow]) -> Vocabulary:
    vocabulary = Vocabulary()
    learn_words(history, vocabulary)
    return vocabulary


@pytest.fixture(scope="session")
def learned(history: list[Flow], words: Vocabulary) -> Encoded:
    return encode(history, words)
