"""What the sequence detector finds strange, and how it says so."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from random import Random

import numpy as np
import pytest
from msgspec.structs import replace

from coldtrail.assembly.span_tree import arrange
from coldtrail.detectors.detector import Place
from coldtrail.detectors.reading import Positions
from coldtrail.detectors.sequence import SequenceDetector
from coldtrail.features.batch import Encoded, Floats
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.testing import Call, make_flow, make_history
from tests.findings import Said, said
from tests.verbs.telemetry_files import GET, PUBLISH, PUT, STEAL, USUAL

ORDER, REPEAT = ([one.name for one in SequenceDetector.channels].index(name) for name in ("order", "repeat"))
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
    assert repeats[:2] == [0.0, 0.0], "one run in ten takes it twice"
    assert repeats[1:] == sorted(set(repeats))


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
) -> tuple[Said, str]:
    """The words for the largest contribution, and the event it lies at."""
    flow = make_flow(calls)
    encoded = encode([flow], words)
    steps = detector.explain(encoded).steps[:, channel]
    at = int(np.argmax(steps))
    assert steps[at] > 0
    evidence = said(detector, encoded, Place(0, at, channel), flow, words)
    return evidence, flow.events[at].event_id.rpartition("-")[2]


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


def test_the_runtimes_own_end_is_told_as_the_end_of_the_run(
    detector: SequenceDetector, words: Vocabulary
) -> None:
    omitted, _ = evidence_of(detector, words, [GET, PUT], ORDER)
    assert (omitted.kind, omitted.seen) == ("omission", "the end of the run")
    added, _ = evidence_of(detector, words, [GET, PUT, PUBLISH, PUBLISH], ORDER)
    assert (added.kind, added.expected) == ("order", "the end of the run (nearly always at this point)")


def test_a_run_that_failed_is_told_as_failed(detector: SequenceDetector, words: Vocabulary) -> None:
    flow = make_flow([GET], error=True)
    wrong = replace(flow, events=tuple(replace(one, error=one.event_id == "f-i") for one in flow.events))
    evidence = said(detector, encode([wrong], words), Place(0, None, ORDER), wrong, words)
    assert evidence.seen == "the run failed and ended"
    assert re.search(r"at this point\); failed in \d+ of \d+ runs$", evidence.expected)


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


def learned_from(history: list[Flow]) -> tuple[SequenceDetector, Vocabulary]:
    words = Vocabulary()
    learn_words(history, words)
    return SequenceDetector().fit(encode(history, words)), words


def orders(history: list[Flow], *flows: Flow) -> list[float]:
    """How strange the orders of flows are to what a history taught."""
    detector, words = learned_from(history)
    return [float(one) for one in detector.score(encode(flows, words))[:, ORDER]]


FAN = [(name, "DynamoDB", f"T{i}", 0.05) for i, name in enumerate(("GetItem", "Query", "Scan", "PutItem"))]


def fan(random: Random, calls: Sequence[Call], number: int = 0) -> Flow:
    """A run that makes calls at once, in any order, and then publishes."""
    flow = make_flow([*calls, PUBLISH], flow_id=f"f{number}")
    begin = min(event.start_time for event in flow.events if event.event_type != "lifecycle")
    at_once = []
    for event in flow.events:
        if event.event_type == "DynamoDB":
            start = begin + 0.01 * random.random()
            event = replace(event, start_time=start, end_time=start + 0.05)
        at_once.append(event)
    line = arrange(at_once, flow.start_time, flow.end_time)
    return replace(flow, events=line.events, depths=line.depths, self_times=line.self_times)


def test_the_order_of_calls_made_at_once_says_nothing_and_a_missing_one_does() -> None:
    random = Random(4)
    history = [fan(random, FAN, number) for number in range(100)]
    *usual, short = orders(history, *(fan(random, FAN) for _ in range(9)), fan(random, FAN[:2] + FAN[3:]))
    assert max(usual) < 1.0
    assert short > 15.0


def test_a_loop_surprises_once() -> None:
    block = [GET, PUT]
    history = [make_flow([*block * (4 + n % 5), PUBLISH], flow_id=f"l{n}") for n in range(100)]
    few, many = orders(history, make_flow([*block * 4, PUBLISH]), make_flow([*block * 40, PUBLISH]))
    assert many == pytest.approx(few)


def failing(calls: Sequence[Call], *failed: int, run: bool = False, number: int = 0) -> Flow:
    """A run whose calls at some places failed, and with them perhaps the run."""
    flow = make_flow(calls, flow_id=f"x{number}", error=run)
    wrong = {f"x{number}-{place}" for place in failed}
    events = tuple(replace(event, error=event.event_id in wrong) for event in flow.events)
    return replace(flow, events=events)


def often_failing() -> list[Flow]:
    """Each tenth run fails at its second call; at some it is tried again, at others the run ends."""
    history = [failing(USUAL, number=n) for n in range(180)]
    history += [failing([GET, PUT, PUT, PUBLISH], 1, number=n) for n in range(180, 190)]
    return history + [failing([GET, PUT], 1, run=True, number=n) for n in range(190, 200)]


def test_a_failed_call_that_is_tried_again_is_one_step() -> None:
    usual, again, thrice, twice = orders(
        often_failing(),
        failing(USUAL),
        failing([GET, PUT, PUT, PUBLISH], 1),
        failing([GET, PUT, PUT, PUT, PUBLISH], 1, 2),
        failing([GET, PUT, PUT, PUBLISH]),
    )
    assert usual <= again < 5.0
    assert thrice == pytest.approx(again)
    assert twice > 3 * again, "a call that succeeds needs no second one"


def test_a_run_that_failed_may_end_where_none_ended_before() -> None:
    failed, cut = orders(often_failing(), failing([GET], 0, run=True), failing([GET]))
    assert failed < 12.0 < cut


def test_a_call_that_never_failed_is_strange_when_it_does() -> None:
    never = [failing(USUAL, number=n) for n in range(2000)]
    (first,) = orders(never, failing(USUAL, 1))
    often = [failing(USUAL, *([1] if n % 5 == 0 else []), number=n) for n in range(200)]
    (known,) = orders(often, failing(USUAL, 1))
    assert first > 7.0
    assert known < 3.0


def test_what_is_known_to_follow_a_failure_may_not_be_left_out() -> None:
    """The failure is handled, and the run goes on: that it ends there is no less strange for it."""
    often = [failing(USUAL, *([1] if n % 5 == 0 else []), number=n) for n in range(200)]
    handled, cut = orders(often, failing(USUAL, 1), failing([GET, PUT], 1))
    assert cut > handled + 7.0


def test_what_others_do_once_they_failed_is_less_strange() -> None:
    report = ("Invoke", "Lambda", "error-handler", 0.01)
    history = [failing(USUAL, number=n) for n in range(100)]
    others = [
        replace(failing([GET, report], run=True, number=n), function_name="Other") for n in range(200, 220)
    ]
    alone = orders(history, failing([GET, report], run=True))[0]
    assert orders(history + others, failing([GET, report], run=True))[0] < alone - 10.0


def test_a_path_that_belongs_to_another_trigger_is_strange() -> None:
    history = [make_flow([GET, PUT], flow_id=f"a{n}") for n in range(100)]
    history += [make_flow([PUT, GET], flow_id=f"t{n}", trigger=None) for n in range(100)]
    mine, other = orders(history, make_flow([GET, PUT]), make_flow([PUT, GET]))
    assert mine < 0.1
    assert other > 4.0


def test_an_interrupted_chain_leans_on_shorter_ones_by_half_a_run() -> None:
    """By hand: each of the three contexts passes on half a run of its hundred.

    The shortest knows `Overhead` as one of five tokens, in 100 of 500 places, as does that of all functions;
    a token is one of six before anything is known.
    """
    history = [make_flow([GET, PUT], flow_id=f"a{n}") for n in range(100)]
    (left_out,) = orders(history, make_flow([GET]))
    chance = 1 / 6
    for _ in ("anything", "the function"):
        chance = (100 - 0.5 + 0.5 * 5 * chance) / 500
    for _ in ("one step", "two", "three"):
        chance *= 0.5 / 100
    assert left_out == pytest.approx(-math.log(chance), abs=0.05)


def test_no_function_is_taken_for_another_in_another_place() -> None:
    """Contexts of different lengths share a table; with a small seed, some functions undid it."""
    functions, words = np.repeat(np.arange(1, 60), 60), np.tile(np.arange(1, 61), 59)
    none = np.zeros(len(words), np.bool_)
    contexts = Positions(words, functions, words, (words, words, words), none, none, none, words).contexts
    _, alone, pair, *_ = (set(context.tolist()) for context in contexts)
    assert len(alone) == 59
    assert len(pair) == 59 * 60
    assert not alone & pair


def test_a_run_may_fail_in_the_midst_of_what_it_makes_at_once() -> None:
    """Nothing tells which of the calls are kept back: none of them has its place after another."""

    def fan(calls: Sequence[Call], number: int, *, failed: bool = False) -> Flow:
        flow = make_flow(calls, flow_id=f"f{number}", error=failed)
        begin, end = flow.start_time + 0.001, flow.start_time + 0.1
        events = [
            replace(one, start_time=begin, end_time=end) if one.event_parent_id else one
            for one in flow.events
        ]
        return replace(flow, events=tuple(events))

    failed = [make_flow([USUAL[0]], flow_id=f"e{n}", error=True) for n in range(10)]
    history = [*(fan(USUAL, n) for n in range(300)), *failed]
    kept_back, out_of_order = orders(
        history, fan([USUAL[0], USUAL[2]], 901, failed=True), fan([USUAL[0], USUAL[2]], 902)
    )
    assert kept_back < 6.0 < out_of_order
    in_a_row = [*(make_flow(USUAL, flow_id=f"r{n}") for n in range(300)), *failed]
    (jumped,) = orders(in_a_row, make_flow([USUAL[0], USUAL[2]], error=True))
    assert jumped > 6.0
