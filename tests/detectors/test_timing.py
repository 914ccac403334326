"""What the timing detector finds slow, and how it says so."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np
import pytest

from coldtrail.assembly.span_tree import arrange
from coldtrail.detectors.detector import Place
from coldtrail.detectors.durations import TAIL_SHARE
from coldtrail.detectors.timing import CONCERN_S, EXCESS, OWN_CODE, TAIL, TOGETHER, TimingDetector
from coldtrail.features.batch import Encoded, Floats
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import NO_RESOURCE_TYPES, Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.testing import Call, make_event, make_flow
from tests.findings import said
from tests.verbs.telemetry_files import GET, PUBLISH, USUAL


@pytest.fixture(scope="module")
def detector(learned: Encoded) -> TimingDetector:
    return TimingDetector().fit(learned)


def slower(seconds: float) -> list[Call]:
    return [GET, ("PutItem", "DynamoDB", "Orders", 0.01 + seconds), PUBLISH]


def scores(detector: TimingDetector, words: Vocabulary, *runs: Sequence[Call]) -> Floats:
    return detector.score(encode([make_flow(calls) for calls in runs], words))


def test_excess_is_the_time_above_the_median_against_how_late_the_service_is_now_and_then(
    detector: TimingDetector, words: Vocabulary
) -> None:
    """No service of this history is ever late by more than is of concern."""
    (found,) = scores(detector, words, slower(4.5))
    assert found[EXCESS] == pytest.approx(4.5 / CONCERN_S, rel=0.01)
    assert found[OWN_CODE] == 0.0


def test_the_longer_a_step_takes_the_stranger(detector: TimingDetector, words: Vocabulary) -> None:
    found = scores(detector, words, *map(slower, (0.9, 1.1, 2.0, 4.5, 1e6)))
    assert not found[0].any()
    for channel in (EXCESS, TAIL):
        assert (np.diff(found[:, channel]) > 0).all()


def test_a_faster_run_is_not_strange(detector: TimingDetector, words: Vocabulary) -> None:
    usual, fast = scores(
        detector, words, USUAL, [(name, kind, target, 0.0) for name, kind, target, _ in USUAL]
    )
    assert (fast <= usual).all()


def test_the_score_lies_at_the_slow_step_and_not_at_what_holds_it(
    detector: TimingDetector, words: Vocabulary
) -> None:
    flow = make_flow(slower(4.5))
    steps, whole = detector.explain(encode([flow], words))
    assert not whole.any()
    for channel in (EXCESS, TAIL):
        assert [flow.events[i].event_name for i in np.flatnonzero(steps[:, channel])] == ["PutItem"]


def test_time_that_no_event_accounts_for_is_that_of_the_run(
    detector: TimingDetector, words: Vocabulary
) -> None:
    flow = make_flow(USUAL)
    slow = Flow(**{name: getattr(flow, name) for name in flow.__struct_fields__} | {"own_time": 9.0})
    encoded = encode([slow], words)
    steps, whole = detector.explain(encoded)
    assert whole[0, OWN_CODE] == pytest.approx(9.0, abs=0.1)
    assert not steps[:, OWN_CODE].any()
    evidence = said(detector, encoded, Place(0, None, OWN_CODE), slow, words)
    assert evidence.seen == "the run itself 9 s"


def test_the_evidence_names_the_usual_and_the_longest_time(
    detector: TimingDetector, words: Vocabulary
) -> None:
    flow = make_flow(slower(4.5))
    at = [event.event_name for event in flow.events].index("PutItem")
    evidence = said(detector, encode([flow], words), Place(0, at, EXCESS), flow, words)
    assert evidence.kind == "duration"
    assert evidence.expected.startswith("PutItem on DynamoDB Orders about 10")
    assert "at most" in evidence.expected
    assert evidence.seen == "PutItem on DynamoDB Orders 4.51 s"


def test_cold_runs_are_compared_with_cold_runs() -> None:
    def run(number: int, cold: bool) -> Flow:
        return make_flow(
            [("GetItem", "DynamoDB", "Stock", 2.0 if cold else 0.01)], flow_id=f"r{number}", cold=cold
        )

    history = [run(number, number % 4 == 0) for number in range(400)]
    words = Vocabulary()
    learn_words(history, words)
    detector = TimingDetector().fit(encode(history, words))
    slow = [make_flow([("GetItem", "DynamoDB", "Stock", 2.0)], cold=cold) for cold in (True, False)]
    cold, warm = detector.score(encode(slow, words))
    assert cold[EXCESS] < 0.01
    assert warm[EXCESS] == pytest.approx(1.99 / CONCERN_S, rel=0.01)


def test_a_step_never_met_is_compared_with_all_steps(detector: TimingDetector, words: Vocabulary) -> None:
    brief, long = scores(detector, words, [("X", "Y", "z", 0.01)], [("X", "Y", "z", 60.0)])
    assert brief[EXCESS] < 0.1
    assert long[EXCESS] == pytest.approx(60.0 / CONCERN_S, rel=0.01)


def test_a_seldom_cold_function_is_judged_by_the_starts_of_all() -> None:
    """Five cold starts of its own say little; sixty of others say that five seconds are nothing strange."""
    flows = []
    for number in range(60):
        slow = 4.4 if number % 10 == 0 else 0.0
        flows.append(cold_flow(f"o{number}", "Often", 0.4 + slow))
    flows += [cold_flow(f"s{number}", "Seldom", 0.4) for number in range(5)]
    words = Vocabulary()
    learn_words(flows, words)
    detector = TimingDetector().fit(encode(flows, words))
    strange = cold_flow("x", "Seldom", 4.7)
    encoded = encode([strange], words)
    assert 0 < detector.score(encoded)[0, TAIL] < -math.log(TAIL_SHARE)
    evidence = said(detector, encoded, Place(0, 0, TAIL), strange, words)
    assert "in 65 starts of any function" in evidence.expected


def cold_flow(flow_id: str, function: str, seconds: float) -> Flow:
    """A run whose instance took so long to start."""
    events = [
        make_event(
            event_id=f"{flow_id}-{name}",
            event_name=name,
            event_type="lifecycle",
            start_time=start,
            end_time=end,
        )
        for name, start, end in (("Initialization", 10.0 - seconds, 10.0), ("Invocation", 10.0, 10.1))
    ]
    line = arrange(events, 10.0, 10.1)
    return Flow("shop", "t", function, flow_id, *line[3:5], *line[:3], line[5], cold_start=True)


def test_a_start_must_be_three_seconds_late() -> None:
    words = Vocabulary()
    flows = [cold_flow(f"o{number}", "Often", 0.4) for number in range(60)]
    learn_words(flows, words)
    detector = TimingDetector().fit(encode(flows, words))
    late = [cold_flow("a", "Often", 3.3), cold_flow("b", "Often", 3.5)]
    scores = detector.score(encode(late, words))
    assert not scores[0].any()
    assert (scores[1, :TOGETHER] > 0).all()


def test_a_call_must_be_a_second_late_and_own_code_a_quarter() -> None:
    words = Vocabulary()
    flows = [own_code_flow(f"o{number}", 0.1) for number in range(60)]
    learn_words(flows, words)
    detector = TimingDetector().fit(encode(flows, words))
    late = [own_code_flow("a", 0.3), own_code_flow("b", 0.4)]
    found = detector.score(encode(late, words))
    assert not found[0].any()
    assert found[1, OWN_CODE] == pytest.approx(0.3, abs=0.01)
    assert found[1, TAIL] > 0


def own_code_flow(flow_id: str, seconds: float) -> Flow:
    """A run of nothing but the function's own code."""
    event = make_event(
        event_name="Invocation", event_type="lifecycle", start_time=10.0, end_time=10.0 + seconds
    )
    line = arrange([event], 10.0, 10.0 + seconds)
    return Flow("shop", "t", "Order", flow_id, *line[3:5], *line[:3], line[5])


