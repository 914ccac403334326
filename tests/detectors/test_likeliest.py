"""The likeliest token is the one that a comparison of all known words would find."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from coldtrail.detectors.likeliest import Likeliest
from coldtrail.detectors.reading import END, positions_of, read_runs
from coldtrail.detectors.sequence import SequenceDetector
from coldtrail.features.batch import Bools
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.testing import Call, make_flow, make_history
from tests.verbs.telemetry_files import GET, PUBLISH, PUT

FAILS: Call = ("Query", "DynamoDB", "Broken", 0.01)


def of_any_order(number: int, seed: int) -> list[Flow]:
    """Runs of three functions that take the calls of each other in any order, some of them failing."""
    random = np.random.default_rng(seed)
    calls = [GET, PUT, PUBLISH, FAILS, ("Send", "SQS", "mail", 0.01), ("Send", "SQS", "late", 0.01)]
    flows = []
    for i in range(number):
        some = [calls[j] for j in random.integers(0, len(calls), random.integers(0, 6))]
        function = f"F{random.integers(0, 3)}"
        flow = make_flow(
            some, flow_id=f"any-{seed}-{i}", function=function, error=bool(random.random() < 0.3)
        )
        flows.append(with_errors(flow, random.random(len(flow.events)) < 0.2))
    return flows


def with_errors(flow: Flow, failed: Bools) -> Flow:
    replace = msgspec.structs.replace
    events = [replace(event, error=bool(one)) for event, one in zip(flow.events, failed, strict=True)]
    return replace(flow, events=tuple(events))


@pytest.mark.parametrize("weight", [1.0, 0.2])
@pytest.mark.parametrize("seed", range(4))
def test_the_likeliest_is_what_comparing_all_words_finds(seed: int, weight: float) -> None:
    history = make_history(40, seed) + of_any_order(60, seed)
    tested = [*of_any_order(40, seed + 100), make_flow([GET], function="NeverMet"), make_flow([])]
    words = Vocabulary()
    learn_words(history + of_any_order(20, 999), words)
    detector = SequenceDetector().fit(encode(history, words), weight)
    positions = positions_of(read_runs(encode(tested, words)).flows, detector.turns_)
    tokens = np.concatenate([[END], np.arange(1, len(words.steps) + 1)])
    rows = np.arange(len(positions.token))
    found = Likeliest(detector.orders_, positions, len(words.steps)).at(rows)
    assert positions.after_failure.any()
    for row, (token, chance) in zip(rows.tolist(), found, strict=True):
        surprise = detector.orders_.surprise(positions.at(np.full(len(tokens), row), tokens))
        best = int(np.argmin(surprise))
        assert (token, chance) == (tokens[best], float(np.exp(-surprise[best])))


def test_a_model_of_nothing_awaits_the_end() -> None:
    flows = encode([make_flow([GET])], Vocabulary())
    detector = SequenceDetector().fit(flows.take(np.zeros(0, np.int64)))
    positions = positions_of(read_runs(flows).flows, detector.turns_)
    (found,) = Likeliest(detector.orders_, positions, 0).at(np.array([0]))
    assert found[0] == END
    assert Likeliest(detector.orders_, positions, 0).at(np.zeros(0, np.int64)) == []


def test_in_a_function_without_history_the_most_frequent_word_of_all_is_awaited() -> None:
    words, history = Vocabulary(), [make_flow([GET, GET, GET], flow_id=f"{i}") for i in range(9)]
    learn_words(history, words)
    detector = SequenceDetector().fit(encode(history, words))
    positions = positions_of(
        read_runs(encode([make_flow([PUT], function="New")], words)).flows, detector.turns_
    )
    ((token, _),) = Likeliest(detector.orders_, positions, len(words.steps)).at(np.array([1]))
    assert words.steps[token][0] == "GetItem"
