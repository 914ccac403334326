"""How often steps come, against how often they came before."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.repeats import EXACT, LEAST, Repeats, loops
from coldtrail.features.batch import Floats
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.testing import Call, make_flow
from tests.verbs.telemetry_files import GET, PUBLISH, PUT

QUERY: Call = ("Query", "DynamoDB", "Orders", 0.01)


def strangest(history: list[Flow], *flows: Flow) -> Floats:
    """(flow,) the strangest number of repeats of each flow, to what the history taught."""
    words = Vocabulary()
    learn_words(history, words)
    learned, repeats = encode(history, words), Repeats()
    repeats.fit(learned, np.ones(len(learned)))
    encoded = encode(flows, words)
    out = np.zeros(len(flows))
    np.maximum.at(out, encoded.flow_of, repeats.strangeness(encoded, loops(encoded)))
    return out


def turning(times: int, number: int = 0) -> Flow:
    return make_flow([GET, *[PUT] * times, PUBLISH], flow_id=f"f{number}")


def test_a_loop_that_turns_up_to_eight_times_may_turn_nine_times_but_not_sixty() -> None:
    history = [turning(number % 9, number) for number in range(300)]
    found = strangest(history, *map(turning, (0, 4, 8, 9, 20, 60)))
    assert not found[:4].any()
    assert LEAST < found[4] < found[5]


def test_what_always_comes_once_is_strange_twice() -> None:
    history = [turning(1, number) for number in range(300)]
    found = strangest(history, *map(turning, (1, 2, 3, 20)))
    assert found[0] == 0
    assert found[1] > np.log(300)
    assert (np.diff(found) > 0).all()


def test_a_loop_is_judged_by_the_runs_that_come_to_it_in_the_same_way() -> None:
    """Ten runs in 310 update many orders: that says nothing of the runs that update one."""
    history = [turning(1, number) for number in range(300)]
    history += [make_flow([GET, QUERY, *[PUT] * (n % 5 + 2)], flow_id=f"q{n}") for n in range(10)]
    looping, usual = make_flow([GET, QUERY, *[PUT] * 6]), make_flow([GET, *[PUT] * 6, PUBLISH])
    lost = make_flow([GET, QUERY, *[PUT] * 6], trigger=None, upstream_lost=True)
    found = strangest(history, looping, lost, usual)
    assert found[0] == found[1] == 0
    assert found[2] > np.log(300)


def test_another_trigger_is_another_way() -> None:
    history = [turning(1, number) for number in range(300)]
    history += [make_flow([GET, *[PUT] * (n % 5 + 2)], flow_id=f"t{n}", trigger=None) for n in range(10)]
    found = strangest(history, make_flow([GET, *[PUT] * 6], trigger=None), turning(6))
    assert found[0] == 0
    assert found[1] > np.log(300)


def test_a_few_runs_prove_little_about_a_few_repeats() -> None:
    history = [turning(1 + number % 3, number) for number in range(9)]
    few, many = strangest(history, turning(5), turning(30))
    assert few == 0
    assert many > LEAST


@pytest.mark.parametrize("number", [EXACT + 4, 500])
def test_large_numbers_that_differ_little_are_one(number: int) -> None:
    history = [turning(number + n % 2, n) for n in range(100)]
    found = strangest(history, turning(number), turning(10 * number))
    assert found[0] == 0
    assert found[1] > np.log(100)


def test_a_step_never_met_is_no_matter_of_counts() -> None:
    strange = make_flow([("DeleteItem", "DynamoDB", "Orders", 0.01)] * 9)
    assert not strangest([turning(1)], strange).any()