def late(detector: TimingDetector, words: Vocabulary, get_s: float, put_s: float, publish_s: float) -> Floats:
    """The scores of a run whose calls take so many seconds longer."""
    calls = [(*call[:3], call[3] + more) for call, more in zip(USUAL, (get_s, put_s, publish_s), strict=True)]
    return scores(detector, words, calls)[0]


def test_calls_of_several_services_that_are_a_little_late_add_up(
    detector: TimingDetector, words: Vocabulary
) -> None:
    """Of each service the latest call counts, and the latest service does not: it may have a slow day."""
    assert not late(detector, words, 0.0, 0.0, 0.9).any()
    assert not late(detector, words, 0.6, 0.8, 0.0).any()
    assert not late(detector, words, 0.2, 0.0, 0.9).any()
    found = late(detector, words, 0.5, 0.3, 0.9)
    assert found.tolist() == [0.0, 0.0, pytest.approx(0.5, abs=0.02), 0.0]


def test_what_adds_up_is_told_at_each_call_that_adds_to_it(
    detector: TimingDetector, words: Vocabulary
) -> None:
    calls = [(*call[:3], call[3] + more) for call, more in zip(USUAL, (0.5, 0.0, 0.9), strict=True)]
    flow = make_flow(calls)
    one = encode([flow], words)
    shares = detector.explain(one).steps[:, TOGETHER]
    assert shares.sum() == pytest.approx(detector.score(one)[0, TOGETHER])
    assert np.flatnonzero(shares).tolist() == [1, 3]
    assert shares[3] / shares[1] == pytest.approx(0.9 / 0.5, rel=0.05)
    told = said(detector, one, Place(0, 1, TOGETHER), flow, words)
    assert (told.kind, told.seen[:4]) == ("duration", "GetI")


