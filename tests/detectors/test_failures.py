"""How often calls and runs fail."""

from __future__ import annotations

import math
from dataclasses import replace as as_data

import numpy as np
import pytest
from msgspec.structs import replace

from coldtrail.detectors.failures import Failures
from coldtrail.features.batch import Encoded
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Event, Flow
from coldtrail.testing import make_flow
from tests.verbs.telemetry_files import GET, PUT


def run(failed: bool, number: int = 0, function: str = "Order") -> Flow:
    """A run whose first call failed, and the run with it, or neither."""
    flow = make_flow([GET, PUT], flow_id=f"f{number}", function=function, error=failed)
    wrong = {f"f{number}-0", f"f{number}-i"} if failed else set()
    return replace(flow, events=tuple(replace(one, error=one.event_id in wrong) for one in flow.events))


def taught(*flows: Flow, weight: float = 1.0) -> tuple[Failures, Vocabulary]:
    words = Vocabulary()
    learn_words(flows, words)
    failures = Failures()
    encoded = encode(flows, words)
    failures.fit(encoded, np.full(len(flows), weight))
    return failures, words


def some(failed: int, of: int, function: str = "Order") -> list[Flow]:
    return [run(n < failed, n, function) for n in range(of)]


def some_broken(failed: int, of: int, function: str = "Order") -> list[Flow]:
    """Runs that failed though no call did, and others."""
    return [make_flow([GET, PUT], flow_id=f"f{n}", function=function, error=n < failed) for n in range(of)]


def told(failures: Failures, encoded: Encoded) -> tuple[list[float], float]:
    steps, whole = failures.surprise(encoded)
    return steps.tolist(), float(whole[0])


def total(failures: Failures, encoded: Encoded) -> float:
    steps, whole = told(failures, encoded)
    return sum(steps) + whole


def test_nothing_that_succeeds_is_strange() -> None:
    failures, words = taught(*some(0, 50))
    assert told(failures, encode([run(False)], words)) == ([0.0] * 4, 0.0)


def test_a_failure_is_as_strange_as_it_is_rare_and_told_where_it_lies() -> None:
    failures, words = taught(*some(100, 1000))
    steps, whole = told(failures, encode([run(True)], words))
    assert steps[0] == steps[2] == steps[3] == 0.0, "that of what holds the call only repeats it"
    assert steps[1] == pytest.approx(math.log(10), abs=0.05)
    assert whole == 0.0, "the run failed because the call did"


def test_a_run_that_fails_without_a_call_is_as_strange_as_that_is_rare() -> None:
    history = some_broken(100, 1000)
    failures, words = taught(*history)
    steps, whole = told(failures, encode([history[0]], words))
    assert not any(steps)
    assert whole == pytest.approx(math.log(10), abs=0.05)


@pytest.mark.parametrize("runs", [10, 50, 1000])
def test_a_first_failure_is_no_stranger_than_so_few_runs_can_prove(runs: int) -> None:
    failures, words = taught(*some(0, runs), *some(0, 5000, "Other"))
    steps, whole = told(failures, encode([run(True)], words))
    assert sum(steps) + whole <= math.log(runs + 2) + 1e-9
    assert sum(steps) > math.log(runs + 2) - 0.01, "nobody ever fails here"


def test_a_quiet_function_leans_on_all() -> None:
    quiet = some_broken(0, 200, "Quiet")
    calm, words = taught(*some_broken(0, 1000), *quiet)
    wild, other_words = taught(*some_broken(500, 1000), *quiet)
    strange = some_broken(1, 1, "Quiet")[0]
    assert total(calm, encode([strange], words)) > total(wild, encode([strange], other_words)) + 1.5


def test_flows_count_by_their_weight() -> None:
    light, words = taught(*some(5, 20), weight=0.01)
    heavy, _ = taught(*some(5, 20), weight=100.0)
    few, many = (total(one, encode([run(True)], words)) for one in (light, heavy))
    assert many == pytest.approx(math.log(4), abs=0.01)
    assert few != pytest.approx(many, abs=0.001)


