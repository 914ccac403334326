"""What the sequence detector finds strange, and how it says so."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from coldtrail.detecting import Evidence, Place
from coldtrail.detectors.sequence import SequenceDetector, put_down_to_causes
from coldtrail.features.encode import Encoded, Floats, encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records import Flow
from coldtrail.testing import Call, make_flow, make_history
from tests.verbs.telemetry_files import GET, PUBLISH, PUT, STEAL, USUAL

ORDER, REPEAT = (SequenceDetector.channels.index(name) for name in ("order", "repeat"))
Score = Callable[[Sequence[Call]], Floats]


@pytest.fixture(scope="module")
def detector(learned: Encoded) -> SequenceDetector:
    return SequenceDetector().fit(learned)


@pytest.fixture(scope="module")
def score(detector: SequenceDetector, words: Vocabulary) -> Score:
    return lambda calls: detector.score(encode([make_flow(calls)], words))[0]


@pytest.mark.parametrize(
    "calls",
    [
        [PUT, GET, PUBLISH],
        [GET, PUBLISH],
        [GET, PUT],
        [PUT, PUBLISH],
        [GET, PUT, PUBLISH, PUBLISH],
        [GET, PUT, STEAL, PUBLISH],
    ],
    ids=["swapped", "middle left out", "end left out", "start left out", "end twice", "new step"],
)
def test_another_order_is_stranger_than_the_usual_one(score: Score, calls: Sequence[Call]) -> None:
    assert score(calls)[ORDER] > 5 * score(USUAL)[ORDER]


def test_a_rare_branch_is_stranger_than_the_usual_run_and_less_than_a_new_step(score: Score) -> None:
    late = ("SendMessage", "SQS", "late-orders", 0.01)
    assert (
        score(USUAL)[ORDER]
        < score([GET, PUT, late, PUBLISH])[ORDER]
        < score([GET, PUT, STEAL, PUBLISH])[ORDER]
    )


def test_the_surprise_of_a_step_is_about_that_of_its_frequency(history: list[Flow], score: Score) -> None:
    order = [flow for flow in history if flow.function_name == "Order"]
    late = [flow for flow in order if any(e.event_name == "SendMessage" for e in flow.events)]
    expected = -math.log(len(late) / len(order))
    got = score([GET, PUT, ("SendMessage", "SQS", "late-orders", 0.01), PUBLISH])[ORDER] - score(USUAL)[ORDER]
    assert got == pytest.approx(expected, rel=0.2)


def test_more_repeats_are_stranger(score: Score) -> None:
    repeats = [score([GET, *[PUT] * times, PUBLISH])[REPEAT] for times in (1, 2, 3, 4, 20, 500)]
    assert repeats[0] == 0.0
    assert repeats == sorted(set(repeats))


def test_the_end_of_an_open_run_proves_nothing(detector: SequenceDetector, words: Vocabulary) -> None:
    cut = encode([make_flow([GET, PUT], complete=False), make_flow([GET, PUT])], words)
    shorter = encode([make_flow([GET, PUT], complete=False)], words)
    still_open, ended = detector.score(cut)
    assert still_open[ORDER] < ended[ORDER]
    assert detector.explain(shorter).whole[0, ORDER] == 0.0


def test_functions_are_learned_apart(detector: SequenceDetector, words: Vocabulary) -> None:
    both = [make_flow([PUT, GET], function=name) for name in ("Order", "NeverMet")]
    known, stranger = detector.score(encode(both, words))
    assert known[ORDER] != stranger[ORDER]


def evidence_of(
    detector: SequenceDetector, words: Vocabulary, calls: Sequence[Call], channel: int
) -> tuple[Evidence, str]:
    """The words for the largest contribution, and the event it lies at."""
    flow = make_flow(calls)
    encoded = encode([flow], words)
    steps = detector.explain(encoded).steps[:, channel]
    at = int(np.argmax(steps))
    assert steps[at] > 0
    return detector.evidence(encoded, Place(0, at, channel), flow, words), flow.events[
        at
    ].event_id.rpartition("-")[2]


def test_a_step_out_of_order_is_told_with_the_one_expected(
    detector: SequenceDetector, words: Vocabulary
) -> None:
    evidence, at = evidence_of(detector, words, [PUT, GET, PUBLISH], ORDER)
    assert at == "0"
    assert evidence.kind == "order"
    assert evidence.expected.startswith("GetItem on DynamoDB Stock (nearly always")
    assert evidence.seen == "PutItem on DynamoDB Orders"


def test_a_step_left_out_is_told_beside_the_hole(detector: SequenceDetector, words: Vocabulary) -> None:
    evidence, at = evidence_of(detector, words, [GET, PUBLISH], ORDER)
    assert at == "1"
    assert evidence.kind == "omission"
    assert evidence.expected.startswith("PutItem on DynamoDB Orders")
    assert evidence.seen == "Publish on SNS order-events"


def test_a_step_never_met_is_a_new_event(detector: SequenceDetector, words: Vocabulary) -> None:
    evidence, at = evidence_of(detector, words, [GET, PUT, STEAL, PUBLISH], ORDER)
    assert at == "2"
    assert evidence.kind == "new_event"
    assert evidence.seen == "PutObject on S3 loot"


def test_repeats_are_told_with_the_most_ever_seen(detector: SequenceDetector, words: Vocabulary) -> None:
    evidence, at = evidence_of(detector, words, [GET, *[PUT] * 20, PUBLISH], REPEAT)
    assert at == "3", "the first repeat past the most ever seen, which is two"
    assert evidence.kind == "count"
    assert evidence.expected.startswith("PutItem on DynamoDB Orders at most 2 times a run")
    assert evidence.seen == "20 times"


def test_the_repeat_score_lies_at_one_step(detector: SequenceDetector, words: Vocabulary) -> None:
    encoded = encode([make_flow([GET, *[PUT] * 20, PUBLISH])], words)
    steps = detector.explain(encoded).steps[:, REPEAT]
    assert np.count_nonzero(steps) == 1
    assert steps.max() == detector.score(encoded)[0, REPEAT]


def test_a_missing_array_is_a_key_error(detector: SequenceDetector) -> None:
    state = detector.state()
    del state["pairs_keys"]
    with pytest.raises(KeyError):
        SequenceDetector().restore(state)


def test_the_first_strange_step_answers_for_those_that_it_upset() -> None:
    run = encode([make_flow([], flow_id="a")], Vocabulary())  # Invocation, Overhead, and the end
    surprise = np.array([7.0, 10.0, 1.0])
    np.testing.assert_array_equal(put_down_to_causes(surprise, run), [18.0, 0.0, 0.0])
    late = np.array([1.0, 10.0, 2.0])
    np.testing.assert_array_equal(put_down_to_causes(late, run), [1.0, 12.0, 0.0])


def test_the_runtimes_own_end_is_told_as_the_end_of_the_run(
    detector: SequenceDetector, words: Vocabulary
) -> None:
    omitted, _ = evidence_of(detector, words, [GET, PUT], ORDER)
    assert (omitted.kind, omitted.seen) == ("omission", "the end of the run")
    added, _ = evidence_of(detector, words, [GET, PUT, PUBLISH, PUBLISH], ORDER)
    assert (added.kind, added.expected) == ("order", "the end of the run (nearly always at this point)")


def test_a_repeat_is_told_by_how_often_the_most_were_seen(
    detector: SequenceDetector, words: Vocabulary
) -> None:
    often, _ = evidence_of(detector, words, [GET, *[PUT] * 20, PUBLISH], REPEAT)
    assert re.search(r"at most 2 times a run \(as often in \d+ of \d+ runs\)", often.expected)
    once, _ = evidence_of(detector, words, [GET, GET, PUT, PUBLISH], REPEAT)
    assert re.search(r"at most once a run \(in \d+ runs\)", once.expected)


def test_a_step_that_nobody_ever_took_is_stranger_than_one_that_others_take() -> None:
    history = [
        *make_history(100),
        *(make_flow([STEAL], flow_id=f"t{i}", function="Thief") for i in range(100)),
    ]
    words = Vocabulary()
    learn_words(history, words)
    detector = SequenceDetector().fit(encode(history, words))
    unheard_of = ("Invoke", "Evil", "loot", 0.01)
    others, nobodys = (
        detector.score(encode([make_flow([GET, PUT, step, PUBLISH])], words))[0, ORDER]
        for step in (STEAL, unheard_of)
    )
    assert nobodys > others + 10
