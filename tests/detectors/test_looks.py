"""What stands in rows, whether its words were learned or not."""

from __future__ import annotations

import numpy as np

from coldtrail.detectors.looks import event_at, of_callers, of_steps, of_triggers
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.testing import Call, make_flow
from tests.verbs.telemetry_files import GET

NEW: Call = ("PutObject", "S3", "loot", 0.01)


def words_of(*calls: Call) -> Vocabulary:
    words = Vocabulary()
    learn_words([make_flow([GET]), make_flow([*calls])], words)
    return words


def test_a_step_looks_the_same_whether_it_was_learned_or_not() -> None:
    flow, rows = make_flow([GET, NEW], trigger="AWS::SNS evil", caller="Mallory"), np.array([2])
    known, unknown = encode([flow], words_of(GET, NEW)), encode([flow], words_of())
    assert unknown.step[2] == 0 < known.step[2]
    assert np.array_equal(of_steps(known)(rows), of_steps(unknown)(rows))
    told = event_at(unknown, 2)
    assert told is not None
    assert told.event_target_resource == "loot"
    assert event_at(unknown.take(np.array([0])), 2) == told


def test_what_comes_before_a_step_is_part_of_its_look() -> None:
    words = words_of(GET, NEW)
    one, other = (encode([make_flow(calls)], words) for calls in ([GET, NEW], [GET, GET, NEW]))
    first = encode([make_flow([NEW])], words)
    assert not np.array_equal(of_steps(one)(np.array([2])), of_steps(first)(np.array([1])))
    assert np.array_equal(of_steps(one)(np.array([2])), of_steps(other)(np.array([3])))


def test_who_started_a_run_looks_the_same_whether_learned_or_not() -> None:
    flow = make_flow([GET], trigger="AWS::SNS evil", caller="Mallory")
    words = words_of()
    unknown = encode([flow], words)
    learn_words([flow], words)
    known, rows = encode([flow], words), np.array([0])
    assert unknown.trigger[0] == 0 < known.trigger[0]
    assert np.array_equal(of_triggers(unknown)(rows), of_triggers(known)(rows))
    assert np.array_equal(of_callers(unknown)(rows)[:, :-1], of_callers(known)(rows)[:, :-1])
