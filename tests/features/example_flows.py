"""Flows of several kinds, and the same as arrays."""

from __future__ import annotations

from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.testing import make_flow, make_history
from tests.verbs.telemetry_files import GET, PUT

FLOWS = [
    *make_history(12),
    make_flow([], flow_id="empty"),
    make_flow([GET], flow_id="cold", cold=True, trigger=None),
    make_flow([GET, PUT], flow_id="open", complete=False, function="Ship"),
]


def words_of(flows: list[Flow]) -> Vocabulary:
    vocabulary = Vocabulary()
    learn_words(flows, vocabulary)
    return vocabulary


WORDS = words_of(FLOWS)
ENCODED = encode(FLOWS, WORDS)