def test_how_long_a_call_takes_that_fails_is_neither_learned_nor_evidence() -> None:
    words = Vocabulary()
    plain = [make_flow(USUAL, flow_id=f"o{number}") for number in range(60)]
    timed_out = [failing(flow, 5.0) for flow in (*plain, *plain[:20])]
    learn_words(plain, words)
    without = TimingDetector().fit(encode(plain, words))
    detector = TimingDetector().fit(encode([*plain, *timed_out], words))
    slow = [make_flow([(*USUAL[0][:3], 5.0), *USUAL[1:]])]
    found = detector.score(encode(slow, words))
    assert found[0, EXCESS] == pytest.approx(without.score(encode(slow, words))[0, EXCESS], rel=0.01)
    assert not detector.score(encode([failing(slow[0], 5.0)], words)).any()


def failing(flow: Flow, seconds: float) -> Flow:
    """The run with a first call that fails after so many seconds."""
    at = next(place for place, event in enumerate(flow.events) if event.event_type not in NO_RESOURCE_TYPES)
    events = list(flow.events)
    events[at] = msgspec.structs.replace(events[at], error=True)
    times = list(flow.self_times)
    times[at] = seconds
    return msgspec.structs.replace(flow, events=tuple(events), self_times=tuple(times))


def test_a_slow_partner_excuses_no_other_service() -> None:
    """One partner is 6 s late in 1 of 50 calls: 4 s are nothing there, and as strange as ever elsewhere."""

    def run(number: int, partner_s: float = 0.0, table_s: float = 0.0) -> Flow:
        late = 6.0 if number % 50 == 7 else 0.0
        calls = [
            ("POST", "remote", "api.partner.example", 0.1 + late + partner_s),
            ("GetItem", "DynamoDB", "Stock", 0.01 + table_s),
        ]
        return make_flow(calls, flow_id=f"r{number}")

    history = [run(number) for number in range(1000)]
    words = Vocabulary()
    learn_words(history, words)
    detector = TimingDetector().fit(encode(history, words))
    partner, table = detector.score(encode([run(1, partner_s=4.0), run(1, table_s=4.0)], words))
    assert partner[EXCESS] < 1.0
    assert table[EXCESS] > 10.0
