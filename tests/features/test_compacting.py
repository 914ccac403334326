"""A vocabulary of what is used says the same in fewer words."""

from __future__ import annotations

import numpy as np

from coldtrail.features.batch import PER_STEP, Encoded
from coldtrail.features.compacting import compacted
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.testing import make_flow, make_history, make_key
from tests.verbs.telemetry_files import GET, PUT, STEAL


def learned(flows: list[Flow]) -> tuple[Encoded, Vocabulary]:
    words = Vocabulary()
    learn_words(flows, words)
    return encode(flows, words), words


FLOWS = [
    make_flow([GET, STEAL], flow_id="s", function="Struck", version="9", trigger="timer", caller="x"),
    make_flow([PUT, GET], flow_id="a", version="1", caller="y"),
    make_flow([PUT], flow_id="b", trigger=None, upstream_lost=True),
]


def test_words_that_are_not_used_are_gone_and_the_others_mean_the_same() -> None:
    encoded, words = learned(FLOWS)
    flows, own = compacted(encoded.take(np.array([1, 2])), words)
    again, anew = encode(FLOWS[1:], own), learned(FLOWS[1:])[1]
    for name in ("functions", "steps", "actions", "resources", "triggers", "callers", "versions"):
        assert set(getattr(own, name).words) == set(getattr(anew, name).words), name
    for name in ("function", "application", "alone", "trigger", "caller", "version", *PER_STEP):
        assert getattr(flows, name).tolist() == getattr(again, name).tolist(), name
    assert make_key("Struck") not in own.functions.numbers
    assert ("S3", "loot") not in own.resources.numbers


def test_functions_that_are_wanted_stay() -> None:
    encoded, words = learned(FLOWS)
    _, own = compacted(encoded.take(np.array([1, 2])), words, [make_key("Struck")])
    assert own.functions.words == words.functions.words


def test_nothing_changes_where_every_word_is_used() -> None:
    encoded, words = learned(make_history(30))
    flows, own = compacted(encoded, words)
    assert flows is encoded
    assert own is words
