"""How known triggers start functions: at once with an answer, or as an event that waits its turn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from msgspec.structs import replace

from coldtrail.detectors.detector import Place
from coldtrail.detectors.novelty import TRIGGER, NoveltyDetector
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import ASYNCHRONOUS, SYNCHRONOUS, Flow, InvocationType
from coldtrail.testing import make_flow
from tests.findings import said
from tests.verbs.telemetry_files import USUAL

TOPIC, API = "AWS::SNS orders", "AWS::ApiGateway::Stage shop/prod"


def runs(number: int, trigger: str | None, way: InvocationType | None) -> list[Flow]:
    flow = make_flow(USUAL, trigger=trigger)
    return [
        replace(flow, function_flow_id=f"{trigger} {way} {i}", invocation_type=way) for i in range(number)
    ]


def learned(*parts: Iterable[Flow]) -> tuple[NoveltyDetector, Vocabulary]:
    history = [flow for part in parts for flow in part]
    words = Vocabulary()
    learn_words(history, words)
    return NoveltyDetector().fit(encode(history, words)), words


def scores(detector: NoveltyDetector, words: Vocabulary, flows: Sequence[Flow]) -> np.ndarray:
    return detector.score(encode(flows, words))[:, TRIGGER]


def test_a_first_synchronous_start_by_what_only_ever_left_events_is_strange() -> None:
    detector, words = learned(runs(300, None, ASYNCHRONOUS), runs(300, API, SYNCHRONOUS))
    (odd,) = runs(1, None, SYNCHRONOUS)
    usual, turned, silent, strange = scores(
        detector,
        words,
        [*runs(1, None, ASYNCHRONOUS), *runs(1, API, ASYNCHRONOUS), *runs(1, API, None), odd],
    )
    assert strange > 2
    assert turned > 2, "also where somebody else does start it so"
    assert usual == silent == 0
    evidence = said(detector, encode([odd], words), Place(0, None, TRIGGER), odd, words)
    assert evidence == ("trigger", "asynchronously (in 300 runs)", "synchronously, by nobody on record")


def test_a_trigger_never_met_is_told_as_such_however_it_starts_the_run() -> None:
    detector, words = learned(runs(300, API, SYNCHRONOUS))
    (stranger,) = runs(1, TOPIC, ASYNCHRONOUS)
    assert scores(detector, words, [stranger])[0] > 2
    evidence = said(detector, encode([stranger], words), Place(0, None, TRIGGER), stranger, words)
    assert evidence.seen == TOPIC


def test_where_nobody_told_how_runs_were_started_nothing_is_said_once_somebody_does() -> None:
    detector, words = learned(runs(300, API, None))
    assert not scores(detector, words, [*runs(1, API, SYNCHRONOUS), *runs(1, API, ASYNCHRONOUS)]).any()


def test_what_starts_a_function_in_both_ways_may_do_so_again() -> None:
    detector, words = learned(runs(200, API, SYNCHRONOUS), runs(20, API, ASYNCHRONOUS))
    assert not scores(detector, words, [*runs(1, API, SYNCHRONOUS), *runs(1, API, ASYNCHRONOUS)]).any()


def test_a_few_told_starts_prove_little_however_long_the_history_is() -> None:
    detector, words = learned(runs(900, API, None), runs(4, API, SYNCHRONOUS))
    known, _ = learned(runs(904, API, SYNCHRONOUS))
    odd = runs(1, API, ASYNCHRONOUS)
    assert scores(detector, words, odd)[0] < scores(known, words, odd)[0] - 1


def test_new_triggers_are_as_strange_as_before_where_it_is_told_how_they_start() -> None:
    told, words = learned(runs(300, API, SYNCHRONOUS))
    silent, others = learned(runs(300, API, None))
    odd = runs(1, TOPIC, None)
    assert scores(told, words, odd) == scores(silent, others, odd)
