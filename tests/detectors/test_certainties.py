"""What always comes with something."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import numpy as np
import pytest
from msgspec.structs import replace

from coldtrail.detectors import certainties as of_steps
from coldtrail.detectors.certainties import LEAST_AGAIN, LEAST_RUNS, Certainties
from coldtrail.detectors.pairs import BEFORE, MOST_TURNS, WITH
from coldtrail.detectors.reading import broken_runs
from coldtrail.features.batch import Encoded
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.testing import Call, make_flow
from tests.verbs.telemetry_files import GET, PUBLISH, PUT

QUERY: Call = ("Query", "DynamoDB", "Orders", 0.01)


def runs(calls: Sequence[Call], number: int, mark: str = "f", function: str = "Order") -> list[Flow]:
    return [make_flow(calls, flow_id=f"{mark}{n}", function=function) for n in range(number)]


def failing(calls: Sequence[Call], at: int) -> Flow:
    """A run that failed with one of its calls."""
    flow = make_flow(calls, error=True)
    wrong = f"{flow.function_flow_id}-{at}"
    return replace(flow, events=tuple(replace(one, error=one.event_id == wrong) for one in flow.events))


def taught(history: Sequence[Flow], weight: float = 1.0) -> tuple[Certainties, Vocabulary]:
    words = Vocabulary()
    learn_words(history, words)
    certainties = Certainties()
    certainties.fit(encode(history, words), np.ones(len(history)), weight)
    return certainties, words


def left_out(history: Sequence[Flow], flow: Flow) -> set[str]:
    """The names of the certain steps that a run left out."""
    certainties, words = taught(history)
    return {words.steps[step][0] for step in certainties.left_out(encode([flow], words)).step.tolist()}


def chance(history: Sequence[Flow], flow: Flow) -> float:
    certainties, words = taught(history)
    return float(10.0 ** -certainties.left_out(encode([flow], words)).strangeness.max(initial=0.0))


@pytest.mark.parametrize(
    ("calls", "missing"),
    [
        ([GET, PUT, PUBLISH], set()),
        ([GET, PUBLISH], {"PutItem"}),
        ([PUT, PUBLISH], {"GetItem"}),
        ([GET, PUT], {"Publish"}),
        ([GET, GET, PUT, PUT, PUBLISH], set()),
        ([PUT, GET, PUBLISH], {"GetItem"}),
    ],
)
def test_what_always_came_is_missed_and_so_is_its_place_before_another(
    calls: list[Call], missing: set[str]
) -> None:
    assert left_out(runs([GET, PUT, PUBLISH], 60), make_flow(calls)) == missing


def test_what_is_optional_is_not_missed() -> None:
    history = runs([GET, PUT, PUBLISH], 60) + runs([GET, PUBLISH], 2, "short")
    assert left_out(history, make_flow([GET, PUBLISH])) == set()


def test_each_branch_has_its_own_certainties() -> None:
    history = runs([GET, PUT, PUBLISH], 60) + runs([GET, QUERY], 60, "other")
    assert left_out(history, make_flow([GET, PUT])) == {"Publish"}
    assert left_out(history, make_flow([GET])) == set()
    assert left_out(history, make_flow([QUERY])) == {"GetItem"}


def test_too_few_runs_make_nothing_certain() -> None:
    enough = int(LEAST_RUNS)
    assert left_out(runs([GET, PUT], enough - 1), make_flow([GET])) == set()
    assert left_out(runs([GET, PUT], enough), make_flow([GET])) == {"PutItem"}


@pytest.mark.parametrize(
    ("calls", "missing"),
    [([GET, GET, PUT], {}), ([GET, PUT], {("GetItem", 2)}), ([GET, PUT, GET], {("GetItem", 2)})],
)
def test_half_of_a_pair_of_equal_steps_is_missed(
    calls: list[Call], missing: dict[tuple[str, int], int]
) -> None:
    certainties, words = taught(runs([GET, GET, PUT], 60))
    left = certainties.left_out(encode([make_flow(calls)], words))
    assert {(words.steps[step][0], turn) for step, turn in zip(left.step, left.turn, strict=True)} == {
        *missing
    }


def test_a_step_of_one_turn_of_a_loop_is_missed() -> None:
    history = runs([QUERY, *[GET, PUT] * 2], 60) + runs([QUERY, *[GET, PUT] * 3], 60, "three")
    assert left_out(history, make_flow([QUERY, GET, PUT, PUT])) == {"GetItem"}
    assert left_out(history, make_flow([QUERY, *[GET, PUT] * 2, PUT])) == {"GetItem"}
    assert left_out(history, make_flow([QUERY, *[GET, PUT] * 3])) == set()


def test_what_comes_again_in_some_runs_only_is_not_missed() -> None:
    history = runs([GET, GET, PUT], 60) + runs([GET, PUT], 60, "one")
    assert left_out(history, make_flow([GET, PUT])) == set()


def test_what_comes_again_must_have_come_more_often() -> None:
    enough = int(LEAST_AGAIN)
    assert left_out(runs([GET, GET, PUT], enough - 1), make_flow([GET, PUT])) == set()
    assert left_out(runs([GET, GET, PUT], enough), make_flow([GET, PUT])) == {"GetItem"}


def test_of_a_long_loop_the_first_turns_are_told_apart() -> None:
    certainties, words = taught(runs([GET] * 4 * MOST_TURNS, 60))
    assert certainties.turns.max() == MOST_TURNS
    left = certainties.left_out(encode([make_flow([GET] * (MOST_TURNS - 1))], words))
    assert set(left.turn.tolist()) == {MOST_TURNS}


def test_functions_without_pairs_prove_nothing_of_those_that_have_some() -> None:
    paired = runs([GET, GET, PUT], 60)
    straight = [flow for n in range(40) for flow in runs([QUERY, PUT], 65, f"m{n}-", f"F{n}")]
    short = make_flow([GET, PUT])
    assert chance(paired + straight, short) == pytest.approx(chance(paired, short))


def test_a_failure_excuses_what_is_missing_after_it_and_nothing_before() -> None:
    history = runs([GET, PUT, PUBLISH], 60)
    assert left_out(history, failing([GET], 0)) == set()
    assert left_out(history, failing([GET, PUT], 1)) == set()
    assert left_out(history, failing([GET, PUBLISH], 1)) == {"PutItem"}


def test_a_run_that_failed_in_its_own_code_can_have_failed_from_its_last_call_on() -> None:
    history = runs([GET, PUT, PUBLISH], 60)
    assert left_out(history, make_flow([GET], error=True)) == set()
    assert left_out(history, make_flow([GET, PUT], error=True)) == set()
    assert left_out(history, make_flow([], error=True)) == set()
    assert left_out(history, make_flow([GET, PUBLISH], error=True)) == {"PutItem"}


def at_once(flow: Flow) -> Flow:
    """The run with its calls all begun together."""
    events = [
        replace(one, start_time=flow.start_time + 0.001, end_time=flow.start_time + 0.1)
        if one.event_parent_id
        else one
        for one in flow.events
    ]
    return replace(flow, events=tuple(events))


def test_of_calls_made_at_once_a_failure_may_keep_back_any() -> None:
    history = [at_once(one) for one in runs([GET, PUT, PUBLISH], 60)]
    assert left_out(history, failing([PUBLISH], 0)) == set()
    assert left_out(history, at_once(make_flow([PUT, PUBLISH]))) == {"GetItem"}
    assert left_out(runs([GET, PUT, PUBLISH], 60), failing([PUBLISH], 0)) == {"PutItem"}


def test_runs_in_which_something_failed_are_broken() -> None:
    flows = [make_flow([GET]), make_flow([GET], error=True), replace(failing([GET], 0), error=False)]
    assert broken_runs(encoded_alone(flows)).tolist() == [False, True, True]


def encoded_alone(flows: Sequence[Flow]) -> Encoded:
    words = Vocabulary()
    learn_words(flows, words)
    return encode(flows, words)


def test_the_chance_follows_from_how_often_a_run_was_the_first_without_a_step() -> None:
    """What held in few runs broke twice; that says nothing of what held in hundreds, but not the reverse."""
    short = make_flow([GET, PUT])
    history = runs([GET, PUT, PUBLISH], 600)
    calm = chance(history, short)
    assert calm < 0.001
    other = runs([GET, QUERY, PUT], 25, "q", "Quiet")
    once = [make_flow([GET, PUT], flow_id="quiet", function="Quiet")]
    assert chance(history + other + once, short) == pytest.approx(calm, rel=0.1)
    quiet = make_flow([QUERY, PUT], function="Quiet")
    assert chance(history + other + once, quiet) > 5 * chance(history + other, quiet)


def test_quiet_functions_lend_each_other_what_they_prove() -> None:
    alone = runs([GET, PUT, PUBLISH], 65)
    many = [flow for n in range(40) for flow in runs([GET, PUT, PUBLISH], 65, f"m{n}-", f"F{n}")]
    short = make_flow([GET, PUBLISH])
    assert chance(alone, short) == pytest.approx(0.5 / 66)
    assert chance(alone + many, short) < 0.001


def test_no_history_proves_more_than_half_a_run_of_it() -> None:
    short = make_flow([GET, PUBLISH])
    assert chance(runs([GET, PUT, PUBLISH], 160), short) > 0.003
    assert chance(runs([GET, PUT, PUBLISH], 170), short) < 0.003


def test_kinds_and_functions_never_share_a_key() -> None:
    """With small numbers mixed into close ones, certainties of one function met those of another."""
    history = [flow for n in range(40) for flow in runs([GET, PUT, PUBLISH], 12, f"m{n}-", f"F{n}")]
    certainties, words = taught(history)
    encoded = encode([make_flow([GET, PUT, PUBLISH], function=f"F{n}") for n in range(40)], words)
    assert not len(certainties.left_out(encoded).flow)
    each = len(certainties.keys) // 40
    assert len(certainties.keys) == 40 * each
    assert each > 3 * (WITH + BEFORE + 1)


def test_a_missing_step_is_placed_where_it_most_often_stood() -> None:
    certainties, words = taught(runs([GET, PUT, PUBLISH], 60))
    flows = encode([make_flow([GET, PUBLISH]), make_flow([GET, PUT])], words)
    put, publish = (
        words.steps.words.index(step) + 1 for step in words.steps.words if step[0] in ("PutItem", "Publish")
    )
    both, missing = np.array([0, 1]), np.array([put, publish])
    assert certainties.places_of(flows, both, missing).tolist() == [2, 3]
    assert certainties.places_of(flows, both[1:], missing[1:]).tolist() == [3]


def test_what_was_learned_survives_being_stored() -> None:
    history = runs([GET, PUT, PUBLISH], 60)
    certainties, words = taught(history)
    again = Certainties()
    again.restore(certainties.state())
    flows = encode([make_flow([GET, PUBLISH])], words)
    assert again.left_out(flows).strangeness.tolist() == certainties.left_out(flows).strangeness.tolist()


def test_what_a_part_of_the_runs_rules_out_is_what_all_of_them_do(monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(7)
    lanes: list[Call] = [("SendMessage", "SQS", f"lane-{name}", 0.01) for name in "abc"]
    history = runs([GET, PUT, PUBLISH], 40, "g", "Pay")
    for number in range(300):
        turns = [random.choice(lanes) for _ in range(random.randint(1, 9))]
        ends = [PUT, PUBLISH] if number != 20 else [PUBLISH]
        history += runs([GET, *turns, *ends], 1, f"l{number}-")
    found, _ = taught(history, weight=0.5)
    monkeypatch.setattr(of_steps, "FIRST_ASKED", ())
    every, _ = taught(history, weight=0.5)
    for name, array in found.state().items():
        assert np.array_equal(array, every.state()[name]), name
    assert len(found.keys)
