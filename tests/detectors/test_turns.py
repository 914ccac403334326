"""Loops whose number of turns varies are read as one step; all else stays in the order."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.detectors.sequence import SequenceDetector
from coldtrail.detectors.turns import Said, Turns
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.testing import Call, make_flow
from tests.verbs.telemetry_files import GET, PUBLISH, PUT

START = -3
runs = st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=8), min_size=1, max_size=6)


def said(*runs: list[int]) -> Said:
    token = np.array([step for run in runs for step in run], np.int64)
    place = np.array([place for run in runs for place in range(len(run))], np.int64)
    return Said(token, np.ones(len(token), np.int64), place)


def learned_from(*runs: list[int]) -> Turns:
    """Of runs that weigh the same."""
    return Turns().fit(said(*runs), np.ones(sum(map(len, runs))))


def one_before(turns: Turns, run: list[int]) -> list[int]:
    return turns.before(said(run), 1, START)[0].tolist()


def two_before(turns: Turns, run: list[int]) -> list[int]:
    return turns.before(said(run), 2, START)[1].tolist()


def test_what_precedes_a_loop_of_varying_turns_stands_before_each_turn() -> None:
    turns = learned_from([1, 2, 3], [1, 2, 2, 2, 3])
    assert one_before(turns, [1, 2, 2, 2, 2, 3]) == [START, 1, 2, 2, 2, 2]
    assert two_before(turns, [1, 2, 2, 2, 2, 3]) == [START, START, 1, 1, 1, 1]


def test_a_step_that_always_comes_twice_stays_in_the_order() -> None:
    turns = learned_from([1, 2, 2, 3], [1, 2, 2, 3])
    assert two_before(turns, [1, 2, 2, 3]) == [START, START, 1, 2]


def test_turns_vary_by_what_came_before_them() -> None:
    turns = learned_from([1, 2, 3], [1, 2, 2, 3], [4, 2, 2, 3], [4, 2, 2, 3])
    assert two_before(turns, [1, 2, 2, 3]) == [START, START, 1, 1]
    assert two_before(turns, [4, 2, 2, 3]) == [START, START, 4, 2]


def test_a_stray_run_in_hundreds_makes_no_turns_vary() -> None:
    often, once = [[1, 2, 2, 3]], [[1, 2, 3]]
    weights = np.repeat([300.0, 1.0], [4, 3])
    assert not len(Turns().fit(said(*often, *once), weights).varying_)
    assert len(Turns().fit(said(*often, *once), np.repeat([30.0, 1.0], [4, 3])).varying_) == 1


def test_another_functions_loop_says_nothing() -> None:
    turns = learned_from([1, 2, 3], [1, 2, 2, 3])
    other = said([1, 2, 2, 3])._replace(function=np.full(4, 2, np.int64))
    assert turns.before(other, 2, START)[1].tolist() == [START, START, 1, 2]


@given(learned=runs, read=runs)
def test_without_loops_and_across_runs_what_stands_before_is_what_was_said(
    learned: list[list[int]], read: list[list[int]]
) -> None:
    turns = learned_from(*learned)
    before = turns.before(said(*read), 3, START)
    alone = [turns.before(said(run), 3, START) for run in read]
    for back in range(3):
        assert before[back].tolist() == [token for one in alone for token in one[back].tolist()]
    plain = Turns().before(said(*read), 1, START)[0].tolist()
    assert before[0].tolist() == plain
    assert plain == [token for run in read for token in [START, *run[:-1]]]


@given(learned=runs)
def test_what_was_learned_outlasts_a_rest(learned: list[list[int]]) -> None:
    turns = learned_from(*learned)
    again = Turns().restore(turns.state())
    assert again.varying_.tolist() == turns.varying_.tolist()


def order(learned: list[list[Call]], judged: list[Call]) -> float:
    words = Vocabulary()
    flows = [make_flow(calls, flow_id=str(i)) for i, calls in enumerate(learned)]
    learn_words(flows, words)
    detector = SequenceDetector().fit(encode(flows, words))
    return float(detector.score(encode([make_flow(judged)], words))[0, 0])


def test_a_loop_that_turns_more_often_than_ever_is_no_strange_order() -> None:
    varying = [[GET, PUT, PUBLISH], [GET, PUT, PUT, PUT, PUBLISH]] * 20
    assert order(varying, [GET, *[PUT] * 9, PUBLISH]) < order(varying, [GET, PUT, PUT, PUT, PUBLISH]) + 0.1


def test_a_second_coming_left_out_is_a_strange_order() -> None:
    always_twice = [[GET, PUT, PUT, PUBLISH]] * 40
    assert order(always_twice, [GET, PUT, PUBLISH]) > order(always_twice, always_twice[0]) + 3.0


def test_a_run_that_broke_off_once_does_not_hide_a_second_coming_left_out() -> None:
    nearly_always_twice = [[GET, PUT, PUT, PUBLISH]] * 150 + [[GET, PUT]]
    usual = order(nearly_always_twice, nearly_always_twice[0])
    assert order(nearly_always_twice, [GET, PUT, PUBLISH]) > usual + 6.0
