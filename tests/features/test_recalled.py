"""What a vocabulary recalls of flows is what was said of them."""

from __future__ import annotations

import numpy as np

from coldtrail.features.batch import joined
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.recalled import recalled
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.features.wording import Wording
from coldtrail.records.flow import Flow
from coldtrail.testing import make_flow, make_history

FLOWS = [
    *make_history(12),
    make_flow([], flow_id="empty"),
    make_flow([("Get", "S3", None, 0.5)], flow_id="none", function="Other"),
]


def said(told: Wording) -> list[tuple[str, ...]]:
    return [tuple(told.words[code] for code in row) for row in told.codes.tolist()]


def learned(flows: list[Flow]) -> Vocabulary:
    vocabulary = Vocabulary()
    learn_words(flows, vocabulary)
    return vocabulary


def test_words_clocks_and_depths_are_those_that_were_encoded() -> None:
    vocabulary = learned(FLOWS)
    encoded = encode(FLOWS, vocabulary)
    found = recalled(joined([encoded]), vocabulary).wording
    assert said(found) == said(encoded.wording)
    np.testing.assert_allclose(found.duration, encoded.wording.duration)
    np.testing.assert_allclose(found.start, encoded.wording.start, atol=1e-6)
    np.testing.assert_array_equal(found.depth, encoded.wording.depth)
    np.testing.assert_array_equal(found.offsets, encoded.wording.offsets)


def test_chosen_flows_keep_their_words_and_rank_as_they_lie() -> None:
    vocabulary = learned(FLOWS)
    encoded = encode(FLOWS, vocabulary)
    rows = np.array([13, 2, 12])
    found = recalled(joined([encoded]), vocabulary).take(rows).wording
    assert said(found) == said(encoded.take(rows).wording)
    assert found.rank.tolist() == [13, 2, 12]


def test_what_was_never_met_has_no_words() -> None:
    vocabulary = learned(FLOWS)
    encoded = encode([make_flow([("Put", "S3", "loot", 0.5)], function="Strange")], vocabulary)
    found = said(recalled(joined([encoded]), vocabulary).wording)
    assert ("", "", "", "", "", "") in found
    nothing = recalled(joined([encode([], Vocabulary())]), Vocabulary()).wording
    assert (nothing.words, nothing.codes.shape, nothing.offsets.tolist()) == (("",), (0, 6), [0])
