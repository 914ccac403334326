"""How much quiet functions lean on those that behave like them."""

from __future__ import annotations

import numpy as np

from coldtrail.features.back_off import LENT_UNTIL, back_off_weight, flows_learned
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.testing import make_flow


def test_flows_count_by_function_and_by_what_each_stands_for() -> None:
    flows = [make_flow([], flow_id="a"), make_flow([], flow_id="b", function="Refund")]
    words = Vocabulary()
    learn_words(flows, words)
    encoded = encode([*flows, flows[0]], words).weighing(np.array([1.0, 2.0, 0.5]))
    assert flows_learned(encoded.function, encoded.weight).tolist() == [0.0, 1.5, 2.0]


def test_the_less_a_function_knows_the_more_it_leans() -> None:
    learned = np.array([0.0, 3.0, LENT_UNTIL / 2, LENT_UNTIL, 9 * LENT_UNTIL])
    assert back_off_weight(np.array([1, 2, 3, 4]), learned).tolist() == [
        1.0 - 3.0 / LENT_UNTIL,
        0.5,
        0.0,
        0.0,
    ]


def test_functions_never_met_lean_on_nobody() -> None:
    assert back_off_weight(np.array([0, 2, 99]), np.array([5.0, 7.0, 0.0])).tolist() == [0.0, 0.0, 0.0]
    assert back_off_weight(np.array([0, 1]), np.zeros(0)).tolist() == [0.0, 0.0]