def test_a_call_that_fails_again_adds_nothing() -> None:
    failures, words = taught(*some(100, 1000))
    once = run(True)
    events = tuple(replace(one, error=one.event_name == "GetItem") for one in make_flow([GET, GET]).events)
    steps, _ = told(failures, encode([replace(make_flow([GET, GET]), events=events)], words))
    assert sum(steps) == pytest.approx(sum(told(failures, encode([once], words))[0]))


def grouped(flows: Encoded, likes: dict[int, int]) -> Encoded:
    return as_data(flows, group=np.array([likes.get(int(one), 0) for one in flows.function]))


@pytest.mark.parametrize(("few", "helped"), [(50, True), (300, False)])
def test_what_its_likes_do_excuses_a_quiet_function_only(few: int, helped: bool) -> None:
    history = [*some_broken(0, few, "Quiet"), *some_broken(200, 1000, "Busy"), *some_broken(0, 1000, "Calm")]
    words = Vocabulary()
    learn_words(history, words)
    flows = encode(history, words)
    quiet, busy, calm = (int(flows.function[at]) for at in (0, few, few + 1000))
    strange, told_in = encode([some_broken(1, 1, "Quiet")[0]], words), []
    for likes in ({quiet: 1, busy: 1, calm: 2}, {quiet: 2, busy: 1, calm: 2}):
        failures = Failures()
        failures.fit(grouped(flows, likes), np.ones(len(flows)))
        told_in.append(total(failures, grouped(strange, likes)))
    if helped:
        assert told_in[0] < told_in[1] - 0.5
    else:
        assert told_in[0] == told_in[1]


def test_a_quiet_function_beside_it_excuses_no_busy_one() -> None:
    history = [*some_broken(0, 50, "Quiet"), *some_broken(500, 1000, "Busy"), *some_broken(0, 1000, "Calm")]
    history += some_broken(0, 2000, "Other")
    words = Vocabulary()
    learn_words(history, words)
    flows = encode(history, words)
    quiet, busy, calm = (int(flows.function[at]) for at in (0, 50, 1050))
    likes = {quiet: 2, busy: 1, calm: 1}
    failures = Failures()
    failures.fit(grouped(flows, likes), np.ones(len(flows)))
    strange, other = some_broken(1, 1, "Calm"), some_broken(1, 1, "Quiet")
    alone = told(failures, grouped(encode(strange, words), likes))[1]
    assert told(failures, grouped(encode(strange + other, words), likes))[1] == alone


def test_rates_of_one_kind_never_mix_with_those_of_another() -> None:
    failures, _ = taught(*some(0, 40, "A"), *some(10, 40, "B"), *some(0, 40, "C"), *some(5, 20, "D"))
    assert [failures.told(number) for number in (1, 2, 3, 4)] == [(0, 40), (10, 40), (0, 40), (5, 20)]


def test_a_call_that_went_well_when_tried_again_surprises_nobody() -> None:
    failures, words = taught(*some(0, 400))
    healed = make_flow([GET, GET, PUT])
    wrong = f"{healed.function_flow_id}-0"
    healed = replace(healed, events=tuple(replace(one, error=one.event_id == wrong) for one in healed.events))
    again = replace(
        healed, events=tuple(replace(one, error=one.event_name == "GetItem") for one in healed.events)
    )
    for flow, surprising in ((healed, False), (again, True)):
        steps, _ = failures.surprise(encode([flow], words))
        assert bool(steps.any()) is surprising


def test_a_run_that_fails_may_fail_at_any_of_its_calls() -> None:
    in_own_code = [make_flow([GET, PUT], flow_id=f"o{n}", error=True) for n in range(20)]
    failures, words = taught(*some(0, 2_000), *in_own_code)
    at_a_call = run(True)
    caught = replace(at_a_call, error=False, events=_but_for_the_run(at_a_call))
    (with_it, whole), (alone, _) = (failures.surprise(encode([one], words)) for one in (at_a_call, caught))
    (silent,) = failures.surprise(encode([in_own_code[0]], words))[1]
    assert with_it.max() == pytest.approx(silent + math.log(2.0))
    assert whole.max() == 0.0, "it is one failure, not two"
    assert alone.max() > with_it.max() + 1.0


def _but_for_the_run(flow: Flow) -> tuple[Event, ...]:
    return tuple(replace(one, error=one.error and one.event_name != "Invocation") for one in flow.events)
